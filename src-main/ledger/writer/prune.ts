import { DAY_MS } from "../../../src-shared/time.ts";
import type { WritableDatabase } from "../open.ts";
import { type CountedMessage, prepareRollups, Rollups } from "./rollups.ts";

/** One step holds the write lock for some milliseconds: nobody who logs meanwhile notices. */
const ROWS_PER_STEP = 500;
const PAGES_PER_STEP = 500;

type PrunedRow = CountedMessage & { seq: number; message_uuid: string };

/** Deletes what is older than a time, a step at a time, and corrects the statistics in the same transactions. */
export class Pruner {
  readonly #database: WritableDatabase;
  readonly #before: number;
  readonly #rollups = new Rollups();

  constructor(database: WritableDatabase, before: number) {
    this.#database = database;
    this.#before = before;
  }

  /** Messages that are to go. */
  count(): number {
    return Number(
      this.#database
        .prepare("SELECT count(*) FROM message_logs WHERE origin_ts < ?")
        .pluck()
        .get(this.#before),
    );
  }

  /** Deletes one step of messages with all that belongs to them; how many went. Throws SQLite's error. */
  step(): number {
    const run = this.#database.transaction(() => {
      const rows = this.#database
        .prepare(
          `SELECT seq, message_uuid, session_id, channel, status, origin_ts, sent_ts, delivered_ts, template_id,
             template_name, error_template_id
           FROM message_logs WHERE origin_ts < ? ORDER BY origin_ts, seq LIMIT ${ROWS_PER_STEP}`,
        )
        .all(this.#before) as PrunedRow[];
      const unindex = this.#database.prepare("DELETE FROM message_search WHERE rowid = ?");
      // Its events go with it, by the foreign key.
      const remove = this.#database.prepare("DELETE FROM message_logs WHERE seq = ?");
      const indexed = Number(
        this.#database
          .prepare("SELECT value FROM ledger_meta WHERE key = 'search_indexed_seq'")
          .pluck()
          .get(),
      );
      for (const row of rows) {
        if (row.seq <= indexed) unindex.run(row.seq);
        remove.run(row.seq);
        this.#rollups.subtract(row);
      }
      this.#rollups.write(prepareRollups(this.#database));
      return rows.length;
    });
    return run.immediate();
  }

  /** Deletes old system logs and the old sessions that have no message left. Throws SQLite's error. */
  finish(): void {
    const run = this.#database.transaction(() => {
      this.#database.prepare("DELETE FROM system_logs WHERE ts < ?").run(this.#before);
      this.#database
        .prepare(
          "DELETE FROM sessions WHERE started_ts < ? AND total = 0 AND coalesce(ended_ts, started_ts) < ?",
        )
        .run(this.#before, this.#before);
    });
    run.immediate();
  }
}

export function cutOff(days: number, now: number): number {
  return now - days * DAY_MS;
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
