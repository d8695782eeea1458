import type { AsyncMessage } from "rabbitmq-client";
import { readBody } from "../../src-shared/bodies/read-body.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import { normalizeMessage, type StoredMessage } from "../../src-shared/record.ts";
import { parseTime } from "../../src-shared/time.ts";
import type { ArchiveRow } from "../archive/write-rows.ts";
import { bodyUuid } from "../transfer/body-uuid.ts";
import { parseJson } from "./parse-json.ts";

/** What came with a message besides its body. */
export type Properties = Omit<AsyncMessage, "body" | "consumerTag">;

/** A message as the broker gave it, which waits to be acknowledged on the channel that it came by. */
export type Delivery = {
  queue: string;
  properties: Properties;
  body: Buffer;
  /** Where it was read already. */
  read?: ReadDelivery;
};

/** What it becomes in the archive, or a sentence why it can't. */
export type ReadDelivery = { row: ArchiveRow } | { reason: string };

const PLAIN_ENCODINGS = ["", "utf-8", "utf8", "identity"];

/** `now`: in milliseconds since 1970. Never throws. */
export function readDelivery({ queue, properties, body }: Delivery, now: number): ReadDelivery {
  const { messageId, contentEncoding = "", timestamp } = properties;
  if (!PLAIN_ENCODINGS.includes(contentEncoding.toLowerCase()))
    return { reason: `The body is encoded as ${contentEncoding}; only plain JSON is read.` };
  let content: unknown;
  try {
    content = parseJson(body);
  } catch (error) {
    return { reason: `The body is not JSON in UTF-8: ${error instanceof Error ? error.message : "?"}` };
  }
  // When it was published is nearer to when it was than when it is read.
  const published = parseTime(timestamp) ?? now;
  // Two messages with one content are two where their sender tells them apart.
  const nameUuid = (name: string): string => bodyUuid(messageId ? `${name}\n${messageId}` : name);
  try {
    const normalized = normalizeMessage(readBody(queue, content, nameUuid, published).record, published);
    if (!normalized.ok) return { reason: normalized.error };
    const { message } = normalized;
    return { row: { message, ts: reachedAt(message, published) } };
  } catch (error) {
    if (error instanceof WaybillError) return { reason: error.message };
    throw error;
  }
}

/** When the message came to its status: only of some it tells. */
function reachedAt(message: StoredMessage, published: number): number {
  const { status, revision, origin_ts, sent_ts, delivered_ts, read_ts } = message;
  const told = { sent: sent_ts, delivered: delivered_ts, read: read_ts }[status as string] ?? null;
  return told ?? (revision === 1 ? origin_ts : published);
}
