import { z } from "zod";
import { newId } from "./new-id.ts";
import { type ReadFields, readPlainFields } from "./plain-fields.ts";
import {
  cutPreview,
  DEFAULT_CHANNEL,
  DEFAULT_USER,
  MAX_ERROR,
  MAX_RECIPIENTS,
  MAX_RECORD_BYTES,
  MAX_TEXT,
  UUID,
} from "./record-values.ts";
import { STATUSES } from "./status.ts";
import { formatOptionalTime, formatTime, parseTime } from "./time.ts";

export {
  cutPreview,
  DEFAULT_USER,
  MAX_ERROR,
  MAX_RECORD_BYTES,
  PREVIEW_CODE_POINTS,
} from "./record-values.ts";

export const uuidSchema = z
  .string()
  .regex(UUID, "is not a UUID such as 0198c0de-7000-7000-8000-000000000001")
  .transform((text) => text.toLowerCase());

/** Programs send numbers as ids; they are the same id as their text. */
const textSchema = z
  .union([z.string(), z.number()])
  .transform((value) => String(value).toWellFormed())
  .pipe(z.string().max(MAX_TEXT));
const optionalText = textSchema
  .nullish()
  .transform((value) => (value === undefined || value === null || value === "" ? null : value));

/** Any time that `parseTime` reads, as milliseconds since 1970. */
export const timeSchema = z.union([z.string(), z.number()]).transform((value, context) => {
  const ms = parseTime(value);
  if (ms !== undefined) return ms;
  context.addIssue({ code: "custom", message: "is not a time: write it like 2026-01-31T09:30:00.000Z" });
  return z.NEVER;
});
const optionalTime = timeSchema.nullish().transform((value) => value ?? null);

const recipientsSchema = z
  .union([z.array(textSchema).max(MAX_RECIPIENTS), textSchema.transform((one) => (one === "" ? [] : [one]))])
  .nullish()
  // A recipient without an id is none: nobody could tell who missed the message.
  .transform((value) => value?.filter((recipient) => recipient !== "") ?? []);

const objectSchema = z
  .record(z.string(), z.unknown())
  .nullish()
  .transform((value) => value ?? {});

/** The record as callers send it: all fields may be left out; unknown ones are kept, see `normalizeMessage`. */
export const messageInputSchema = z.looseObject({
  message_uuid: uuidSchema.nullish(),
  session_id: optionalText,
  user_id: textSchema.nullish().transform((value) => value || DEFAULT_USER),
  channel: textSchema.nullish().transform((value) => value || DEFAULT_CHANNEL),
  status: z
    .enum(STATUSES)
    .nullish()
    .transform((value) => value ?? "pending"),
  origin_ts: optionalTime,
  sent_ts: optionalTime,
  delivered_ts: optionalTime,
  read_ts: optionalTime,
  ack_ts: optionalTime,
  source_subject_id: optionalText,
  destination_subject_ids: recipientsSchema,
  topic: optionalText,
  message_type: optionalText,
  template_id: optionalText,
  template_name: optionalText,
  external_id: optionalText,
  error_message: z
    .string()
    .max(MAX_ERROR)
    .nullish()
    .transform((value) => value?.toWellFormed() || null),
  content_preview: z
    .string()
    .nullish()
    .transform((value) => (value ? cutPreview(value) : null)),
  message_data: objectSchema,
  message_metadata: objectSchema,
  revision: z
    .int()
    .min(1)
    .nullish()
    .transform((value) => value ?? 1),
});

export type MessageInput = Partial<z.input<typeof messageInputSchema>>;

const time = z.iso.datetime({ precision: 3 });

/** The one shape of a message at every edge. */
export const messageRecordSchema = z.object({
  message_uuid: z.string(),
  session_id: z.string().nullable(),
  user_id: z.string(),
  channel: z.string(),
  status: z.enum(STATUSES),
  origin_ts: time,
  sent_ts: time.nullable(),
  delivered_ts: time.nullable(),
  read_ts: time.nullable(),
  ack_ts: time.nullable(),
  source_subject_id: z.string().nullable(),
  destination_subject_ids: z.array(z.string()),
  topic: z.string().nullable(),
  message_type: z.string().nullable(),
  template_id: z.string().nullable(),
  template_name: z.string().nullable(),
  external_id: z.string().nullable(),
  error_message: z.string().nullable(),
  content_preview: z.string().nullable(),
  message_data: z.record(z.string(), z.unknown()),
  message_metadata: z.record(z.string(), z.unknown()),
  revision: z.int(),
});

export type MessageRecord = z.infer<typeof messageRecordSchema>;

export const MESSAGE_FIELDS = Object.keys(messageRecordSchema.shape) as readonly (keyof MessageRecord)[];

/** The record as the ledger keeps it: times in milliseconds since 1970, JSON as text. */
export type StoredMessage = Omit<
  MessageRecord,
  | "origin_ts"
  | "sent_ts"
  | "delivered_ts"
  | "read_ts"
  | "ack_ts"
  | "destination_subject_ids"
  | "message_data"
  | "message_metadata"
> & {
  origin_ts: number;
  sent_ts: number | null;
  delivered_ts: number | null;
  read_ts: number | null;
  ack_ts: number | null;
  destination_subject_ids: string;
  message_data: string;
  message_metadata: string;
};

export type Normalized =
  | { ok: true; message: StoredMessage }
  | { ok: false; error: string; tooLarge: boolean };

const KNOWN = new Set<string>(MESSAGE_FIELDS);

/** Bytes of a text in UTF-8, without making them. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 ? 1 : 2;
    // A surrogate pair is four bytes in two units: the low half adds nothing of its own.
    if (unit >= 0xd800 && unit < 0xdc00) {
      index += 1;
    }
  }
  return bytes;
}

/** Undefined for what JSON can't hold (a BigInt, a circle), or what is no object once it is JSON. */
function toJson(value: object): string | undefined {
  try {
    const text = JSON.stringify(value);
    return text?.startsWith("{") ? text : undefined;
  } catch {
    return undefined;
  }
}

/** The metadata, with the fields that a record does not have; one of the metadata's own is left as it is. */
function withUnknownFields(sent: Readonly<Record<string, unknown>>): object {
  let metadata = sent.message_metadata ?? {};
  for (const key of Object.keys(sent)) {
    if (!KNOWN.has(key) && !Object.hasOwn(metadata, key)) metadata = { ...metadata, [key]: sent[key] };
  }
  return metadata;
}

/** The sentence about the first wrong field where there is one. */
function readFields(sent: Readonly<Record<string, unknown>>): ReadFields | string {
  const parsed = messageInputSchema.safeParse(sent);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  return `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "is not valid"}`;
}

/**
 * Checks one record from outside and gives the form the ledger keeps, or a sentence that says
 * which field is wrong and how. Fields the record does not have move to `message_metadata`,
 * so that nothing a caller sent is dropped. Never throws.
 */
export function normalizeMessage(
  input: unknown,
  now: number,
  defaults: { userId?: string } = {},
): Normalized {
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    return { ok: false, error: "is not a JSON object", tooLarge: false };
  }
  // Unknown fields are taken from here, as they came: zod's copy has lost a key such as __proto__.
  const sent = input as Readonly<Record<string, unknown>>;
  const data = readPlainFields(sent) ?? readFields(sent);
  if (typeof data === "string") return { ok: false, error: data, tooLarge: false };
  const messageData = toJson(sent.message_data ?? {});
  const messageMetadata = toJson(withUnknownFields(sent));
  if (messageData === undefined || messageMetadata === undefined) {
    const field = messageData === undefined ? "message_data" : "message_metadata";
    return { ok: false, error: `${field}: can't be written as a JSON object`, tooLarge: false };
  }
  if (messageData.length + messageMetadata.length > MAX_RECORD_BYTES / 3) {
    const bytes = utf8Length(messageData) + utf8Length(messageMetadata);
    if (bytes > MAX_RECORD_BYTES) {
      return {
        ok: false,
        error: `message_data and message_metadata are ${bytes} bytes together; at most ${MAX_RECORD_BYTES} are taken`,
        tooLarge: true,
      };
    }
  }
  const isNamed = sent.user_id !== undefined && sent.user_id !== null && sent.user_id !== "";
  return {
    ok: true,
    message: {
      message_uuid: data.message_uuid ?? newId(),
      session_id: data.session_id,
      user_id: isNamed ? data.user_id : (defaults.userId ?? data.user_id),
      channel: data.channel,
      status: data.status,
      origin_ts: data.origin_ts ?? now,
      sent_ts: data.sent_ts,
      delivered_ts: data.delivered_ts,
      read_ts: data.read_ts,
      ack_ts: data.ack_ts,
      source_subject_id: data.source_subject_id,
      destination_subject_ids: JSON.stringify(data.destination_subject_ids),
      topic: data.topic,
      message_type: data.message_type,
      template_id: data.template_id,
      template_name: data.template_name,
      external_id: data.external_id,
      error_message: data.error_message,
      content_preview: data.content_preview,
      message_data: messageData,
      message_metadata: messageMetadata,
      revision: data.revision,
    },
  };
}

/** The edge form of what the ledger keeps. */
export function toRecord(stored: StoredMessage): MessageRecord {
  return {
    message_uuid: stored.message_uuid,
    session_id: stored.session_id,
    user_id: stored.user_id,
    channel: stored.channel,
    status: stored.status,
    origin_ts: formatTime(stored.origin_ts),
    sent_ts: formatOptionalTime(stored.sent_ts),
    delivered_ts: formatOptionalTime(stored.delivered_ts),
    read_ts: formatOptionalTime(stored.read_ts),
    ack_ts: formatOptionalTime(stored.ack_ts),
    source_subject_id: stored.source_subject_id,
    destination_subject_ids: JSON.parse(stored.destination_subject_ids) as string[],
    topic: stored.topic,
    message_type: stored.message_type,
    template_id: stored.template_id,
    template_name: stored.template_name,
    external_id: stored.external_id,
    error_message: stored.error_message,
    content_preview: stored.content_preview,
    message_data: JSON.parse(stored.message_data) as Record<string, unknown>,
    message_metadata: JSON.parse(stored.message_metadata) as Record<string, unknown>,
    revision: stored.revision,
  };
}
