import { FIELDS, type Field, isField } from "./field-options.ts";

/** What other systems call the fields, with everything but letters and digits taken out. */
const OTHER_NAMES: Readonly<Partial<Record<Field, readonly string[]>>> = {
  message_uuid: ["uuid", "messageid", "guid"],
  session_id: ["session", "campaign", "campaignid", "batch", "batchid"],
  user_id: ["user", "sentby", "agent"],
  channel: ["medium", "via"],
  status: ["state", "deliverystatus", "result"],
  origin_ts: ["createdat", "created", "timestamp", "date", "time", "datetime", "origints", "ts"],
  sent_ts: ["sentat", "senttime", "datesent"],
  delivered_ts: ["deliveredat", "deliverytime", "datedelivered"],
  read_ts: ["readat", "openedat", "seenat"],
  source_subject_id: ["from", "sender", "source", "fromaddress"],
  destination_subject_ids: ["to", "recipient", "recipients", "destination", "toaddress", "phone", "email"],
  topic: ["category", "subject", "label", "tag"],
  message_type: ["type", "kind", "eventtype"],
  template_id: ["templateid"],
  template_name: ["template", "templatename"],
  external_id: ["externalid", "providerid", "sid", "messagesid"],
  error_message: ["error", "reason", "failurereason", "errortext"],
  content_preview: ["text", "body", "content", "message", "preview", "query"],
};

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");

/** The field that each column most likely fills, each field once; "" for none. */
export function guessFields(columns: readonly string[]): (Field | "")[] {
  const taken = new Set<Field>(columns.filter(isField));
  return columns.map((column) => {
    if (isField(column)) return column;
    const field = FIELDS.find(
      (one) => !taken.has(one) && (plain(one) === plain(column) || OTHER_NAMES[one]?.includes(plain(column))),
    );
    if (field === undefined) return "";
    taken.add(field);
    return field;
  });
}
