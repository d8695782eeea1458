import type { PeriodInput } from "../../../src-shared/contract/statistics.ts";
import { WaybillError } from "../../../src-shared/errors.ts";
import { DAY_MS, formatTime, HOUR_MS, requireTime } from "../../../src-shared/time.ts";
import type { ReadableDatabase } from "../open.ts";
import { GRAIN } from "../slots.ts";

/** Milliseconds since 1970; `from` inclusive, `to` exclusive. */
export type Period = { from: number; to: number };

export function formatPeriod({ from, to }: Period): { from: string; to: string } {
  return { from: formatTime(from), to: formatTime(to) };
}

/**
 * The period asked for; without any bound all that the ledger holds. Statistics are kept by the
 * hour, so bounds go out to whole hours. Throws `invalid` for a text that is no time.
 */
export function resolvePeriod(database: ReadableDatabase, input: PeriodInput, now: number): Period {
  return toPeriod(input, now, asksForAll(input) ? firstHour(database) : undefined);
}

/** Whether a period begins where the first message does. */
export function asksForAll({ from, days }: PeriodInput): boolean {
  return !from && !days;
}

/** The same where the first hour with a message is known, in milliseconds since 1970; undefined for none. */
export function toPeriod(input: PeriodInput, now: number, first: number | undefined): Period {
  const to = input.to ? ceilHour(requireTime(input.to, "to")) : ceilHour(now + 1);
  let from: number;
  if (input.from) from = floorHour(requireTime(input.from, "from"));
  else if (input.days) from = floorHour((input.to ? to : now) - input.days * DAY_MS);
  else from = first ?? floorHour(to - 1);
  if (from >= to)
    throw new WaybillError("invalid", "The period ends before it begins: from must be before to.");
  return { from, to };
}

function firstHour(database: ReadableDatabase): number | undefined {
  const hour = database
    .prepare(`SELECT min(slot) FROM message_counts WHERE dimension = 'all' AND grain = ${GRAIN.hour}`)
    .pluck()
    .get();
  return typeof hour === "number" ? hour * HOUR_MS : undefined;
}

function floorHour(ms: number): number {
  return Math.floor(ms / HOUR_MS) * HOUR_MS;
}

function ceilHour(ms: number): number {
  return Math.ceil(ms / HOUR_MS) * HOUR_MS;
}

/** The period of the same length just before. */
export function periodBefore({ from, to }: Period): Period {
  return { from: from - (to - from), to: from };
}

/** Round widths of a bucket of time; each divides the next, so that fine buckets add up to coarse ones. */
export const BUCKETS_MS = [
  1_000,
  5_000,
  15_000,
  60_000,
  300_000,
  900_000,
  HOUR_MS,
  3 * HOUR_MS,
  6 * HOUR_MS,
  12 * HOUR_MS,
  DAY_MS,
  7 * DAY_MS,
  28 * DAY_MS,
  364 * DAY_MS,
] as const;

/** The finest round width by which a period falls into at most so many parts. */
export function bucketWidth({ from, to }: Period, most: number, least = 0): number {
  const wanted = Math.max((to - from) / most, least);
  return BUCKETS_MS.find((width) => width >= wanted) ?? Math.ceil(wanted / DAY_MS) * DAY_MS;
}
