import type { Output, ParsedInput } from "../../../src-shared/contract/index.ts";
import type { AnalyticsReport, FailureReason, Totals } from "../../../src-shared/contract/statistics.ts";
import { STATUSES } from "../../../src-shared/status.ts";
import { formatTime, HOUR_MS } from "../../../src-shared/time.ts";
import type { ReadableDatabase } from "../open.ts";
import { GRAIN } from "../slots.ts";
import { countAll, countByKey, countByPart, latencyCounts } from "./counts.ts";
import {
  breakdown,
  DAY_OF_HOUR,
  HOUR_OF_DAY,
  hourOfWeek,
  layoutDays,
  layoutHoursOfDay,
  layoutVolume,
  layoutWeek,
  named,
  outcome,
  TOP,
  totalsOf,
  volumeLayout,
} from "./figures.ts";
import { formatPeriod, type Period, periodBefore, resolvePeriod } from "./period.ts";
import { funnel, listSessions } from "./sessions.ts";
import { templateFinder } from "./template-finder.ts";

function totals(database: ReadableDatabase, period: Period, all = countAll(database, period)): Totals {
  return totalsOf(all, {
    sent: latencyCounts(database, period, "sent"),
    delivered: latencyCounts(database, period, "delivered"),
  });
}

function failureReasons(database: ReadableDatabase, period: Period): FailureReason[] {
  const find = templateFinder(database);
  return countByKey(database, period, "error")
    .map(({ key, counts }) => ({ key, count: counts.reduce((sum, number) => sum + number, 0) }))
    .sort((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1))
    .slice(0, TOP)
    .flatMap(({ key, count }) => {
      const found = find(key);
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
  const layout = volumeLayout(period, utc_offset_minutes);
  return {
    ...formatPeriod(period),
    current: totals(database, period, all),
    previous: totals(database, periodBefore(period)),
    bucket_seconds: layout.bucketSeconds,
    volume: layoutVolume(layout, countByPart(database, period, layout.part)),
    channels: breakdown(countByKey(database, period, "channel")),
    funnel: funnel(STATUSES.map((status) => ({ status, count: byStatus[status] }))),
    failures: failureReasons(database, period),
    busiest: layoutWeek(countByPart(database, period, hourOfWeek(utc_offset_minutes))),
    sessions: listSessions(database, { text: "", limit: TOP }).sessions,
  };
}

export function analyticsReport(
  database: ReadableDatabase,
  input: ParsedInput<"stats.report">,
): Output<"stats.report"> {
  const period = resolvePeriod(database, input, Date.now());
  const all = countAll(database, period);
  return {
    ...formatPeriod(period),
    generated_ts: formatTime(Date.now()),
    totals: totals(database, period, all),
    by_status: named(all),
    by_day: layoutDays(countByPart(database, period, DAY_OF_HOUR)),
    by_hour: layoutHoursOfDay(countByPart(database, period, HOUR_OF_DAY)),
    by_channel: breakdown(countByKey(database, period, "channel")),
    by_template: breakdown(countByKey(database, period, "template")),
    by_domain: breakdown(countByKey(database, period, "domain")),
    top_errors: failureReasons(database, period),
    busiest_hours: busiestHours(database, period),
    sessions: countSessions(database, period),
  };
}
