import { performance } from "node:perf_hooks";
import { changesOf, type GroupContent, GroupReader, rowsOf } from "../chain-content.ts";
import { inCut } from "../cut-sql.ts";
import type { WritableDatabase } from "../open.ts";
import type { Cut } from "../retention-plan.ts";
import { type CountedMessage, count, emptyTally } from "../tally.ts";
import { Chain, type CutRow, type GroupRow, restHash, sha256 } from "./chain.ts";
import { Rollups } from "./rollups.ts";

/** A step deletes for so long and then commits: nobody who logs meanwhile notices. */
const STEP_MS = 3;
/** With little room left on the disk a step writes little to the log. */
const FEW_ROWS = 20;
const FEW_PAGES = 20;
/** What is left of a group is hashed anew with each cut, so a step also ends after so much of that. */
const HASHED_PER_STEP = 1_000;
const ROWS_PER_STEP = 500;
const PAGES_PER_STEP = 200;
const MERGED_PER_STEP = 64;
/** Percent of a part of the search index: SQLite's own measure of when merging it is worth while. */
const MERGED_WHEN_DELETED = 10;

type PrunedRow = CountedMessage & {
  seq: number;
  message_uuid: string;
  revision: number;
  error_template_id: number | null;
};

/** Messages of a cut by position; with revisions only those go that did not change since they were read. */
export type CutKeys = { cut: Cut; seqs: Float64Array; revisions: Float64Array | null };

/**
 * Deletes messages, a step at a time. In the transaction of each step the statistics are corrected and the
 * chain signs what was cut out of which group, so that what is left can still be proven.
 */
export class Pruner {
  readonly #database: WritableDatabase;
  readonly #keys: CutKeys;
  readonly #parameters: Record<string, string | number>;
  readonly #statements;

  constructor(database: WritableDatabase, keys: CutKeys) {
    this.#database = database;
    this.#keys = keys;
    const { where, parameters } = inCut(keys.cut);
    this.#parameters = parameters;
    this.#statements = {
      // Its status may have changed since it was chosen.
      find: database.prepare(
        `SELECT seq, message_uuid, session_id, channel, status, origin_ts, sent_ts, delivered_ts, template_id, template_name,
           destination_subject_ids, error_template_id, revision
         FROM message_logs WHERE seq = @seq AND ${where}`,
      ),
      unindex: database.prepare("DELETE FROM message_search WHERE rowid = ?"),
      removeEvents: database.prepare("DELETE FROM message_events WHERE message_seq = ?"),
      remove: database.prepare("DELETE FROM message_logs WHERE seq = ?"),
      // Told to delete what a sink has not had: what is parked goes with its message, and is counted as removed.
      forgetParked: database.prepare(
        `UPDATE sync_streams SET removed = removed + (SELECT count(*) FROM sync_parked AS p
           WHERE p.sink = sync_streams.sink AND p.stream = 'message' AND p.id = @uuid)
         WHERE stream = 'message'`,
      ),
      removeParked: database.prepare("DELETE FROM sync_parked WHERE id = ? AND stream = 'message'"),
      isAnyParked: database.prepare("SELECT 1 FROM sync_parked LIMIT 1").pluck(),
      indexed: database.prepare("SELECT value FROM ledger_meta WHERE key = 'search_indexed_seq'").pluck(),
    };
  }

  /** Deletes one step from that key on, with all that belongs to the messages; where to go on. Throws SQLite's error. */
  step(from: number, isShortOfRoom = false): { next: number; removed: number } {
    const most = isShortOfRoom ? FEW_ROWS : Number.POSITIVE_INFINITY;
    const done = this.#database.transaction(() => this.#cut(from, most)).immediate();
    if (isShortOfRoom) emptyLog(this.#database);
    return done;
  }

  #cut(from: number, most: number): { next: number; removed: number } {
    const { seqs, revisions, cut } = this.#keys;
    const { find, unindex, removeEvents, remove } = this.#statements;
    const until = performance.now() + STEP_MS;
    const cuts = new Cuts(this.#database);
    const tally = emptyTally();
    const indexed = Number(this.#statements.indexed.get());
    const isAnyParked = this.#statements.isAnyParked.get() !== undefined;
    putOffMerges(this.#database);
    let removed = 0;
    let next = from;
    for (; next < seqs.length; next += 1) {
      const isLong = cuts.read >= HASHED_PER_STEP || performance.now() > until;
      if (next > from && (isLong || removed >= most)) break;
      const row = find.get({ ...this.#parameters, seq: seqs[next] }) as PrunedRow | undefined;
      if (row === undefined || (revisions !== null && revisions[next] !== row.revision)) continue;
      cuts.take(row.seq);
      if (row.seq <= indexed) unindex.run(row.seq);
      if (isAnyParked) {
        this.#statements.forgetParked.run({ uuid: row.message_uuid });
        this.#statements.removeParked.run(row.message_uuid);
      }
      removeEvents.run(row.seq);
      remove.run(row.seq);
      count(tally, row, row.error_template_id, -1);
      removed += 1;
    }
    if (removed > 0) {
      new Rollups(this.#database).write(tally);
      cuts.sign(cut.reason, Date.now());
    }
    return { next, removed };
  }
}

/** Of its own type alone: nobody's record is deleted one by one. */
const PROBE =
  "SELECT seq, revision, origin_ts FROM message_logs WHERE message_uuid = ? AND message_type = 'probe'";

/**
 * Deletes a probe, signed as any other cut; whether it is gone. It stays where a sink that is on has not had it as it is
 * now. Throws SQLite's error.
 */
export function removeProbe(database: WritableDatabase, message_uuid: string): boolean {
  const found = database.prepare(PROBE).get(message_uuid) as
    | { seq: number; revision: number; origin_ts: number }
    | undefined;
  if (found === undefined) return false;
  const { seq, revision, origin_ts } = found;
  const before = { ts: origin_ts, seq: seq + 1 };
  const cut: Cut = { channel: null, status: null, before, until: seq, reason: "A probe of the systems" };
  const keys = { cut, seqs: Float64Array.of(seq), revisions: Float64Array.of(revision) };
  return new Pruner(database, keys).step(0).removed === 1;
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

/** Deletes a step of old system logs; how many went. Throws SQLite's error. */
export function pruneSystemLogs(database: WritableDatabase, before: number): number {
  return database
    .prepare(
      `DELETE FROM system_logs WHERE id IN
         (SELECT id FROM system_logs WHERE ts < ? ORDER BY ts LIMIT ${ROWS_PER_STEP})`,
    )
    .run(before).changes;
}

/** Old sessions, of one channel or of any. */
export type OldSessions = { channel: string | null; before: number; delete_unsent: 0 | 1 };
export type SessionPlace = { started_ts: number; session_id: string };

/**
 * Looks through a step of old sessions and deletes those that have no message left; where to go on, null
 * at the end. Throws SQLite's error.
 */
export function pruneSessions(
  database: WritableDatabase,
  { channel, before, delete_unsent }: OldSessions,
  after: SessionPlace,
): SessionPlace | null {
  const page = database
    .prepare(
      `SELECT started_ts, session_id FROM sessions
       WHERE (started_ts, session_id) > (@started_ts, @session_id) AND started_ts < @before
       ORDER BY started_ts, session_id LIMIT ${ROWS_PER_STEP}`,
    )
    .all({ ...after, before }) as SessionPlace[];
  const last = page.at(-1);
  if (last === undefined) return null;
  database
    .prepare(
      `DELETE FROM sessions WHERE (started_ts, session_id) > (@started_ts, @session_id)
         AND (started_ts, session_id) <= (@last_ts, @last_id) AND total = 0
         AND coalesce(ended_ts, started_ts) < @before AND (@channel IS NULL OR channel = @channel)
         AND (@delete_unsent = 1 OR NOT EXISTS (
           SELECT 1 FROM session_changes AS c WHERE c.session_id = sessions.session_id AND c.change_id > (
             SELECT min(coalesce(s.position, 0)) FROM sync_sinks AS k
             LEFT JOIN sync_streams AS s ON s.sink = k.sink AND s.stream = 'session'
             WHERE k.enabled = 1 AND k.sink = 'supabase')))`,
    )
    .run({ ...after, last_ts: last.started_ts, last_id: last.session_id, before, channel, delete_unsent });
  return last;
}

/** Forgets when what is gone was delivered. Throws SQLite's error. */
export function pruneDeliveries(database: WritableDatabase): void {
  database.exec(`
    DELETE FROM sync_deliveries WHERE stream = 'message'
      AND position < (SELECT coalesce(min(event_id), 0) FROM message_events);
    DELETE FROM sync_deliveries WHERE stream = 'session'
      AND position < (SELECT coalesce(min(change_id), 0) FROM session_changes);
  `);
}

/**
 * Merges some of the search index, so that deleted words give up their pages; false where there is no more
 * to do. Throws SQLite's error.
 */
export function mergeStep(database: WritableDatabase): boolean {
  const changes = database.prepare("SELECT total_changes()").pluck();
  return database
    .transaction(() => {
      configureSearch(database, "deletemerge", MERGED_WHEN_DELETED);
      const before = Number(changes.get());
      configureSearch(database, "merge", MERGED_PER_STEP);
      const merged = Number(changes.get()) - before;
      configureSearch(database, "deletemerge", 0);
      // As SQLite documents it: below two rows nothing was merged.
      return merged >= 2;
    })
    .immediate();
}

/** Each step would merge the index for tens of milliseconds otherwise; `mergeStep` does it once all is deleted. */
function putOffMerges(database: WritableDatabase): void {
  const set = database.prepare("SELECT v FROM message_search_config WHERE k = 'deletemerge'").pluck();
  if (set.get() !== 0) configureSearch(database, "deletemerge", 0);
}

function configureSearch(database: WritableDatabase, command: string, value: number): void {
  database
    .prepare("INSERT INTO message_search (message_search, rank) VALUES (?, CAST(? AS INTEGER))")
    .run(command, value);
}

/** Free pages in the file, and how large a page is. */
export function freePages(database: WritableDatabase): { pages: number; pageBytes: number } {
  return {
    pages: Number(database.pragma("freelist_count", { simple: true })),
    pageBytes: Number(database.pragma("page_size", { simple: true })),
  };
}

/** Gives some free pages back to the disk; how many are left. Throws SQLite's error. */
export function vacuumStep(database: WritableDatabase, isShortOfRoom = false): number {
  database.pragma(`incremental_vacuum(${isShortOfRoom ? FEW_PAGES : PAGES_PER_STEP})`);
  if (isShortOfRoom) emptyLog(database);
  return freePages(database).pages;
}

/** Gives the room of the write-ahead log back, as far as no reader is in the way. Throws SQLite's error. */
function emptyLog(database: WritableDatabase): void {
  database.pragma("wal_checkpoint(TRUNCATE)");
}
