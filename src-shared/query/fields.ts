import type { StoredMessage } from "../record.ts";
import type { Filter, IdField, JsonField, NameField, Part, WordsField } from "./ast.ts";
import type { SearchColumns } from "./tokens.ts";

export type FieldName = Filter["field"];

export type Field = {
  /** A few words for the one who types. */
  readonly about: string;
  readonly example: string;
  /** A record has one value of it, so a new filter takes the old one's place. */
  readonly single: boolean;
  /** What people write when they mean it. */
  readonly synonyms: readonly string[];
};

export const FIELDS: Readonly<Record<FieldName, Field>> = {
  status: field("failed, delivered, success, waiting, …", "status:failed", ["state"]),
  channel: field("email, whatsapp, sms, …", "channel:email", ["via"]),
  to: field("words of a recipient", "to:anna@example.com", ["recipient", "destination"], false),
  from: field("words of the sender", "from:billing", ["sender", "source"], false),
  user: field("who sent it", "user:default_user", ["user_id"]),
  session: field("a session's id", "session:1234", ["session_id"]),
  template: field("a template's id or name", "template:welcome", ["template_id", "template_name"]),
  topic: field("what it is about", "topic:orders", ["subject", "title"]),
  type: field("the message type", "type:reminder", ["message_type", "event_type", "kind"]),
  uuid: field("the message's uuid", "uuid:0198*", ["id", "message_uuid", "message", "event_id"]),
  external: field("the provider's id", "external:SM12", ["external_id", "provider"]),
  error: field("words of the error", 'error:"timed out"', ["error_message", "err", "failure"], false),
  reason: field("a failure group's number", "reason:12", ["error_template_id"]),
  has: field("error, session, recipient, …", "has:error", ["is", "with"], false),
  latency: field("time to delivery: ms, s, m, h, d", "latency>5s", ["duration", "delay", "took"], false),
  before: field("a date, a time, or how long ago", "before:2026-01-31", ["until", "till"]),
  after: field("a date, a time, or how long ago", "after:7d", ["since", "origin_ts", "date", "time"]),
  data: field("a value in message_data", "data.order:42", ["message_data", "payload"], false),
  meta: field("a value in message_metadata", "meta.host:web-1", ["metadata", "message_metadata"], false),
};

function field(about: string, example: string, synonyms: readonly string[], single = true): Field {
  return { about, example, single, synonyms };
}

export const FIELD_NAMES = Object.keys(FIELDS) as readonly FieldName[];

export function isFieldName(name: string): name is FieldName {
  return Object.hasOwn(FIELDS, name);
}

type Column = keyof StoredMessage;

/** The columns of which one has to match. */
export const NAME_COLUMNS = {
  channel: ["channel"],
  topic: ["topic"],
  type: ["message_type"],
  template: ["template_id", "template_name"],
} as const satisfies Record<NameField, readonly Column[]>;

export const ID_COLUMNS = {
  session: "session_id",
  user: "user_id",
  uuid: "message_uuid",
  external: "external_id",
} as const satisfies Record<IdField, Column>;

export const WORDS_COLUMNS = {
  to: "recipients",
  from: "sender",
  error: "error",
} as const satisfies Record<WordsField, keyof SearchColumns>;

export const JSON_COLUMNS = {
  data: "message_data",
  meta: "message_metadata",
} as const satisfies Record<JsonField, Column>;

/** A part is there when one of its columns holds something other than null and `empty`. */
export const PART_COLUMNS: Readonly<
  Record<Part, { readonly columns: readonly Column[]; readonly empty?: string }>
> = {
  error: { columns: ["error_message"] },
  session: { columns: ["session_id"] },
  template: { columns: ["template_id", "template_name"] },
  recipient: { columns: ["destination_subject_ids"], empty: "[]" },
  external: { columns: ["external_id"] },
  data: { columns: ["message_data"], empty: "{}" },
  sent: { columns: ["sent_ts"] },
  delivered: { columns: ["delivered_ts"] },
  read: { columns: ["read_ts"] },
};
