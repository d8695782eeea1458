import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src-shared/time.ts";

export type Tick = { ms: number; label: string };

/** Steps that read well on a clock or a calendar; from days on they follow the local calendar. */
const STEPS_MS = [
  SECOND_MS,
  5 * SECOND_MS,
  15 * SECOND_MS,
  MINUTE_MS,
  5 * MINUTE_MS,
  15 * MINUTE_MS,
  HOUR_MS,
  3 * HOUR_MS,
  6 * HOUR_MS,
  12 * HOUR_MS,
  DAY_MS,
  2 * DAY_MS,
  7 * DAY_MS,
  14 * DAY_MS,
  30 * DAY_MS,
  91 * DAY_MS,
  365 * DAY_MS,
];

function labelOf(ms: number, step: number, locale: string): string {
  const date = new Date(ms);
  const midnight = date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0;
  if (step >= 300 * DAY_MS) return date.toLocaleDateString(locale, { year: "numeric" });
  if (step >= 90 * DAY_MS) return date.toLocaleDateString(locale, { month: "short", year: "numeric" });
  if (step >= DAY_MS || midnight) return date.toLocaleDateString(locale, { day: "numeric", month: "short" });
  if (step >= MINUTE_MS)
    return date.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit", hour12: false });
  return date.toLocaleTimeString(locale, {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hour12: false,
  });
}

/** The first round time at or after `fromMs`, in local time. */
function firstTick(fromMs: number, step: number): Date {
  const date = new Date(fromMs);
  if (step >= 300 * DAY_MS) date.setMonth(0, 1);
  else if (step >= 30 * DAY_MS) date.setDate(1);
  if (step >= DAY_MS) {
    date.setHours(0, 0, 0, 0);
  } else {
    const midnight = new Date(fromMs).setHours(0, 0, 0, 0);
    date.setTime(midnight + Math.floor((fromMs - midnight) / step) * step);
  }
  while (date.getTime() < fromMs) advance(date, step);
  return date;
}

function advance(date: Date, step: number): void {
  if (step >= 300 * DAY_MS) date.setFullYear(date.getFullYear() + 1);
  else if (step >= 90 * DAY_MS) date.setMonth(date.getMonth() + 3);
  else if (step >= 30 * DAY_MS) date.setMonth(date.getMonth() + 1);
  else if (step >= DAY_MS) date.setDate(date.getDate() + step / DAY_MS);
  else date.setTime(date.getTime() + step);
}

/** At most `most` labelled round times from `fromMs` to `toMs`, both in milliseconds since 1970. */
export function timeTicks(fromMs: number, toMs: number, most: number, locale = "en-GB"): Tick[] {
  if (most < 1 || toMs <= fromMs) return [];
  const step = STEPS_MS.find((candidate) => (toMs - fromMs) / candidate <= most) ?? 365 * DAY_MS;
  const ticks: Tick[] = [];
  const date = firstTick(fromMs, step);
  for (; date.getTime() <= toMs && ticks.length <= most; advance(date, step)) {
    ticks.push({ ms: date.getTime(), label: labelOf(date.getTime(), step, locale) });
  }
  return ticks;
}
