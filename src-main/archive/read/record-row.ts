import { type MessageRecord, type StoredMessage, toRecord } from "../../../src-shared/record.ts";

/** Milliseconds since 1970 of a time column; null stays null. */
export function millisecondsOf(column: string): string {
  return `floor(extract(epoch FROM ${column}) * 1000)::float8`;
}

function column(name: keyof StoredMessage): string {
  switch (name) {
    case "message_uuid":
      return "m.message_uuid::text AS message_uuid";
    case "origin_ts":
    case "sent_ts":
    case "delivered_ts":
    case "read_ts":
    case "ack_ts":
      return `${millisecondsOf(`m.${name}`)} AS ${name}`;
    case "destination_subject_ids":
      return "array_to_json(m.destination_subject_ids)::text AS destination_subject_ids";
    case "message_data":
    case "message_metadata":
      return `m.${name}::text AS ${name}`;
    default:
      return `m.${name}`;
  }
}

const FIELDS = {
  message_uuid: true,
  session_id: true,
  user_id: true,
  channel: true,
  status: true,
  origin_ts: true,
  sent_ts: true,
  delivered_ts: true,
  read_ts: true,
  ack_ts: true,
  source_subject_id: true,
  destination_subject_ids: true,
  topic: true,
  message_type: true,
  template_id: true,
  template_name: true,
  external_id: true,
  error_message: true,
  content_preview: true,
  message_data: true,
  message_metadata: true,
  revision: true,
} as const satisfies Record<keyof StoredMessage, true>;

const NAMES = Object.keys(FIELDS) as (keyof StoredMessage)[];

/** Columns of `message_logs AS m` that make the ledger's form of a record: one shape, and one matcher, for both stores. */
export const WHOLE_RECORD = NAMES.map(column).join(", ");

const EMPTY_OBJECT = (name: string): string => `'{}' AS ${name}`;

/** The same without the JSON, which is the most of a record, for who only asks whether it matches. */
export const WITHOUT_JSON = NAMES.map((name) =>
  name === "message_data" || name === "message_metadata" ? EMPTY_OBJECT(name) : column(name),
).join(", ");

export function readRow(row: StoredMessage): MessageRecord {
  return toRecord(row);
}
