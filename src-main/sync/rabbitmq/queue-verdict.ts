import type { QUEUE_VERDICTS } from "../../../src-shared/contract/sync.ts";

type QueueVerdict = (typeof QUEUE_VERDICTS)[number];

const GOOD = 5;
const BUSY = 50;

/** The operators' rule. A queue that nobody reads is an alarm, however little is in it. */
export function queueVerdict(depth: number, consumers: number): QueueVerdict {
  if (consumers === 0) return "alarm";
  if (depth > BUSY) return "warning";
  return depth > GOOD ? "busy" : "good";
}
