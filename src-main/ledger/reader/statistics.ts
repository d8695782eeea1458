import type { Output, ParsedInput } from "../../../src-shared/contract/index.ts";
import type {
  Breakdown,
  FailureReason,
  StatusCounts,
  Totals,
} from "../../../src-shared/contract/statistics.ts";
import { type LatencyCount, percentile } from "../../../src-shared/latency.ts";
import { isSuccessful, isWaiting, STATUSES, type Status } from "../../../src-shared/status.ts";
import { DAY_MS, formatTime, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src-shared/time.ts";
import type { ReadableDatabase } from "../open.ts";
import { bucketWidth, formatPeriod, type Period, periodBefore, resolvePeriod } from "./period.ts";
import { funnel, listSessions } from "./sessions.ts";

const VOLUME_BUCKETS = 96;
const TOP = 10;
const HOURS_PER_DAY = 24;
const DAYS_PER_WEEK = 7;
/** 1970-01-01 was a Thursday; weeks begin on Monday. */
const EPOCH_WEEKDAY = 3;

type Dimension = "channel" | "template" | "error";
type KeyCount = { key: string; status: Status; count: number };

function hours({ from, to }: Period): { from: number; to: number } {
  return { from: Math.floor(from / HOUR_MS), to: Math.ceil(to / HOUR_MS) };
}

function countByKey(database: ReadableDatabase, period: Period, dimension: Dimension): KeyCount[] {
  return database
    .prepare(
      `SELECT key, status, sum(count) AS count FROM hourly_counts
       WHERE dimension = @dimension AND hour >= @from AND hour < @to GROUP BY 1, 2`,
    )
    .all({ dimension, ...hours(period) }) as KeyCount[];
}

function noCounts(): StatusCounts {
  return Object.fromEntries(STATUSES.map((status) => [status, 0])) as StatusCounts;
}

function addUp(rows: readonly { status: Status; count: number }[]): StatusCounts {
  const counts = noCounts();
  for (const { status, count } of rows) counts[status] += count;
  return counts;
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

function breakdown(rows: readonly KeyCount[]): Breakdown[] {
  const byKey = Map.groupBy(rows, ({ key }) => key);
  return [...byKey]
    .map(([key, counts]) => ({ key, ...outcome(addUp(counts)) }))
    .sort((a, b) => b.total - a.total || (a.key < b.key ? -1 : 1));
}

function latency(database: ReadableDatabase, period: Period, stage: "sent" | "delivered"): Totals["to_sent"] {
  const bins = database
    .prepare(
      `SELECT bin, sum(count) AS count FROM hourly_latencies
       WHERE stage = @stage AND hour >= @from AND hour < @to GROUP BY 1`,
    )
    .all({ stage, ...hours(period) }) as LatencyCount[];
  const seconds = (ms: number | null): number | null => (ms === null ? null : ms / SECOND_MS);
  return {
    count: bins.reduce((sum, { count }) => sum + count, 0),
    p50_seconds: seconds(percentile(bins, 0.5)),
    p95_seconds: seconds(percentile(bins, 0.95)),
  };
}

function totals(
  database: ReadableDatabase,
  period: Period,
  channels = countByKey(database, period, "channel"),
): Totals {
  const { total, successful, failed, success_rate } = outcome(addUp(channels));
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
  const rows = database
    .prepare(
      `SELECT t.id, t.template, t.sample, c.count, t.first_seen_ts, t.last_seen_ts
       FROM (SELECT CAST(key AS INTEGER) AS id, sum(count) AS count FROM hourly_counts
             WHERE dimension = 'error' AND hour >= @from AND hour < @to GROUP BY 1
             ORDER BY 2 DESC LIMIT ${TOP}) AS c
       JOIN error_templates AS t ON t.id = c.id ORDER BY c.count DESC, t.id`,
    )
    .all(hours(period)) as (Omit<FailureReason, "first_seen_ts" | "last_seen_ts"> & {
    first_seen_ts: number;
    last_seen_ts: number;
  })[];
  return rows.map((row) => ({
    ...row,
    first_seen_ts: formatTime(row.first_seen_ts),
    last_seen_ts: formatTime(row.last_seen_ts),
  }));
}

type HourCount = { hour: number; status: Status; count: number };

function countByHour(database: ReadableDatabase, period: Period): HourCount[] {
  return database
    .prepare(
      `SELECT hour, status, sum(count) AS count FROM hourly_counts
       WHERE dimension = 'channel' AND hour >= @from AND hour < @to GROUP BY 1, 2`,
    )
    .all(hours(period)) as HourCount[];
}

/** Buckets begin where the caller's days do, as far as whole hours can tell. */
function volume(
  rows: readonly HourCount[],
  period: Period,
  width: number,
  offsetMinutes: number,
): Output<"stats.overview">["volume"] {
  const offset = Math.round((offsetMinutes * MINUTE_MS) / HOUR_MS) * HOUR_MS;
  const bucketOf = (ms: number): number => Math.floor((ms + offset) / width);
  const first = bucketOf(period.from);
  const buckets = Array.from({ length: bucketOf(period.to - 1) - first + 1 }, (_, index) => ({
    ts: formatTime((first + index) * width - offset),
    counts: noCounts(),
  }));
  for (const { hour, status, count } of rows) {
    const bucket = buckets[bucketOf(hour * HOUR_MS) - first];
    if (bucket !== undefined) bucket.counts[status] += count;
  }
  return buckets;
}

function busiest(rows: readonly HourCount[], offsetMinutes: number): number[][] {
  const week = Array.from({ length: DAYS_PER_WEEK }, () => new Array<number>(HOURS_PER_DAY).fill(0));
  for (const { hour, count } of rows) {
    // Statistics are by whole hours: a zone with a half hour falls into the hour it mostly covers.
    const local = Math.round((hour * HOUR_MS + offsetMinutes * MINUTE_MS) / HOUR_MS);
    const weekday = (Math.floor(local / HOURS_PER_DAY) + EPOCH_WEEKDAY) % DAYS_PER_WEEK;
    const day = week.at(weekday);
    const slot = ((local % HOURS_PER_DAY) + HOURS_PER_DAY) % HOURS_PER_DAY;
    if (day !== undefined) day[slot] = (day[slot] ?? 0) + count;
  }
  return week;
}

function countSessions(database: ReadableDatabase, { from, to }: Period): number {
  return Number(
    database
      .prepare("SELECT count(*) FROM sessions WHERE started_ts >= @from AND started_ts < @to")
      .pluck()
      .get({ from, to }),
  );
}

export function quickStats(
  database: ReadableDatabase,
  { days }: ParsedInput<"stats.quick">,
): Output<"stats.quick"> {
  const period = resolvePeriod(database, { days }, Date.now());
  const byChannel = countByKey(database, period, "channel");
  const byStatus = addUp(byChannel);
  const channels = breakdown(byChannel);
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
  const channels = countByKey(database, period, "channel");
  const byHour = countByHour(database, period);
  const byStatus = addUp(channels);
  const width = bucketWidth(period, VOLUME_BUCKETS, HOUR_MS);
  return {
    ...formatPeriod(period),
    current: totals(database, period, channels),
    previous: totals(database, periodBefore(period)),
    bucket_seconds: width / SECOND_MS,
    volume: volume(byHour, period, width, utc_offset_minutes),
    channels: breakdown(channels),
    funnel: funnel(STATUSES.map((status) => ({ status, count: byStatus[status] }))),
    failures: failureReasons(database, period),
    busiest: busiest(byHour, utc_offset_minutes),
    sessions: listSessions(database, { text: "", limit: TOP }).sessions,
  };
}

/** A scan of the period's messages: recipients are too many to keep statistics of each. */
function topRecipients(
  database: ReadableDatabase,
  { from, to }: Period,
): Output<"stats.report">["top_recipients"] {
  return database
    .prepare(
      `SELECT r.value AS recipient, count(*) AS total,
         sum(m.status IN ('sent', 'delivered', 'read')) AS successful, sum(m.status = 'failed') AS failed
       FROM message_logs AS m, json_each(m.destination_subject_ids) AS r
       WHERE m.origin_ts >= @from AND m.origin_ts < @to
       GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT ${TOP}`,
    )
    .all({ from, to }) as Output<"stats.report">["top_recipients"];
}

export function analyticsReport(
  database: ReadableDatabase,
  input: ParsedInput<"stats.report">,
): Output<"stats.report"> {
  const period = resolvePeriod(database, input, Date.now());
  const channels = countByKey(database, period, "channel");
  const byHour = countByHour(database, period);
  const series = (rows: readonly HourCount[]) => {
    const { total, successful, failed } = outcome(addUp(rows));
    return { total, successful, failed };
  };
  const days = Map.groupBy(byHour, ({ hour }) => Math.floor((hour * HOUR_MS) / DAY_MS));
  const hoursOfDay = Map.groupBy(byHour, ({ hour }) => hour % HOURS_PER_DAY);
  const singleHours = [...Map.groupBy(byHour, ({ hour }) => hour)];
  return {
    ...formatPeriod(period),
    generated_ts: formatTime(Date.now()),
    totals: totals(database, period, channels),
    by_status: addUp(channels),
    by_day: [...days]
      .sort(([a], [b]) => a - b)
      .map(([day, rows]) => ({ ts: formatTime(day * DAY_MS), ...series(rows) })),
    by_hour: Array.from({ length: HOURS_PER_DAY }, (_, hour) => ({
      hour,
      ...series(hoursOfDay.get(hour) ?? []),
    })),
    by_channel: breakdown(channels),
    by_template: breakdown(countByKey(database, period, "template")),
    top_errors: failureReasons(database, period),
    top_recipients: topRecipients(database, period),
    busiest_hours: singleHours
      .map(([hour, rows]) => ({ ts: formatTime(hour * HOUR_MS), total: series(rows).total }))
      .sort((a, b) => b.total - a.total)
      .slice(0, TOP),
    sessions: countSessions(database, period),
  };
}
