import type { MessageRecord } from "../../../src-shared/record.ts";
import { parseTime, SECOND_MS } from "../../../src-shared/time.ts";

/** Seconds from a message's making to its delivery or, where that is not known, to its sending. */
export function latencySeconds(message: MessageRecord): number | null {
  const end = message.delivered_ts ?? message.sent_ts;
  const from = parseTime(message.origin_ts);
  const to = end === null ? undefined : parseTime(end);
  return from === undefined || to === undefined ? null : Math.max(0, (to - from) / SECOND_MS);
}
