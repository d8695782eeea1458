import type { SessionFacts } from "../../../src-main/ledger/reader/outbox.ts";
import type { MessageChange, SessionChange } from "../../../src-main/sync/sink.ts";
import { newId } from "../../../src-shared/new-id.ts";
import type { MessageRecord } from "../../../src-shared/record.ts";

let positions = 0;

/** A change of a message of its own, with what a test cares about. */
export function messageChange(fields: Partial<MessageRecord> = {}): MessageChange {
  positions += 1;
  return {
    positions: [positions],
    record: {
      message_uuid: newId(),
      session_id: "session-1",
      user_id: "user",
      channel: "email",
      status: "sent",
      origin_ts: "2026-10-31T09:30:00.123Z",
      sent_ts: "2026-10-31T09:30:01.000Z",
      delivered_ts: null,
      read_ts: null,
      ack_ts: null,
      source_subject_id: "sender",
      destination_subject_ids: ["anna", 'a "quoted", {odd} one'],
      topic: null,
      message_type: null,
      template_id: null,
      template_name: null,
      external_id: null,
      error_message: null,
      content_preview: "Hello",
      message_data: { subject: "Hello", parts: [1, 2.5, true, null] },
      message_metadata: {},
      revision: 1,
      ...fields,
    },
  };
}

export function messageChanges(
  count: number,
  fields: (index: number) => Partial<MessageRecord> = () => ({}),
): MessageChange[] {
  return Array.from({ length: count }, (_, index) => messageChange(fields(index)));
}

export function sessionChange(fields: Partial<SessionFacts> = {}): SessionChange {
  positions += 1;
  return {
    positions: [positions],
    record: {
      session_id: newId(),
      user_id: "user",
      channel: "email",
      template_id: null,
      template_name: null,
      started_ts: "2026-10-31T09:00:00.000Z",
      ended_ts: null,
      metadata: {},
      revision: 1,
      ...fields,
    },
  };
}
