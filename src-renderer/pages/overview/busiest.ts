import { DAY_MS, HOUR_MS } from "../../../src-shared/time.ts";
import { timeRange } from "./period.ts";

export const WEEKDAYS = [
  "Monday",
  "Tuesday",
  "Wednesday",
  "Thursday",
  "Friday",
  "Saturday",
  "Sunday",
] as const;

const HEAT_LEVELS = 6;
/** A query has room for about so many hours; a longer period shows the latest of them. */
const MOST_HOURS = 60;

export type Hour = { weekday: number; hour: number };

/** 0 for none, then 1 to 6; by the root, so that a single rush does not pale the rest. */
export function heatLevel(count: number, most: number): number {
  return count === 0 ? 0 : Math.max(1, Math.ceil(Math.sqrt(count / most) * HEAT_LEVELS));
}

export function hourLabel({ weekday, hour }: Hour): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${WEEKDAYS[weekday]}, ${two(hour)}:00–${two((hour + 1) % 24)}:00`;
}

/** Every such hour of the period in the query language: the language has no weekdays. */
export function hourQuery({ weekday, hour }: Hour, from: number, to: number, offsetMinutes: number): string {
  // As the ledger does it: a zone with a half hour is taken for the next whole one.
  const offset = Math.round(offsetMinutes / 60) * HOUR_MS;
  const lastDay = Math.floor((to + offset) / DAY_MS);
  const ranges: string[] = [];
  for (let day = lastDay; day * DAY_MS - offset > from - DAY_MS && ranges.length < MOST_HOURS; day -= 1) {
    // Day 0, 1 January 1970, was a Thursday.
    if ((((day + 3) % 7) + 7) % 7 !== weekday) continue;
    const start = Math.max(from, day * DAY_MS + hour * HOUR_MS - offset);
    const end = Math.min(to, day * DAY_MS + (hour + 1) * HOUR_MS - offset);
    if (start < end) ranges.push(timeRange(start, end));
  }
  return ranges.length === 1 ? (ranges[0] ?? "") : `(${ranges.map((range) => `(${range})`).join(" OR ")})`;
}
