import { MESSAGE_FIELDS, type MessageRecord } from "../../../src-shared/record.ts";

/** A record as JSON, and what is to be known of it to send it. */
export type RecordText = Pick<MessageRecord, "message_uuid" | "revision" | "channel" | "status"> & {
  json: string;
};

const TIMES = new Set<string>(["origin_ts", "sent_ts", "delivered_ts", "read_ts", "ack_ts"]);
/** Kept as JSON already, or as numbers, which are written as JSON writes them. */
const AS_THEY_ARE = new Set<string>([
  "destination_subject_ids",
  "message_data",
  "message_metadata",
  "revision",
]);

/**
 * SQL of the record of `m` as `toRecord` and `JSON.stringify` write it, byte for byte, without an object for each.
 * Only of rows for which `HOLDS_JSON` is true.
 */
export const RECORD_TEXT = `format(
  '{${MESSAGE_FIELDS.map((field) => `"${field}":%s`).join(",")}}',
  ${MESSAGE_FIELDS.map(jsonOf).join(",\n  ")}
)`;

/** SQL: false for a page that was overwritten, which SQLite reads without an error, and for JSON deeper than it takes. */
export const HOLDS_JSON =
  "json_valid(m.destination_subject_ids) AND json_valid(m.message_data) AND json_valid(m.message_metadata)";

export function toText(record: MessageRecord): RecordText {
  const { message_uuid, revision, channel, status } = record;
  return { message_uuid, revision, channel, status, json: JSON.stringify(record) };
}

function jsonOf(field: string): string {
  if (AS_THEY_ARE.has(field)) return `m.${field}`;
  if (!TIMES.has(field)) return `json_quote(m.${field})`;
  return `coalesce(strftime('"%Y-%m-%dT%H:%M:%fZ"', m.${field} / 1000.0, 'unixepoch'), 'null')`;
}
