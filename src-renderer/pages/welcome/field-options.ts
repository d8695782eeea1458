import type { MessageRecord } from "../../../src-shared/record.ts";
import type { SelectOption } from "../../ui/select.tsx";

export type Field = keyof MessageRecord;

/** What a column can fill, the common ones first. Not from the schemas: zod stays out of this bundle. */
const LABELS: Readonly<Record<Field, string>> = {
  destination_subject_ids: "Recipients",
  content_preview: "Text",
  status: "Status",
  channel: "Channel",
  origin_ts: "Created at",
  sent_ts: "Sent at",
  delivered_ts: "Delivered at",
  read_ts: "Read at",
  error_message: "Error",
  topic: "Topic",
  message_type: "Message type",
  template_id: "Template id",
  template_name: "Template name",
  session_id: "Session",
  source_subject_id: "Sender",
  user_id: "User",
  external_id: "Provider's id",
  message_uuid: "Message UUID",
  ack_ts: "Acknowledged at",
  message_data: "Data (JSON)",
  message_metadata: "Metadata (JSON)",
  revision: "Revision",
};

export const FIELDS = Object.keys(LABELS) as readonly Field[];

export function isField(name: string): name is Field {
  return Object.hasOwn(LABELS, name);
}

const FIELD_OPTIONS: readonly SelectOption[] = FIELDS.map((field) => ({
  value: field,
  label: LABELS[field],
}));
const OPTIONS: readonly SelectOption[] = [{ value: "", label: "Keep in metadata" }, ...FIELD_OPTIONS];

/** A column with a field's own name always fills it, unless another column does. */
export function optionsFor(column: string): readonly SelectOption[] {
  return isField(column) ? FIELD_OPTIONS : OPTIONS;
}
