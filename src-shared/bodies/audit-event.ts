import type { MessageInput } from "../record.ts";
import { formatTime } from "../time.ts";
import { asObject } from "./fields.ts";

/** One event of a session, as `POST /log` takes it and as it lies in `log_queue`. */
export type AuditEvent = {
  session_id: string;
  event_type: string;
  payload?: unknown;
  /** Milliseconds since 1970. */
  ts: number;
};

/** The one record that an event is, whichever way it came. */
export function auditEventRecord({ session_id, event_type, payload, ts }: AuditEvent): MessageInput {
  return {
    session_id,
    message_type: event_type,
    origin_ts: formatTime(ts),
    message_data: asObject(payload, "payload"),
  };
}
