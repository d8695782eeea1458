import type { Output, ParsedInput } from "../../../src-shared/contract/index.ts";
import type {
  AnalyticsReport,
  Breakdown,
  FailureReason,
  StatusCounts,
  Totals,
} from "../../../src-shared/contract/statistics.ts";
import { percentile } from "../../../src-shared/latency.ts";
import { isSuccessful, isWaiting, STATUSES, type Status } from "../../../src-shared/status.ts";
import { DAY_MS, formatTime, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src-shared/time.ts";
import type { ReadableDatabase } from "../open.ts";
import { GRAIN } from "../slots.ts";
import type { Counts, Stage } from "../tally.ts";
import { countAll, countByKey, countByPart, floorDivision, type KeyCounts, latencyCounts } from "./counts.ts";
import { bucketWidth, formatPeriod, type Period, periodBefore, resolvePeriod } from "./period.ts";
import { funnel, listSessions } from "./sessions.ts";

const VOLUME_BUCKETS = 96;
const TOP = 10;
const HOURS_PER_DAY = 24;
const DAYS_PER_WEEK = 7;
/** 1970-01-01 was a Thursday; weeks begin on Monday. */
const EPOCH_WEEKDAY = 3;

function named(counts: Counts): StatusCounts {
  return Object.fromEntries(STATUSES.map((status, code) => [status, counts[code] ?? 0])) as StatusCounts;
}

function share(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

function outcome(counts: StatusCounts) {
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

function breakdown(rows: readonly KeyCounts[]): Breakdown[] {
  return rows
    .map(({ key, counts }) => ({ key, ...outcome(named(counts)) }))
    .filter(({ total }) => total > 0)
    .sort((a, b) => b.total - a.total || (a.key < b.key ? -1 : 1));
}

function latency(database: ReadableDatabase, period: Period, stage: Stage): Totals["to_sent"] {
  const bins = latencyCounts(database, period, stage);
  const seconds = (ms: number | null): number | null => (ms === null ? null : ms / SECOND_MS);
  return {
    count: bins.reduce((sum, { count }) => sum + count, 0),
    p50_seconds: seconds(percentile(bins, 0.5)),
    p95_seconds: seconds(percentile(bins, 0.95)),
  };
}

function totals(database: ReadableDatabase, period: Period, all = countAll(database, period)): Totals {
  const { total, successful, failed, success_rate } = outcome(named(all));
  return {
    total,
    successful,
    failed,
    success_rate,
    to_sent: latency(database, period, "sent"),
    to_delivered: latency(database, period, "delivered"),
  };
}

function failureReasons(database: ReadableDatabase, period: Period): FailureReason[] {
  const find = database.prepare("SELECT * FROM error_templates WHERE id = ?");
  return countByKey(database, period, "error")
    .map(({ key, counts }) => ({ key, count: counts.reduce((sum, number) => sum + number, 0) }))
    .sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1))
    .slice(0, TOP)
    .flatMap(({ key, count }) => {
      const found = find.get(key) as TemplateRow | undefined;
      if (found === undefined) return [];
      const { id, template, sample, first_seen_ts, last_seen_ts } = found;
      return {
        id,
        template,
        sample,
        count,
        first_seen_ts: formatTime(first_seen_ts),
        last_seen_ts: formatTime(last_seen_ts),
      };
    });
}

type TemplateRow = {
  id: number;
  template: string;
  sample: string;
  first_seen_ts: number;
  last_seen_ts: number;
};

/** Buckets begin where the caller's days do, as far as whole hours can tell. */
function volume(
  database: ReadableDatabase,
  period: Period,
  width: number,
  offsetMinutes: number,
): Output<"stats.overview">["volume"] {
  const offset = Math.round((offsetMinutes * MINUTE_MS) / HOUR_MS);
  const widthHours = width / HOUR_MS;
  const first = Math.floor((period.from / HOUR_MS + offset) / widthHours);
  const last = Math.floor(((period.to - 1) / HOUR_MS + offset) / widthHours);
  const parts = countByPart(database, period, floorDivision(`(hour + ${offset})`, widthHours));
  const found = new Map(parts.map(({ part, counts }) => [part, counts]));
  return Array.from({ length: last - first + 1 }, (_, index) => ({
    ts: formatTime(((first + index) * widthHours - offset) * HOUR_MS),
    counts: named(found.get(first + index) ?? []),
  }));
}

function busiest(database: ReadableDatabase, period: Period, offsetMinutes: number): number[][] {
  const week = Array.from({ length: DAYS_PER_WEEK }, () => new Array<number>(HOURS_PER_DAY).fill(0));
  // Statistics are by whole hours: a zone with a half hour falls into the hour it mostly covers.
  const offset = Math.round((offsetMinutes * MINUTE_MS) / HOUR_MS) + EPOCH_WEEKDAY * HOURS_PER_DAY;
  const hours = DAYS_PER_WEEK * HOURS_PER_DAY;
  const parts = countByPart(database, period, `((hour + ${offset}) % ${hours} + ${hours}) % ${hours}`);
  for (const { part, counts } of parts) {
    const day = week[Math.floor(part / HOURS_PER_DAY)];
    if (day !== undefined) day[part % HOURS_PER_DAY] = total(counts);
  }
  return week;
}

function total(counts: Counts): number {
  return counts.reduce((sum, number) => sum + number, 0);
}

function countSessions(database: ReadableDatabase, { from, to }: Period): number {
  return Number(
    database
      .prepare("SELECT count(*) FROM sessions WHERE started_ts >= @from AND started_ts < @to")
      .pluck()
      .get({ from, to }),
  );
}

function busiestHours(database: ReadableDatabase, { from, to }: Period): AnalyticsReport["busiest_hours"] {
  const rows = database
    .prepare(
      `SELECT slot AS hour, ${STATUSES.join(" + ")} AS total FROM message_counts
       WHERE dimension = 'all' AND grain = ${GRAIN.hour} AND slot >= ? AND slot < ? AND key = ''
       ORDER BY total DESC, slot LIMIT ${TOP}`,
    )
    .all(from / HOUR_MS, to / HOUR_MS) as { hour: number; total: number }[];
  return rows.map(({ hour, total }) => ({ ts: formatTime(hour * HOUR_MS), total }));
}

export function quickStats(
  database: ReadableDatabase,
  { days }: ParsedInput<"stats.quick">,
): Output<"stats.quick"> {
  const period = resolvePeriod(database, { days }, Date.now());
  const byStatus = named(countAll(database, period));
  const channels = breakdown(countByKey(database, period, "channel"));
  return {
    days,
    ...outcome(byStatus),
    by_status: byStatus,
    by_channel: Object.fromEntries(channels.map(({ key, total }) => [key, total])),
    most_used_channel: channels[0]?.key ?? null,
    sessions: countSessions(database, period),
  };
}

export function overview(
  database: ReadableDatabase,
  { utc_offset_minutes, ...input }: ParsedInput<"stats.overview">,
): Output<"stats.overview"> {
  const period = resolvePeriod(database, input, Date.now());
  const all = countAll(database, period);
  const byStatus = named(all);
  const width = bucketWidth(period, VOLUME_BUCKETS, HOUR_MS);
  return {
    ...formatPeriod(period),
    current: totals(database, period, all),
    previous: totals(database, periodBefore(period)),
    bucket_seconds: width / SECOND_MS,
    volume: volume(database, period, width, utc_offset_minutes),
    channels: breakdown(countByKey(database, period, "channel")),
    funnel: funnel(STATUSES.map((status) => ({ status, count: byStatus[status] }))),
    failures: failureReasons(database, period),
    busiest: busiest(database, period, utc_offset_minutes),
    sessions: listSessions(database, { text: "", limit: TOP }).sessions,
  };
}

export function analyticsReport(
  database: ReadableDatabase,
  input: ParsedInput<"stats.report">,
): Output<"stats.report"> {
  const period = resolvePeriod(database, input, Date.now());
  const all = countAll(database, period);
  const series = (counts: Counts) => {
    const { total, successful, failed } = outcome(named(counts));
    return { total, successful, failed };
  };
  const days = countByPart(database, period, floorDivision("hour", HOURS_PER_DAY));
  const hoursOfDay = new Map(
    countByPart(database, period, `(hour % ${HOURS_PER_DAY} + ${HOURS_PER_DAY}) % ${HOURS_PER_DAY}`).map(
      ({ part, counts }) => [part, counts],
    ),
  );
  return {
    ...formatPeriod(period),
    generated_ts: formatTime(Date.now()),
    totals: totals(database, period, all),
    by_status: named(all),
    by_day: days.map(({ part, counts }) => ({ ts: formatTime(part * DAY_MS), ...series(counts) })),
    by_hour: Array.from({ length: HOURS_PER_DAY }, (_, hour) => ({
      hour,
      ...series(hoursOfDay.get(hour) ?? []),
    })),
    by_channel: breakdown(countByKey(database, period, "channel")),
    by_template: breakdown(countByKey(database, period, "template")),
    by_domain: breakdown(countByKey(database, period, "domain")),
    top_errors: failureReasons(database, period),
    busiest_hours: busiestHours(database, period),
    sessions: countSessions(database, period),
  };
}
