import type { MessageRecord, StoredMessage } from "../../../src-shared/record.ts";
import type { ReadableDatabase } from "../open.ts";
import { readRecord } from "./from-row.ts";
import { takePage } from "./page.ts";

const MOST_CHANGES = 500;

export type Changes = {
  changes: { change_id: number; message: MessageRecord }[];
  /** The position to ask from next. */
  position: number;
};

export function lastChange(database: ReadableDatabase): number {
  return Number(database.prepare("SELECT max(event_id) FROM message_events").pluck().get() ?? 0);
}

/** What was accepted after a position, by any process, in order; each with the record as it is now. */
export function changesAfter(database: ReadableDatabase, position: number): Changes {
  const found = database
    .prepare(
      `SELECT e.event_id, m.* FROM message_events AS e JOIN message_logs AS m ON m.seq = e.message_seq
       WHERE e.event_id > ? ORDER BY e.event_id LIMIT ${MOST_CHANGES}`,
    )
    .iterate(position) as IterableIterator<StoredMessage & { event_id: number }>;
  const { rows } = takePage(found, MOST_CHANGES);
  return {
    changes: rows.map((row) => ({ change_id: row.event_id, message: readRecord(row) })),
    position: rows.at(-1)?.event_id ?? position,
  };
}
