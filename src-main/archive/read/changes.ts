import type { MessageRecord, StoredMessage } from "../../../src-shared/record.ts";
import type { ArchiveDatabase } from "./archive-database.ts";
import { readRow, WHOLE_RECORD } from "./record-row.ts";
import { lastBatch } from "./snapshot.ts";

/**
 * A batch is numbered while it is written, so one may be committed after another that began later: so many numbers
 * behind the last one are looked at for such.
 */
const LATE_BATCHES = 1_000;
const BATCHES_AT_ONCE = 20;
/** Records may be of 1 MiB each. */
const PAGE = 50;

/** Follows what consumers write: every change once, batch by batch. */
export class ArchiveChanges {
  readonly #database: ArchiveDatabase;
  /** The numbers that were told, or were there before. */
  readonly #told = new Set<number>();
  #last: number | null = null;

  constructor(database: ArchiveDatabase) {
    this.#database = database;
  }

  /** Notes what is there now, so that only what comes later is told. */
  async begin(): Promise<void> {
    const last = await lastBatch(this.#database);
    for (const batch of await this.#batches(last - LATE_BATCHES, LATE_BATCHES)) this.#told.add(batch);
    this.#last = last;
  }

  /** Tells what came since, each with the record as it is now. False where there is nothing more. */
  async next(tell: (message: MessageRecord) => void): Promise<boolean> {
    if (this.#last === null) {
      await this.begin();
      return false;
    }
    const batches = await this.#batches(this.#last - LATE_BATCHES, BATCHES_AT_ONCE);
    for (const batch of batches) {
      await this.#tellBatch(batch, tell);
      this.#told.add(batch);
      this.#last = Math.max(this.#last, batch);
    }
    for (const batch of this.#told) if (batch <= this.#last - LATE_BATCHES) this.#told.delete(batch);
    return batches.length === BATCHES_AT_ONCE;
  }

  async #batches(after: number, limit: number): Promise<number[]> {
    const rows = await this.#database.rows<{ batch: number }>(
      `SELECT e.batch::float8 AS batch FROM message_events AS e
       WHERE e.batch > $1 AND e.batch <> ALL($2::int8[]) GROUP BY 1 ORDER BY 1 LIMIT $3`,
      [after, [...this.#told], limit],
    );
    return rows.map(({ batch }) => batch);
  }

  async #tellBatch(batch: number, tell: (message: MessageRecord) => void): Promise<void> {
    for (let after = ["00000000-0000-0000-0000-000000000000", 0]; ; ) {
      const rows = await this.#database.rows<StoredMessage & { event_revision: number }>(
        `SELECT e.revision AS event_revision, ${WHOLE_RECORD}
         FROM message_events AS e JOIN message_logs AS m ON m.message_uuid = e.message_uuid
         WHERE e.batch = $1 AND (e.message_uuid, e.revision) > ($2::uuid, $3::int4)
         ORDER BY e.message_uuid, e.revision LIMIT ${PAGE}`,
        [batch, ...after],
      );
      for (const { event_revision: _, ...row } of rows) tell(readRow(row));
      const last = rows.at(-1);
      if (rows.length < PAGE || last === undefined) return;
      after = [last.message_uuid, last.event_revision];
    }
  }
}
