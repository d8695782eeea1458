import { WaybillError } from "../errors.ts";
import { MESSAGE_FIELDS, type MessageInput } from "../record.ts";
import { auditEventRecord } from "./audit-event.ts";
import { canonicalJson } from "./canonical-json.ts";
import { chatTurnRecord, isChatTurn } from "./chat-turn.ts";
import { asObject, type Fields, idOf, isFields, timeIn, without } from "./fields.ts";

export type BodyKind = "record" | "audit_event" | "chat_turn" | "exchange";

/** What one body means: one record, with an id in any case. */
export type Body = { kind: BodyKind; record: MessageInput & { message_uuid: string } };

/** What Waybill's own record has and the nine columns of the message exchange don't. */
const OWN_FIELDS = ["revision", "status", "channel", "user_id"];
/** These say of no body that it is a record: others use the names as well. */
const COMMON_FIELDS = ["message_uuid", "session_id", "user_id", "status", "channel", "topic"];
const RECORD_FIELDS = MESSAGE_FIELDS.filter((field) => !COMMON_FIELDS.includes(field));

/**
 * Reads a body that was taken from a queue or list: Waybill's record, an audit event, a chat turn in three spellings,
 * or an exchanged message. Without an id it gets one by its content and its queue, so that a redelivery is the same
 * record; `nameUuid` gives a name its UUIDv5. `now` is the time of what tells none, in milliseconds since 1970.
 * Values are checked by `normalizeMessage`, not here. Throws `invalid` with a sentence.
 */
export function readBody(
  queue: string,
  body: unknown,
  nameUuid: (name: string) => string,
  now: number = Date.now(),
): Body {
  if (!isFields(body)) throw new WaybillError("invalid", "The body is not a JSON object.");
  const { kind, record } = meaningOf(body, now);
  const given = body.message_uuid;
  const message_uuid =
    typeof given === "string" && given !== "" ? given : nameUuid(`${queue}\n${canonicalJson(body)}`);
  return { kind, record: { ...record, message_uuid } };
}

function meaningOf(body: Fields, now: number): { kind: BodyKind; record: MessageInput } {
  const isRecord = RECORD_FIELDS.some((field) => Object.hasOwn(body, field));
  if (!isRecord && isChatTurn(body)) return { kind: "chat_turn", record: chatTurnRecord(body, now) };
  if (!isRecord && Object.hasOwn(body, "event_type"))
    return { kind: "audit_event", record: readAuditEvent(body, now) };
  if (!isRecord && !Object.hasOwn(body, "message_uuid")) {
    throw new WaybillError(
      "invalid",
      `The body is none that Waybill knows: neither a record nor an audit event, a chat turn or an exchanged message. Its fields are: ${namesOf(body)}.`,
    );
  }
  // What its fields hold is checked with the record.
  if (OWN_FIELDS.some((field) => Object.hasOwn(body, field)))
    return { kind: "record", record: body as MessageInput };
  return { kind: "exchange", record: exchangeRecord(body as MessageInput) };
}

function readAuditEvent(body: Fields, now: number): MessageInput {
  const session_id = idOf(body.session_id);
  const event_type = idOf(body.event_type);
  if (session_id === undefined)
    throw new WaybillError("invalid", "session_id: is needed: a text or a number.");
  if (event_type === undefined) throw new WaybillError("invalid", "event_type: is needed: a text.");
  const time = timeIn(body, ["timestamp", "producer_timestamp"]);
  const event = auditEventRecord({ session_id, event_type, payload: body.payload, ts: time?.ms ?? now });
  const read = ["session_id", "event_type", "payload", "message_uuid"];
  const isRead = time?.name === "timestamp" || body.timestamp === undefined || body.timestamp === null;
  const others = without(body, isRead ? [...read, "timestamp"] : read);
  return Object.keys(others).length === 0 ? event : { ...event, message_metadata: others };
}

/** Its JSON columns may hold any JSON. */
function exchangeRecord(body: MessageInput): MessageInput {
  return {
    ...body,
    message_data: asObject(body.message_data, "message_data"),
    message_metadata: asObject(body.message_metadata, "message_metadata"),
  };
}

function namesOf(body: Fields): string {
  const names = Object.keys(body).slice(0, 12);
  return names.length === 0 ? "none" : names.join(", ").slice(0, 300);
}
