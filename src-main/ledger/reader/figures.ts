import type { Breakdown, StatusCounts, Totals } from "../../../src-shared/contract/statistics.ts";
import { type LatencyCount, percentile } from "../../../src-shared/latency.ts";
import { isSuccessful, isWaiting, STATUSES, type Status } from "../../../src-shared/status.ts";
import { DAY_MS, formatTime, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src-shared/time.ts";
import type { Counts, Stage } from "../tally.ts";
import { floorDivision, type KeyCounts, type Parts } from "./counts.ts";
import { bucketWidth, type Period } from "./period.ts";

/** How long the lists of a report are that show the most frequent only. */
export const TOP = 10;
const VOLUME_BUCKETS = 96;
const HOURS_PER_DAY = 24;
const DAYS_PER_WEEK = 7;
const HOURS_PER_WEEK = DAYS_PER_WEEK * HOURS_PER_DAY;
/** 1970-01-01 was a Thursday; weeks begin on Monday. */
const EPOCH_WEEKDAY = 3;

export function named(counts: Counts): StatusCounts {
  return Object.fromEntries(STATUSES.map((status, code) => [status, counts[code] ?? 0])) as StatusCounts;
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

export function outcome(counts: StatusCounts) {
  const sumOf = (test: (status: Status) => boolean): number =>
    STATUSES.reduce((sum, status) => sum + (test(status) ? counts[status] : 0), 0);
  const total = sumOf(() => true);
  const successful = sumOf(isSuccessful);
  return {
    total,
    successful,
    failed: counts.failed,
    pending: sumOf(isWaiting),
    cancelled: counts.cancelled,
    success_rate: share(successful, total),
  };
}

export function breakdown(rows: readonly KeyCounts[]): Breakdown[] {
  return rows
    .map(({ key, counts }) => ({ key, ...outcome(named(counts)) }))
    .filter(({ total }) => total > 0)
    .sort((a, b) => b.total - a.total || (a.key < b.key ? -1 : 1));
}

export function totalsOf(all: Counts, bins: Readonly<Record<Stage, readonly LatencyCount[]>>): Totals {
  const { total, successful, failed, success_rate } = outcome(named(all));
  return {
    total,
    successful,
    failed,
    success_rate,
    to_sent: latency(bins.sent),
    to_delivered: latency(bins.delivered),
  };
}

function latency(bins: readonly LatencyCount[]): Totals["to_sent"] {
  const seconds = (ms: number | null): number | null => (ms === null ? null : ms / SECOND_MS);
  return {
    count: bins.reduce((sum, { count }) => sum + count, 0),
    p50_seconds: seconds(percentile(bins, 0.5)),
    p95_seconds: seconds(percentile(bins, 0.95)),
  };
}

function total(counts: Counts): number {
  return counts.reduce((sum, number) => sum + number, 0);
}

/** How many hours a zone is off UTC: statistics are by whole hours, so a half hour falls into the one it mostly covers. */
function offsetHours(minutes: number): number {
  return Math.round((minutes * MINUTE_MS) / HOUR_MS);
}

/** How a period is drawn: buckets begin where the caller's days do, as far as whole hours can tell. */
export function volumeLayout(period: Period, offsetMinutes: number) {
  const width = bucketWidth(period, VOLUME_BUCKETS, HOUR_MS);
  const offset = offsetHours(offsetMinutes);
  const hours = width / HOUR_MS;
  return {
    period,
    bucketSeconds: width / SECOND_MS,
    hours,
    offset,
    /** SQL over `hour`, for `countByPart`. */
    part: floorDivision(`(hour + ${offset})`, hours),
  };
}

/** Every bucket of the period, also those without messages. */
export function layoutVolume(
  { period, hours, offset }: ReturnType<typeof volumeLayout>,
  parts: Parts,
): { ts: string; counts: StatusCounts }[] {
  const first = Math.floor((period.from / HOUR_MS + offset) / hours);
  const last = Math.floor(((period.to - 1) / HOUR_MS + offset) / hours);
  const found = new Map(parts.map(({ part, counts }) => [part, counts]));
  return Array.from({ length: last - first + 1 }, (_, index) => ({
    ts: formatTime(((first + index) * hours - offset) * HOUR_MS),
    counts: named(found.get(first + index) ?? []),
  }));
}

/** SQL over `hour`, for `countByPart`. */
export function hourOfWeek(offsetMinutes: number): string {
  const offset = offsetHours(offsetMinutes) + EPOCH_WEEKDAY * HOURS_PER_DAY;
  return `((hour + ${offset}) % ${HOURS_PER_WEEK} + ${HOURS_PER_WEEK}) % ${HOURS_PER_WEEK}`;
}

/** Messages by weekday and hour. */
export function layoutWeek(parts: Parts): number[][] {
  const week = Array.from({ length: DAYS_PER_WEEK }, () => new Array<number>(HOURS_PER_DAY).fill(0));
  for (const { part, counts } of parts) {
    const day = week[Math.floor(part / HOURS_PER_DAY)];
    if (day !== undefined) day[part % HOURS_PER_DAY] = total(counts);
  }
  return week;
}

/** SQL over `hour`, for `countByPart`. */
export const DAY_OF_HOUR = floorDivision("hour", HOURS_PER_DAY);
export const HOUR_OF_DAY = `(hour % ${HOURS_PER_DAY} + ${HOURS_PER_DAY}) % ${HOURS_PER_DAY}`;

function seriesOf(counts: Counts): { total: number; successful: number; failed: number } {
  const { total, successful, failed } = outcome(named(counts));
  return { total, successful, failed };
}

export function layoutDays(parts: Parts) {
  return parts.map(({ part, counts }) => ({ ts: formatTime(part * DAY_MS), ...seriesOf(counts) }));
}

export function layoutHoursOfDay(parts: Parts) {
  const byHour = new Map(parts.map(({ part, counts }) => [part, counts]));
  return Array.from({ length: HOURS_PER_DAY }, (_, hour) => ({ hour, ...seriesOf(byHour.get(hour) ?? []) }));
}
