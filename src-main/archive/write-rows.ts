import type { StoredMessage } from "../../src-shared/record.ts";
import { formatOptionalTime } from "../../src-shared/time.ts";
import { storableJson, storableTime } from "../sync/supabase/storable.ts";

/** One revision of a message, and when it came to the status that it tells, in milliseconds since 1970. */
export type ArchiveRow = { message: StoredMessage; ts: number };

/**
 * Rows of one batch in the order in which all workers write them, so that two that write the same messages wait for
 * each other and never in a circle. The same revision twice is one.
 */
export function inOrder(rows: readonly ArchiveRow[]): ArchiveRow[] {
  const sorted = [...rows].sort(
    ({ message: a }, { message: b }) => compare(a.message_uuid, b.message_uuid) || a.revision - b.revision,
  );
  return sorted.filter(({ message }, index) => {
    const before = sorted[index - 1]?.message;
    return before?.message_uuid !== message.message_uuid || before.revision !== message.revision;
  });
}

/** Of each message its highest revision. Takes and gives rows in order. */
export function newest(rows: readonly ArchiveRow[]): ArchiveRow[] {
  return rows.filter(({ message }, index) => rows[index + 1]?.message.message_uuid !== message.message_uuid);
}

/** A JSON array of rows as `json_to_recordset` takes them. */
export function messagesJson(rows: readonly ArchiveRow[]): string {
  return storableJson(`[${rows.map(({ message }) => messageJson(message)).join(",")}]`);
}

function messageJson(message: StoredMessage): string {
  const { destination_subject_ids, message_data, message_metadata, ...plain } = message;
  const times = {
    origin_ts: timeText(message.origin_ts),
    sent_ts: timeText(message.sent_ts),
    delivered_ts: timeText(message.delivered_ts),
    read_ts: timeText(message.read_ts),
    ack_ts: timeText(message.ack_ts),
  };
  const head = JSON.stringify({ ...plain, ...times }).slice(0, -1);
  return `${head},"destination_subject_ids":${destination_subject_ids},"message_data":${message_data},"message_metadata":${message_metadata}}`;
}

export function eventsJson(rows: readonly ArchiveRow[]): string {
  return storableJson(
    JSON.stringify(
      rows.map(({ message, ts }) => ({
        message_uuid: message.message_uuid,
        revision: message.revision,
        status: message.status,
        ts: timeText(ts),
        external_id: message.external_id,
        error_message: message.error_message,
      })),
    ),
  );
}

/** The sessions that rows name, each by its first message, in order; null where there are none. */
export function sessionsJson(rows: readonly ArchiveRow[]): string | null {
  const sessions = new Map<string, StoredMessage>();
  for (const { message } of rows) {
    if (message.session_id === null) continue;
    const known = sessions.get(message.session_id);
    if (known === undefined || message.origin_ts < known.origin_ts) sessions.set(message.session_id, message);
  }
  if (sessions.size === 0) return null;
  const begun = [...sessions.values()]
    .sort((a, b) => compare(a.session_id ?? "", b.session_id ?? ""))
    .map(({ session_id, user_id, channel, template_id, template_name, origin_ts }) => ({
      session_id,
      user_id,
      channel,
      template_id,
      template_name,
      started_ts: timeText(origin_ts),
      metadata: { begun_by: "message" },
    }));
  return storableJson(JSON.stringify(begun));
}

export function timeText(ms: number): string;
export function timeText(ms: number | null): string | null;
export function timeText(ms: number | null): string | null {
  const text = formatOptionalTime(ms);
  return text === null ? null : storableTime(text);
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
