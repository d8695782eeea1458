import { plural } from "../../../src-shared/plural.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src-shared/time.ts";
import { formatDuration } from "../../ui/format.ts";

const SOON_MS = 10 * SECOND_MS;

/** Each unit goes on until this: "about 90 minutes" tells more than "about 2 hours". */
const UNITS = [
  { name: "second", size: SECOND_MS, until: 90 * SECOND_MS },
  { name: "minute", size: MINUTE_MS, until: 100 * MINUTE_MS },
  { name: "hour", size: HOUR_MS, until: 36 * HOUR_MS },
  { name: "day", size: DAY_MS, until: Number.POSITIVE_INFINITY },
] as const;

/** "about 4 minutes": a forecast in the one unit that fits, since it is no better than that. */
export function forecast(ms: number): string {
  if (ms < SOON_MS) return "a few seconds";
  const unit = UNITS.find(({ until }) => ms < until);
  return unit === undefined ? "" : `about ${plural(Math.round(ms / unit.size), unit.name)}`;
}

/** "It tries again in 12 s.", counted down; a try that goes on has no time. */
export function nextTryText(ts: string | null, now: number): string {
  const ms = ts === null ? 0 : Date.parse(ts) - now;
  if (ms < SECOND_MS) return "It tries again right now.";
  return `It tries again in ${formatDuration(Math.round(ms / SECOND_MS))}.`;
}
