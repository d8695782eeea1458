import { formatTime } from "../../../src-shared/time.ts";
import { storableTime } from "../../sync/supabase/storable.ts";

const FIRST_MS = Date.parse("0000-01-01T00:00:00.000Z");
const LAST_MS = Date.parse("9999-12-31T23:59:59.999Z");

/** Milliseconds since 1970 as a parameter for a `timestamptz`; no record lies beyond the years 0 to 9999. */
export function toTimestamp(ms: number): string {
  if (ms < FIRST_MS) return "-infinity";
  return ms > LAST_MS ? "infinity" : storableTime(formatTime(Math.trunc(ms)));
}
