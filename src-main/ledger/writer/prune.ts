import { DAY_MS } from "../../../src-shared/time.ts";
import { changesOf, type GroupContent, GroupReader, rowsOf } from "../chain-content.ts";
import type { WritableDatabase } from "../open.ts";
import { type CountedMessage, count, emptyTally } from "../tally.ts";
import { Chain, type CutRow, type GroupRow, restHash, sha256 } from "./chain.ts";
import { Rollups } from "./rollups.ts";

/** One step holds the write lock for some milliseconds: nobody who logs meanwhile notices. */
const ROWS_PER_STEP = 500;
/** What is left of a group is hashed anew with each cut, so a step also ends after so much of that. */
const HASHED_PER_STEP = 4_000;
const PAGES_PER_STEP = 500;

type PrunedRow = CountedMessage & { seq: number; error_template_id: number | null };

/** Which messages are to go, as SQL over `message_logs` that an index leads, with the reason that the chain signs. */
export type Selection = { where: string; parameters: Record<string, string | number>; reason: string };

export function olderThan(before: number): Selection {
  return {
    where: "origin_ts < @before",
    parameters: { before },
    reason: `Retention: before ${new Date(before).toISOString()}`,
  };
}

export function cutOff(days: number, now: number): number {
  return now - days * DAY_MS;
}

/**
 * Deletes messages, a step at a time. In the transaction of each step the statistics are corrected and the
 * chain signs what was cut out of which group, so that what is left can still be proven.
 */
export class Pruner {
  readonly #database: WritableDatabase;
  readonly #selection: Selection;

  constructor(database: WritableDatabase, selection: Selection) {
    this.#database = database;
    this.#selection = selection;
  }

  /** Messages that are to go. */
  count(): number {
    const { where, parameters } = this.#selection;
    return Number(
      this.#database.prepare(`SELECT count(*) FROM message_logs WHERE ${where}`).pluck().get(parameters),
    );
  }

  /** Deletes one step of messages, `most` at most, with all that belongs to them; how many went. Throws SQLite's error. */
  step(most = ROWS_PER_STEP): number {
    return this.#database.transaction(() => this.#cut(this.#select(most))).immediate();
  }

  #select(most: number): PrunedRow[] {
    const { where, parameters } = this.#selection;
    return this.#database
      .prepare(
        `SELECT seq, session_id, channel, status, origin_ts, sent_ts, delivered_ts, template_id, template_name,
           destination_subject_ids, error_template_id
         FROM message_logs WHERE ${where} ORDER BY origin_ts LIMIT @most`,
      )
      .all({ ...parameters, most: Math.min(most, ROWS_PER_STEP) }) as PrunedRow[];
  }

  #cut(rows: readonly PrunedRow[]): number {
    if (rows.length === 0) return 0;
    const cuts = new Cuts(this.#database);
    const tally = emptyTally();
    const unindex = this.#database.prepare("DELETE FROM message_search WHERE rowid = ?");
    const removeEvents = this.#database.prepare("DELETE FROM message_events WHERE message_seq = ?");
    const remove = this.#database.prepare("DELETE FROM message_logs WHERE seq = ?");
    const indexed = Number(
      this.#database.prepare("SELECT value FROM ledger_meta WHERE key = 'search_indexed_seq'").pluck().get(),
    );
    let removed = 0;
    for (const row of rows) {
      if (removed > 0 && cuts.read >= HASHED_PER_STEP) break;
      cuts.take(row.seq);
      if (row.seq <= indexed) unindex.run(row.seq);
      removeEvents.run(row.seq);
      remove.run(row.seq);
      count(tally, row, row.error_template_id, -1);
      removed += 1;
    }
    new Rollups(this.#database).write(tally);
    cuts.sign(this.#selection.reason, Date.now());
    return removed;
  }
}

type TouchedGroup = { group: GroupRow; content: GroupContent; was: Pick<CutRow, Digest>; removed: number };
type Digest = "rows_sha256" | "changes_sha256";

/** The groups that one step takes messages out of. */
class Cuts {
  readonly #database: WritableDatabase;
  readonly #reader: GroupReader;
  readonly #touched = new Map<number, TouchedGroup>();
  readonly #statements;
  /** Rows and changes that were read to hash them. */
  read = 0;

  constructor(database: WritableDatabase) {
    this.#database = database;
    this.#reader = new GroupReader(database);
    this.#statements = {
      bySeq: database.prepare(
        "SELECT * FROM chain_groups WHERE first_seq <= ? ORDER BY first_seq DESC LIMIT 1",
      ),
      byEvent: database.prepare(
        "SELECT * FROM chain_groups WHERE first_event <= ? ORDER BY first_event DESC LIMIT 1",
      ),
      changes: database
        .prepare("SELECT event_id FROM message_events WHERE message_seq = ? AND replaced IS NOT NULL")
        .pluck(),
      lastCut: database.prepare(
        "SELECT rows_sha256, changes_sha256 FROM chain_cuts WHERE cut_group = ? ORDER BY cut_id DESC LIMIT 1",
      ),
    };
  }

  /** Takes a message that is about to be deleted out of the groups that it and its changes are in. */
  take(seq: number): void {
    const home = this.#touch(this.#statements.bySeq.get(seq) as GroupRow | undefined);
    if (home?.content.rows.delete(seq)) home.removed += 1;
    for (const event of this.#statements.changes.all(seq) as number[]) {
      this.#touch(this.#statements.byEvent.get(event) as GroupRow | undefined)?.content.changes.delete(event);
    }
  }

  sign(reason: string, at: number): void {
    const chain = new Chain(this.#database);
    for (const { group, content, was, removed } of this.#touched.values()) {
      chain.addCut({
        cut_group: group.group_id,
        recorded_ts: at,
        reason,
        removed,
        messages: content.rows.size,
        changes: content.changes.size,
        sha256: Buffer.from(restHash(rowsOf(content), changesOf(content)), "hex"),
        ...was,
      });
    }
    chain.seal(at);
  }

  #touch(group: GroupRow | undefined): TouchedGroup | undefined {
    if (group === undefined) return undefined;
    const known = this.#touched.get(group.group_id);
    if (known !== undefined) return known;
    const content = this.#reader.read(group);
    this.read += content.rows.size + content.changes.size;
    const lastCut = this.#statements.lastCut.get(group.group_id) as Pick<CutRow, Digest> | undefined;
    const was = lastCut ?? {
      rows_sha256: Buffer.from(sha256(rowsOf(content)), "hex"),
      changes_sha256: Buffer.from(sha256(changesOf(content)), "hex"),
    };
    const touched = { group, content, was, removed: 0 };
    this.#touched.set(group.group_id, touched);
    return touched;
  }
}

/** Deletes old system logs. Throws SQLite's error. */
export function pruneSystemLogs(database: WritableDatabase, before: number): void {
  database.prepare("DELETE FROM system_logs WHERE ts < ?").run(before);
}

/** Deletes the old sessions that have no message left. Throws SQLite's error. */
export function pruneSessions(database: WritableDatabase, before: number): void {
  database
    .prepare("DELETE FROM sessions WHERE started_ts < ? AND total = 0 AND coalesce(ended_ts, started_ts) < ?")
    .run(before, before);
}

/** Free pages in the file, and how large a page is. */
export function freePages(database: WritableDatabase): { pages: number; pageBytes: number } {
  return {
    pages: Number(database.pragma("freelist_count", { simple: true })),
    pageBytes: Number(database.pragma("page_size", { simple: true })),
  };
}

/** Gives some free pages back to the disk; how many are left. Throws SQLite's error. */
export function vacuumStep(database: WritableDatabase): number {
  database.pragma(`incremental_vacuum(${PAGES_PER_STEP})`);
  return freePages(database).pages;
}
