import { changesOf, GroupReader, rowsOf } from "../chain-content.ts";
import type { ReadableDatabase } from "../open.ts";
import { type CutRow, type GroupRow, groupHash, restHash, sha256 } from "../writer/chain.ts";

export type ChainFindings = {
  /** Groups that hold. */
  groups: number;
  /** The first that does not, and how; null where all hold. */
  broken: { group: number; message: string } | null;
};

/** Reads every group with its records and makes its hash anew. Throws SQLite's error. */
export function checkChain(database: Pick<ReadableDatabase, "prepare">): ChainFindings {
  const reader = new GroupReader(database);
  const lastCut = database.prepare(
    "SELECT * FROM chain_cuts WHERE cut_group = ? ORDER BY cut_id DESC LIMIT 1",
  );
  const page = database.prepare("SELECT * FROM chain_groups WHERE group_id > ? ORDER BY group_id LIMIT 500");
  let before: GroupRow | undefined;
  let coveredSeq = 0;
  for (;;) {
    const groups = page.all(before?.group_id ?? 0) as GroupRow[];
    if (groups.length === 0) break;
    for (const group of groups) {
      const cut = lastCut.get(group.group_id) as CutRow | undefined;
      const message =
        linkFault(group, before) ??
        strayFault(database, group, coveredSeq) ??
        fault(reader, group, before, cut);
      if (message !== null)
        return { groups: before?.group_id ?? 0, broken: { group: group.group_id, message } };
      coveredSeq = group.last_seq ?? coveredSeq;
      before = group;
    }
  }
  const stray = strayAfter(database, coveredSeq);
  const broken = stray === null ? null : { group: (before?.group_id ?? 0) + 1, message: stray };
  return { groups: before?.group_id ?? 0, broken };
}

function linkFault(group: GroupRow, before: GroupRow | undefined): string | null {
  const expected = (before?.group_id ?? 0) + 1;
  return group.group_id === expected ? null : `Group ${expected} of the chain is not there`;
}

/** Records between two groups came there past Waybill. */
function strayFault(
  database: Pick<ReadableDatabase, "prepare">,
  group: GroupRow,
  covered: number,
): string | null {
  if (group.first_seq === null || group.first_seq === covered + 1) return null;
  const stray = database
    .prepare("SELECT message_uuid FROM message_logs WHERE seq > ? AND seq < ? LIMIT 1")
    .pluck()
    .get(covered, group.first_seq);
  return stray === undefined ? null : `Message ${stray} is in no group of the chain`;
}

function strayAfter(database: Pick<ReadableDatabase, "prepare">, covered: number): string | null {
  const stray = database
    .prepare("SELECT message_uuid FROM message_logs WHERE seq > ? LIMIT 1")
    .pluck()
    .get(covered);
  return stray === undefined ? null : `Message ${stray} is in no group of the chain`;
}

function fault(
  reader: GroupReader,
  group: GroupRow,
  before: GroupRow | undefined,
  cut: CutRow | undefined,
): string | null {
  const name = `Group ${group.group_id} (${new Date(group.recorded_ts).toISOString()})`;
  try {
    const content = reader.read(group);
    const rows = rowsOf(content);
    const changes = changesOf(content);
    const left = cut ?? group;
    if (content.rows.size !== left.messages)
      return `${name} should have ${left.messages} messages and has ${content.rows.size}`;
    if (content.changes.size !== left.changes)
      return `${name} should have ${left.changes} changes of status and has ${content.changes.size}`;
    if (cut !== undefined && restHash(rows, changes) !== cut.sha256?.toString("hex"))
      return `What retention left of ${name.toLowerCase()} was altered`;
    const digests =
      cut === undefined
        ? { rows: sha256(rows), changes: sha256(changes) }
        : {
            rows: cut.rows_sha256?.toString("hex") ?? "",
            changes: cut.changes_sha256?.toString("hex") ?? "",
          };
    const previous = before?.sha256.toString("hex") ?? null;
    if (groupHash(group, previous, digests) === group.sha256.toString("hex")) return null;
    return `${name}: a record in it, or the group itself, was altered after it was sealed`;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError)
      return `${name} can't be read: ${error.message}`;
    throw error;
  }
}
