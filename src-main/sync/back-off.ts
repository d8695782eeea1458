import { MINUTE_MS, SECOND_MS } from "../../src-shared/time.ts";

const FIRST_MS = SECOND_MS;
const LONGEST_MS = MINUTE_MS;

/**
 * How long to wait before the next try, after so many that failed: full jitter, so that many clients of one
 * broker do not come back at the same moment. `random` gives 0 to 1.
 */
export function pauseAfter(tries: number, random: () => number): number {
  const most = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(tries, 16));
  return Math.round(FIRST_MS + random() * (most - FIRST_MS));
}

/** Where only the operator can help, so often it is looked at whether that was done. */
export const RECHECK_MS = LONGEST_MS;
