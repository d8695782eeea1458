import { hash } from "node:crypto";
import type { Receipt } from "../../../src-shared/contract/messages.ts";
import type { LoggedRow } from "../chain-content.ts";
import { RUN_MESSAGES, rowText } from "../message-run.ts";
import type { WritableDatabase } from "../open.ts";
import type { Head } from "./head-file.ts";

/** A change of status as `message_events` keeps it; `replaced` is what it did to the record, as JSON. */
export type ChangeRow = {
  event_id: number;
  message_uuid: string;
  status: string;
  ts: number;
  recorded_ts: number;
  applied: number;
  external_id: string | null;
  error_message: string | null;
  replaced: string | null;
};

export type CutRow = {
  cut_id: number;
  signed_by: number;
  cut_group: number | null;
  recorded_ts: number;
  reason: string;
  removed: number;
  messages: number;
  changes: number;
  /** The hash over what is left; null where the cut is of no group. */
  sha256: Buffer | null;
  /** What the group was sealed over, so that its own hash can still be made. */
  rows_sha256: Buffer | null;
  changes_sha256: Buffer | null;
};

export type GroupRow = {
  group_id: number;
  recorded_ts: number;
  first_seq: number | null;
  last_seq: number | null;
  first_event: number | null;
  last_event: number | null;
  messages: number;
  changes: number;
  accepted_total: number;
  removed_total: number;
  sha256: Buffer;
};

export function sha256(text: string): string {
  return hash("sha256", text, "hex");
}

export function changeText(change: ChangeRow): string {
  return JSON.stringify([
    change.event_id,
    change.message_uuid,
    change.status,
    change.ts,
    change.recorded_ts,
    change.applied,
    change.external_id,
    change.error_message,
    change.replaced,
  ]);
}

export function cutText(cut: Omit<CutRow, "signed_by">): string {
  const { cut_id, cut_group, recorded_ts, reason, removed, messages, changes } = cut;
  const digests = [cut.sha256, cut.rows_sha256, cut.changes_sha256].map(
    (digest) => digest?.toString("hex") ?? null,
  );
  return JSON.stringify([
    "cut",
    cut_id,
    cut_group,
    recorded_ts,
    reason,
    removed,
    messages,
    changes,
    ...digests,
  ]);
}

/** What the hash of a group is over: its place, its figures, the group before, and what is in it. */
export function groupHash(
  group: Omit<GroupRow, "sha256">,
  previous: string | null,
  digests: { rows: string; changes: string },
): string {
  return sha256(
    JSON.stringify([
      group.group_id,
      group.recorded_ts,
      group.first_seq,
      group.last_seq,
      group.first_event,
      group.last_event,
      group.messages,
      group.changes,
      group.accepted_total,
      group.removed_total,
      previous,
      digests.rows,
      digests.changes,
    ]),
  );
}

/** The hash over what retention left of a group. */
export function restHash(rows: string, changes: string): string {
  return sha256(JSON.stringify([sha256(rows), sha256(changes)]));
}

/** What a group has gathered and has not sealed yet. */
type Open = {
  rows: string;
  messages: number;
  firstSeq: number | null;
  lastSeq: number | null;
  changes: string[];
  firstEvent: number | null;
  lastEvent: number | null;
  cuts: string[];
  removed: number;
};

function openGroup(): Open {
  return {
    rows: "",
    messages: 0,
    firstSeq: null,
    lastSeq: null,
    changes: [],
    firstEvent: null,
    lastEvent: null,
    cuts: [],
    removed: 0,
  };
}

/**
 * Extends the chain of one open ledger. All of it runs inside the caller's transaction, which is
 * the writer's alone, so that the head that was read is still the head.
 */
export class Chain {
  readonly #statements: ReturnType<typeof prepare>;
  #open = openGroup();
  #head: GroupRow | undefined;
  #headIsRead = false;

  constructor(database: WritableDatabase) {
    this.#statements = prepare(database);
  }

  /** The head of the chain; null before the first group. */
  get receipt(): Receipt | null {
    const head = this.#readHead();
    return head === undefined ? null : { group: head.group_id, sha256: head.sha256.toString("hex") };
  }

  get reached(): Head | null {
    const head = this.#readHead();
    return head === undefined
      ? null
      : { group: head.group_id, stored: head.accepted_total - head.removed_total };
  }

  /** Forgets what was gathered, when its transaction was rolled back, and the head, which others may move. */
  reset(): void {
    this.#open = openGroup();
    this.#headIsRead = false;
  }

  /** To come back to with `backTo` when the entry that follows is undone. */
  mark(): Open {
    return { ...this.#open, changes: [...this.#open.changes], cuts: [...this.#open.cuts] };
  }

  backTo(mark: Open): void {
    this.#open = mark;
  }

  /** Messages that were written in this order, with their rows' texts parted by commas. */
  addMessages(firstSeq: number, lastSeq: number, count: number, rows: string, at: number): void {
    if (this.#open.messages > 0 && this.#open.messages + count > RUN_MESSAGES) this.seal(at);
    const open = this.#open;
    open.rows = open.messages === 0 ? rows : `${open.rows},${rows}`;
    open.messages += count;
    open.firstSeq ??= firstSeq;
    open.lastSeq = lastSeq;
  }

  addChange(change: ChangeRow): void {
    this.#open.changes.push(changeText(change));
    this.#open.firstEvent ??= change.event_id;
    this.#open.lastEvent = change.event_id;
  }

  /** Signs that messages were taken out of a group. */
  addCut(cut: Omit<CutRow, "cut_id" | "signed_by">): void {
    const group = this.#nextId();
    const { lastInsertRowid } = this.#statements.insertCut.run({ ...cut, signed_by: group });
    this.#open.cuts.push(cutText({ ...cut, cut_id: Number(lastInsertRowid) }));
    this.#open.removed += cut.removed;
  }

  /** Signs that something befell the whole ledger, such as a restore. */
  addNote(reason: string, at: number): void {
    this.addCut({
      cut_group: null,
      recorded_ts: at,
      reason,
      removed: 0,
      messages: 0,
      changes: 0,
      sha256: null,
      rows_sha256: null,
      changes_sha256: null,
    });
  }

  /** Ends the group: writes its hash over what it gathered and over the group before. */
  seal(at: number): void {
    const { rows, messages, firstSeq, lastSeq, changes, firstEvent, lastEvent, cuts, removed } = this.#open;
    if (messages === 0 && changes.length === 0 && cuts.length === 0) return;
    const head = this.#readHead();
    const group = {
      group_id: this.#nextId(),
      recorded_ts: at,
      first_seq: firstSeq,
      last_seq: lastSeq,
      first_event: firstEvent,
      last_event: lastEvent,
      messages,
      changes: changes.length,
      accepted_total: (head?.accepted_total ?? 0) + messages,
      removed_total: (head?.removed_total ?? 0) + removed,
    };
    const previous = head?.sha256.toString("hex") ?? null;
    const digests = { rows: sha256(rows), changes: sha256([...changes, ...cuts].join(",")) };
    const digest = groupHash(group, previous, digests);
    const sealed = { ...group, sha256: Buffer.from(digest, "hex") };
    this.#statements.insertGroup.run(sealed);
    this.#head = sealed;
    this.#open = openGroup();
  }

  #nextId(): number {
    return (this.#readHead()?.group_id ?? 0) + 1;
  }

  #readHead(): GroupRow | undefined {
    if (!this.#headIsRead) {
      this.#head = this.#statements.head.get() as GroupRow | undefined;
      this.#headIsRead = true;
    }
    return this.#head;
  }
}

function prepare(database: WritableDatabase) {
  return {
    head: database.prepare("SELECT * FROM chain_groups ORDER BY group_id DESC LIMIT 1"),
    insertGroup: database.prepare(
      `INSERT INTO chain_groups (group_id, recorded_ts, first_seq, last_seq, first_event, last_event, messages, changes,
         accepted_total, removed_total, sha256)
       VALUES (@group_id, @recorded_ts, @first_seq, @last_seq, @first_event, @last_event, @messages, @changes,
         @accepted_total, @removed_total, @sha256)`,
    ),
    insertCut: database.prepare(
      `INSERT INTO chain_cuts (signed_by, cut_group, recorded_ts, reason, removed, messages, changes, sha256, rows_sha256,
         changes_sha256)
       VALUES (@signed_by, @cut_group, @recorded_ts, @reason, @removed, @messages, @changes, @sha256, @rows_sha256,
         @changes_sha256)`,
    ),
  };
}

/** Begins the chain with the records that are there. Runs inside the caller's transaction. */
export function sealExisting(database: WritableDatabase, reason: string, at: number): void {
  const chain = new Chain(database);
  const page = database.prepare(
    `SELECT * FROM message_logs WHERE seq > ? ORDER BY seq LIMIT ${RUN_MESSAGES}`,
  );
  for (let last = 0; ; ) {
    const rows = page.all(last) as LoggedRow[];
    const final = rows.at(-1);
    if (final === undefined) break;
    const texts = rows.map((row) => rowText(row, row.error_template_id, row.recorded_ts ?? 0)).join(",");
    chain.addMessages(rows[0]?.seq ?? final.seq, final.seq, rows.length, texts, at);
    last = final.seq;
  }
  chain.addNote(reason, at);
  chain.seal(at);
}
