import type { Overview, StatusCounts } from "../../../src-shared/contract/statistics.ts";
import { isSuccessful, STATUSES } from "../../../src-shared/status.ts";
import { DAY_MS } from "../../../src-shared/time.ts";

export type VolumePoint = StatusCounts & {
  start: number;
  end: number;
  /** The part of it within the period: the first and the last bar may reach out of it. */
  from: number;
  to: number;
};

export function totalOf(counts: StatusCounts): number {
  return STATUSES.reduce((sum, status) => sum + counts[status], 0);
}

/** 0 to 1; null without messages. */
export function successRateOf(counts: StatusCounts): number | null {
  const total = totalOf(counts);
  if (total === 0) return null;
  return STATUSES.filter(isSuccessful).reduce((sum, status) => sum + counts[status], 0) / total;
}

export function volumePoints({ volume, bucket_seconds, ...period }: Overview): VolumePoint[] {
  return volume.map(({ ts, counts }) => {
    const start = Date.parse(ts);
    const end = start + bucket_seconds * 1_000;
    const from = Math.max(start, Date.parse(period.from));
    return { ...counts, start, end, from, to: Math.min(end, Date.parse(period.to)) };
  });
}

export function totalsByStatus(points: readonly VolumePoint[]): StatusCounts {
  const totals = Object.fromEntries(STATUSES.map((status) => [status, 0])) as StatusCounts;
  for (const point of points) for (const status of STATUSES) totals[status] += point[status];
  return totals;
}

const hour = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const weekdayHour = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});
const weekday = new Intl.DateTimeFormat("en-GB", { weekday: "short", day: "numeric", month: "short" });
// Days are UTC days in the statistics; in local time they would begin at an odd hour or on the day before.
const utcDay = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const utcWeekday = new Intl.DateTimeFormat("en-GB", {
  weekday: "short",
  day: "numeric",
  month: "short",
  timeZone: "UTC",
});

function isLocalMidnight(ms: number): boolean {
  return new Date(ms).getHours() === 0;
}

/** For the axis: times where a bar is shorter than a day, else dates. */
export function tickLabel(start: number, bucket: number, span: number): string {
  if (bucket < DAY_MS) return (span <= 2 * DAY_MS ? hour : day).format(start);
  return (isLocalMidnight(start) ? day : utcDay).format(start);
}

/** For the tooltip and the table: which time a bar covers. */
export function bucketLabel({ start, end }: { start: number; end: number }): string {
  if (end - start < DAY_MS) return `${weekdayHour.format(start)} – ${hour.format(end)}`;
  const isLocal = isLocalMidnight(start);
  const zone = isLocal ? "" : " (UTC)";
  if (end - start === DAY_MS) return (isLocal ? weekday : utcWeekday).format(start) + zone;
  const write = isLocal ? day : utcDay;
  return `${write.format(start)} – ${write.format(end - 1)}${zone}`;
}
