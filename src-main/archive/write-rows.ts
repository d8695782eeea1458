import type { StoredMessage } from "../../src-shared/record.ts";
import { formatOptionalTime, HOUR_MS } from "../../src-shared/time.ts";
import { storableJson, storableText, storableTime } from "../sync/supabase/storable.ts";

/** One revision of a message, and when it came to the status that it tells, in milliseconds since 1970. */
export type ArchiveRow = { message: StoredMessage; ts: number };

/** What the statistics count a message by. */
export type Counted = Pick<StoredMessage, "channel" | "status" | "template_id" | "origin_ts">;

export type HourCount = {
  hour: string;
  channel: string;
  status: string;
  template_id: string;
  messages: number;
};

/** An entry of a b-tree has at most 2704 bytes; these are two of its columns, with four bytes a character at most. */
const MAX_KEY = 250;

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

/** Messages by hour and status, as they come and go in one transaction. */
export class HourCounts {
  readonly #counts = new Map<string, { counted: Counted; messages: number }>();

  add(counted: Counted, messages: 1 | -1): void {
    const { origin_ts, channel, status, template_id } = counted;
    // Most messages of a batch are of one kind and hour: what is written of it is made once, by `json`.
    const key = `${Math.floor(origin_ts / HOUR_MS)} ${status} ${channel.length} ${channel} ${template_id ?? ""}`;
    const known = this.#counts.get(key);
    if (known === undefined) this.#counts.set(key, { counted, messages });
    else known.messages += messages;
  }

  /** In order; null where nothing changes. */
  json(): string | null {
    const rows = new Map<string, HourCount>();
    for (const { counted, messages } of this.#counts.values()) {
      const { origin_ts, channel, status, template_id } = counted;
      const row = {
        hour: timeText(Math.floor(origin_ts / HOUR_MS) * HOUR_MS),
        channel: keyText(channel),
        status,
        template_id: keyText(template_id ?? ""),
      };
      const key = JSON.stringify(row);
      rows.set(key, { ...row, messages: (rows.get(key)?.messages ?? 0) + messages });
    }
    const changed = [...rows].filter(([, { messages }]) => messages !== 0);
    if (changed.length === 0) return null;
    return JSON.stringify(changed.sort(([a], [b]) => compare(a, b)).map(([, count]) => count));
  }
}

function keyText(text: string): string {
  return storableText(text.slice(0, MAX_KEY));
}

function timeText(ms: number): string;
function timeText(ms: number | null): string | null;
function timeText(ms: number | null): string | null {
  const text = formatOptionalTime(ms);
  return text === null ? null : storableTime(text);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
