import type { Histogram } from "../../../src-shared/contract/messages.ts";
import type { AnalyticsReport } from "../../../src-shared/contract/statistics.ts";
import { DAY_MS } from "../../../src-shared/time.ts";
import { formatDate, formatDuration } from "../../ui/format.ts";

/** One place on the common axis; null past the end of the shorter one. */
export type OverlayPoint = {
  label: string;
  a: number | null;
  b: number | null;
  aName: string;
  bName: string;
};

const MOST_DAYS_BY_HOUR = 2;
const MOST_POINTS = 120;

/** Days from the beginning of each period on; hours of the day where it is no longer than two days. */
export function periodOverlay(a: AnalyticsReport, b: AnalyticsReport): OverlayPoint[] {
  const longest = Math.max(dayCount(a), dayCount(b));
  if (longest <= MOST_DAYS_BY_HOUR + 1) {
    return a.by_hour.map(({ hour, total }, index) => {
      const label = `${String(hour).padStart(2, "0")}:00`;
      return {
        label,
        a: total,
        b: b.by_hour[index]?.total ?? 0,
        aName: `${label} UTC`,
        bName: `${label} UTC`,
      };
    });
  }
  return Array.from({ length: longest }, (_, day) => {
    const [left, right] = [dayAt(a, day), dayAt(b, day)];
    return { label: `Day ${day + 1}`, a: left.total, b: right.total, aName: left.name, bName: right.name };
  });
}

const firstDay = ({ from }: AnalyticsReport): number => Math.floor(Date.parse(from) / DAY_MS);

function dayCount(report: AnalyticsReport): number {
  return Math.ceil(Date.parse(report.to) / DAY_MS) - firstDay(report);
}

function dayAt(report: AnalyticsReport, day: number): { total: number | null; name: string } {
  if (day >= dayCount(report)) return { total: null, name: "–" };
  const start = (firstDay(report) + day) * DAY_MS;
  const found = report.by_day.find(({ ts }) => Date.parse(ts) === start);
  return { total: found?.total ?? 0, name: formatDate(start) };
}

/** Time since each session's first message, in steps that both timelines can be brought to. */
export function sessionOverlay(a: Histogram, b: Histogram): OverlayPoint[] {
  const [left, right] = [used(a), used(b)];
  const longest = Math.max(span(left), span(right));
  const finest = Math.max(a.bucket_seconds, b.bucket_seconds);
  const step = finest * Math.max(1, Math.ceil(longest / finest / MOST_POINTS));
  const count = Math.max(1, Math.ceil(longest / step));
  const [lefts, rights] = [resample(left, step), resample(right, step)];
  return Array.from({ length: count }, (_, index) => {
    const label = index === 0 ? "Start" : `+${formatDuration(index * step)}`;
    const at = (totals: readonly number[]) => totals[index] ?? null;
    return { label, a: at(lefts), b: at(rights), aName: label, bName: label };
  });
}

type Series = { seconds: number; totals: readonly number[] };

const span = ({ seconds, totals }: Series): number => seconds * totals.length;

/** Without the empty buckets at both ends. */
function used({ bucket_seconds, buckets }: Histogram): Series {
  const totals = buckets.map(({ counts }) => Object.values(counts).reduce((sum, count) => sum + count, 0));
  const first = totals.findIndex((total) => total > 0);
  const last = totals.findLastIndex((total) => total > 0);
  return { seconds: bucket_seconds, totals: first < 0 ? [] : totals.slice(first, last + 1) };
}

function resample({ seconds, totals }: Series, step: number): number[] {
  const result: number[] = [];
  for (const [index, total] of totals.entries()) {
    const at = Math.floor((index * seconds) / step);
    while (result.length <= at) result.push(0);
    result[at] = (result[at] ?? 0) + total;
  }
  return result;
}
