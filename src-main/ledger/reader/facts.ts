import { STATUSES } from "../../../src-shared/status.ts";
import type { MetaKey } from "../entries.ts";
import { schemaVersion } from "../migrate.ts";
import type { ReadableDatabase } from "../open.ts";
import { GRAIN } from "../slots.ts";
import type { GroupRow } from "../writer/chain.ts";
import { type SyncFacts, syncFacts } from "./sync.ts";

export type ChainHead = { group: number; sha256: string; ts: number; accepted: number; removed: number };

export type DatabaseFacts = {
  sqliteVersion: string;
  schemaVersion: number;
  freeBytes: number;
  tables: Record<string, number>;
  meta: Partial<Record<MetaKey, string>>;
  chain: ChainHead | null;
  /** Messages that the statistics know of. */
  stored: number;
  /** Where accepted is not stored and removed: messages that are in excess, or the groups that lack some. */
  mismatches: string[];
  sync: SyncFacts;
};

const MOST_MISMATCHES = 20;

/** Messages from the statistics, which are exact and cost the same however many there are. */
export function countStored(database: ReadableDatabase): number {
  return Number(
    database
      .prepare(
        `SELECT sum(${STATUSES.join(" + ")}) FROM message_counts WHERE dimension = 'all' AND grain = ${GRAIN.block}`,
      )
      .pluck()
      .get() ?? 0,
  );
}

function countRows(database: ReadableDatabase, table: "sessions" | "system_logs"): number {
  return Number(database.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
}

function chainHead(database: ReadableDatabase): ChainHead | null {
  const head = database.prepare("SELECT * FROM chain_groups ORDER BY group_id DESC LIMIT 1").get() as
    | GroupRow
    | undefined;
  if (head === undefined) return null;
  return {
    group: head.group_id,
    sha256: head.sha256.toString("hex"),
    ts: head.recorded_ts,
    accepted: head.accepted_total,
    removed: head.removed_total,
  };
}

/** Reads all groups, so it is for when the sums do not agree. */
function findMismatches(database: ReadableDatabase): string[] {
  const groups = database
    .prepare(
      `SELECT g.group_id FROM chain_groups AS g WHERE g.first_seq IS NOT NULL
         AND (SELECT count(*) FROM message_logs WHERE seq BETWEEN g.first_seq AND g.last_seq)
           <> coalesce((SELECT messages FROM chain_cuts WHERE cut_group = g.group_id ORDER BY cut_id DESC LIMIT 1), g.messages)
       LIMIT ${MOST_MISMATCHES}`,
    )
    .pluck()
    .all() as number[];
  const strays = database
    .prepare(
      `SELECT message_uuid FROM message_logs AS m WHERE coalesce(
         (SELECT last_seq FROM chain_groups WHERE first_seq <= m.seq ORDER BY first_seq DESC LIMIT 1), 0) < m.seq
       LIMIT ${MOST_MISMATCHES}`,
    )
    .pluck()
    .all() as string[];
  return [...strays, ...groups.map((group) => `group ${group}`)];
}

export function databaseFacts(database: ReadableDatabase): DatabaseFacts {
  // From one moment: a commit between two sums is no mismatch.
  return database.transaction(() => {
    const meta = database.prepare("SELECT key, value FROM ledger_meta").raw().all() as [string, string][];
    const chain = chainHead(database);
    const stored = countStored(database);
    const balanced = (chain?.accepted ?? 0) === stored + (chain?.removed ?? 0);
    return {
      sqliteVersion: String(database.prepare("SELECT sqlite_version()").pluck().get()),
      schemaVersion: schemaVersion(database),
      freeBytes:
        Number(database.pragma("freelist_count", { simple: true })) *
        Number(database.pragma("page_size", { simple: true })),
      tables: {
        message_logs: stored,
        sessions: countRows(database, "sessions"),
        system_logs: countRows(database, "system_logs"),
      },
      meta: Object.fromEntries(meta),
      chain,
      stored,
      mismatches: balanced ? [] : findMismatches(database),
      sync: syncFacts(database),
    };
  })();
}
