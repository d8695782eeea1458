import { indexedColumns } from "../../../src-shared/query/tokens.ts";
import type { WritableDatabase } from "../open.ts";

/** A step holds the write lock for some milliseconds: nobody who logs meanwhile notices. */
const ROWS_PER_STEP = 1_000;
/** Far behind, longer steps: the index takes many words at once at half the cost. */
const ROWS_PER_LONG_STEP = 5_000;
const FAR_BEHIND = 20_000;

type IndexableRow = Parameters<typeof indexedColumns>[0] & { seq: number };

function prepare(database: WritableDatabase) {
  return {
    position: database
      .prepare("SELECT CAST(value AS INTEGER) FROM ledger_meta WHERE key = 'search_indexed_seq'")
      .pluck(),
    move: database.prepare("UPDATE ledger_meta SET value = ? WHERE key = 'search_indexed_seq'"),
    last: database.prepare("SELECT max(seq) FROM message_logs").pluck(),
    page: database.prepare(
      `SELECT seq, content_preview, topic, message_type, template_id, template_name, external_id, error_message,
         destination_subject_ids, source_subject_id, user_id, message_data, message_metadata
       FROM message_logs WHERE seq > ? ORDER BY seq LIMIT ?`,
    ),
    add: database.prepare(
      "INSERT INTO message_search (rowid, body, error, recipients, sender, facts) VALUES (?, ?, ?, ?, ?, ?)",
    ),
  };
}

/**
 * Brings the search index up to the records in steps of its own, because words written in the
 * record's transaction would cost it two thirds of its speed. Until then the rows past the
 * index's position are searched directly.
 */
export class SearchIndexer {
  readonly #database: WritableDatabase;
  readonly #statements: ReturnType<typeof prepare>;

  constructor(database: WritableDatabase) {
    this.#database = database;
    this.#statements = prepare(database);
  }

  /** Records not yet indexed, at most (positions that were pruned count too). */
  lag(): number {
    return Math.max(0, Number(this.#statements.last.get() ?? 0) - Number(this.#statements.position.get()));
  }

  /** Indexes one step; how many rows it took, 0 when there is nothing left. Throws SQLite's error. */
  step(): number {
    const lag = this.lag();
    if (lag === 0) return 0;
    const limit = lag > FAR_BEHIND ? ROWS_PER_LONG_STEP : ROWS_PER_STEP;
    const run = this.#database.transaction(() => {
      const position = Number(this.#statements.position.get());
      const rows = this.#statements.page.all(position, limit) as IndexableRow[];
      for (const row of rows) {
        const { body, error, recipients, sender, facts } = indexedColumns(row);
        this.#statements.add.run(row.seq, body, error, recipients, sender, facts);
      }
      const last = rows.at(-1)?.seq ?? this.#statements.last.get();
      this.#statements.move.run(String(last));
      return rows.length;
    });
    return run.immediate();
  }

  /** Forgets the index; the steps make it anew. */
  reset(): void {
    this.#database
      .transaction(() => {
        this.#database.exec("INSERT INTO message_search (message_search) VALUES ('delete-all')");
        this.#statements.move.run("0");
      })
      .immediate();
  }
}
