import { createHash } from "node:crypto";
import { type RecordText, toText } from "../../src-main/ledger/reader/record-text.ts";
import type { TextChange } from "../../src-main/sync/sink.ts";
import { type MessageInput, normalizeMessage, toRecord } from "../../src-shared/record.ts";

/** A change of the message that a name stands for, as a relay hands it to RabbitMQ's sink. */
export function changeOf(name: string, revision: number, fields: MessageInput = {}): TextChange {
  const hex = createHash("sha256").update(name).digest("hex");
  const message_uuid = `${hex.slice(0, 8)}-${hex.slice(8, 12)}-7${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
  return { positions: [], record: recordOf({ channel: "sms", ...fields, message_uuid, revision }) };
}

function recordOf(fields: MessageInput): RecordText {
  const normalized = normalizeMessage(fields, Date.now());
  if (!normalized.ok) throw new Error(normalized.error);
  return toText(toRecord(normalized.message));
}
