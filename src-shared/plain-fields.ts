import type { StoredMessage } from "./record.ts";
import {
  cutPreview,
  DEFAULT_CHANNEL,
  DEFAULT_USER,
  MAX_ERROR,
  MAX_RECIPIENTS,
  MAX_TEXT,
  UUID,
} from "./record-values.ts";
import { isStatus, type Status } from "./status.ts";
import { parseTime } from "./time.ts";

/** The fields of a record, read but not yet in the form that the ledger keeps. */
export type ReadFields = Omit<
  StoredMessage,
  "message_uuid" | "origin_ts" | "destination_subject_ids" | "message_data" | "message_metadata"
> & {
  message_uuid?: string | null | undefined;
  origin_ts: number | null;
  destination_subject_ids: string[];
};

/** What a field is that is not plainly well-formed. */
const UNCLEAR = Symbol("unclear");
type Unclear = typeof UNCLEAR;

/**
 * What `messageInputSchema` reads, in a tenth of its time, or undefined wherever a record is not plainly
 * well-formed: then the schema has the word, and says what is wrong.
 */
export function readPlainFields(sent: Readonly<Record<string, unknown>>): ReadFields | undefined {
  const message_uuid = readUuid(sent.message_uuid);
  const session_id = readText(sent.session_id);
  const user_id = readText(sent.user_id);
  const channel = readText(sent.channel);
  const status = readStatus(sent.status);
  const origin_ts = readTime(sent.origin_ts);
  const sent_ts = readTime(sent.sent_ts);
  const delivered_ts = readTime(sent.delivered_ts);
  const read_ts = readTime(sent.read_ts);
  const ack_ts = readTime(sent.ack_ts);
  const source_subject_id = readText(sent.source_subject_id);
  const destination_subject_ids = readRecipients(sent.destination_subject_ids);
  const topic = readText(sent.topic);
  const message_type = readText(sent.message_type);
  const template_id = readText(sent.template_id);
  const template_name = readText(sent.template_name);
  const external_id = readText(sent.external_id);
  const error_message = readError(sent.error_message);
  const content_preview = readPreview(sent.content_preview);
  const revision = readRevision(sent.revision);
  if (
    message_uuid === UNCLEAR ||
    session_id === UNCLEAR ||
    user_id === UNCLEAR ||
    channel === UNCLEAR ||
    status === UNCLEAR ||
    origin_ts === UNCLEAR ||
    sent_ts === UNCLEAR ||
    delivered_ts === UNCLEAR ||
    read_ts === UNCLEAR ||
    ack_ts === UNCLEAR ||
    source_subject_id === UNCLEAR ||
    destination_subject_ids === UNCLEAR ||
    topic === UNCLEAR ||
    message_type === UNCLEAR ||
    template_id === UNCLEAR ||
    template_name === UNCLEAR ||
    external_id === UNCLEAR ||
    error_message === UNCLEAR ||
    content_preview === UNCLEAR ||
    revision === UNCLEAR ||
    !isPlainObject(sent.message_data) ||
    !isPlainObject(sent.message_metadata)
  ) {
    return undefined;
  }
  return {
    message_uuid,
    session_id,
    user_id: user_id ?? DEFAULT_USER,
    channel: channel ?? DEFAULT_CHANNEL,
    status,
    origin_ts,
    sent_ts,
    delivered_ts,
    read_ts,
    ack_ts,
    source_subject_id,
    destination_subject_ids,
    topic,
    message_type,
    template_id,
    template_name,
    external_id,
    error_message,
    content_preview,
    revision,
  };
}

function readUuid(value: unknown): string | null | Unclear {
  if (value === undefined || value === null) return null;
  return typeof value === "string" && UUID.test(value) ? value.toLowerCase() : UNCLEAR;
}

function readText(value: unknown): string | null | Unclear {
  if (value === undefined || value === null || value === "") return null;
  if (typeof value === "string") return value.length <= MAX_TEXT ? value.toWellFormed() : UNCLEAR;
  return typeof value === "number" && Number.isFinite(value) ? String(value) : UNCLEAR;
}

function readStatus(value: unknown): Status | Unclear {
  if (value === undefined || value === null) return "pending";
  return isStatus(value) ? value : UNCLEAR;
}

function readTime(value: unknown): number | null | Unclear {
  if (value === undefined || value === null) return null;
  return typeof value === "string" || typeof value === "number" ? (parseTime(value) ?? UNCLEAR) : UNCLEAR;
}

function readRecipients(value: unknown): string[] | Unclear {
  if (!Array.isArray(value)) {
    const one = readText(value);
    if (one === UNCLEAR) return UNCLEAR;
    return one === null ? [] : [one];
  }
  if (value.length > MAX_RECIPIENTS) return UNCLEAR;
  const recipients: string[] = [];
  // By its entries as they are, so that a hole is met too: it is no recipient.
  for (const sent of value as unknown[]) {
    if (sent === "") continue;
    const recipient = readText(sent);
    if (recipient === UNCLEAR || recipient === null) return UNCLEAR;
    recipients.push(recipient);
  }
  return recipients;
}

function readError(value: unknown): string | null | Unclear {
  if (value === undefined || value === null || value === "") return null;
  return typeof value === "string" && value.length <= MAX_ERROR ? value.toWellFormed() : UNCLEAR;
}

function readPreview(value: unknown): string | null | Unclear {
  if (value === undefined || value === null || value === "") return null;
  return typeof value === "string" ? cutPreview(value) : UNCLEAR;
}

function readRevision(value: unknown): number | Unclear {
  if (value === undefined || value === null) return 1;
  return Number.isSafeInteger(value) && (value as number) >= 1 ? (value as number) : UNCLEAR;
}

/** Nothing, or an object literal as JSON makes one: no class, no symbols. */
function isPlainObject(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return (
    typeof value === "object" &&
    Object.getPrototypeOf(value) === Object.prototype &&
    value.constructor === Object &&
    Object.getOwnPropertySymbols(value).length === 0
  );
}
