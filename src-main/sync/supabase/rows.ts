import { MESSAGE_FIELDS, type MessageRecord } from "../../../src-shared/record.ts";
import type { SessionFacts } from "../../ledger/reader/outbox.ts";
import type { MessageChange, SessionChange } from "../sink.ts";
import { storableText, storableTime } from "./storable.ts";
import type { RowToSend } from "./upsert-rows.ts";

export const SESSION_FIELDS = [
  "session_id",
  "user_id",
  "channel",
  "template_id",
  "template_name",
  "started_ts",
  "ended_ts",
  "metadata",
  "revision",
] as const satisfies readonly (keyof SessionFacts)[];

const TIMES: ReadonlySet<string> = new Set([
  "origin_ts",
  "sent_ts",
  "delivered_ts",
  "read_ts",
  "ack_ts",
  "started_ts",
  "ended_ts",
]);

export function messageRows(changes: readonly MessageChange[]): RowToSend[] {
  return rowsOf<MessageRecord>(changes, "message_uuid", MESSAGE_FIELDS);
}

export function sessionRows(changes: readonly SessionChange[]): RowToSend[] {
  return rowsOf<SessionFacts>(changes, "session_id", SESSION_FIELDS);
}

/** Each row once, with its highest revision: PostgreSQL does not upsert one row twice at once. */
function rowsOf<R extends { revision: number }>(
  changes: readonly { record: R }[],
  key: keyof R,
  fields: readonly (keyof R & string)[],
): RowToSend[] {
  const newest = new Map<string, { record: R; indexes: number[] }>();
  for (const [index, { record }] of changes.entries()) {
    const id = storableText(String(record[key]));
    const known = newest.get(id);
    if (known === undefined) newest.set(id, { record, indexes: [index] });
    else {
      known.indexes.push(index);
      if (record.revision > known.record.revision) known.record = record;
    }
  }
  return [...newest.values()].map(({ record, indexes }) => {
    const row = rowOf(record, fields);
    return { row, characters: charactersOf(row), indexes };
  });
}

function rowOf<R>(record: R, fields: readonly (keyof R & string)[]): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  for (const field of fields) {
    const value = record[field];
    row[field] = TIMES.has(field) && typeof value === "string" ? storableTime(value) : value;
  }
  return row;
}

/** How large it is as JSON; 0 for one that can't be written, which its request then tells. */
function charactersOf(row: object): number {
  try {
    return JSON.stringify(row).length;
  } catch {
    return 0;
  }
}
