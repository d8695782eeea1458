import type { Output, ParsedInput } from "../../../src-shared/contract/index.ts";
import type { FailureReason, PeriodInput, Totals } from "../../../src-shared/contract/statistics.ts";
import { STATUSES } from "../../../src-shared/status.ts";
import { formatTime, HOUR_MS } from "../../../src-shared/time.ts";
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
} from "../../ledger/reader/figures.ts";
import { asksForAll, formatPeriod, type Period, periodBefore, toPeriod } from "../../ledger/reader/period.ts";
import { funnel } from "../../ledger/reader/sessions.ts";
import type { Counts } from "../../ledger/tally.ts";
import type { ArchiveDatabase } from "./archive-database.ts";
import {
  bounds,
  countAll,
  countByChannel,
  countByDomain,
  countByPart,
  countByTemplate,
  latencyCounts,
} from "./counts.ts";
import { byCount, reasonsOf } from "./errors.ts";
import { millisecondsOf } from "./record-row.ts";
import { listSessions } from "./sessions.ts";

/** As the ledger's. Throws `invalid` for a text that is no time. */
export async function resolvePeriod(database: ArchiveDatabase, input: PeriodInput): Promise<Period> {
  if (!asksForAll(input)) return toPeriod(input, Date.now(), undefined);
  const [first] = await database.rows<{ hour: number }>(
    `SELECT ${millisecondsOf("m.hour")} AS hour FROM message_hours AS m
     WHERE m.messages > 0 ORDER BY m.hour LIMIT 1`,
  );
  return toPeriod(input, Date.now(), first?.hour);
}

async function totals(database: ArchiveDatabase, period: Period, all?: Counts): Promise<Totals> {
  const counts = all ?? (await countAll(database, period));
  return totalsOf(counts, await latencyCounts(database, period));
}

async function failureReasons(database: ArchiveDatabase, period: Period): Promise<FailureReason[]> {
  const { reasons } = await reasonsOf(database, period);
  return [...reasons.values()]
    .sort(byCount)
    .slice(0, TOP)
    .map(({ id, template, sample, count, first, last }) => ({
      id,
      template,
      sample,
      count,
      first_seen_ts: formatTime(first),
      last_seen_ts: formatTime(last),
    }));
}

async function countSessions(database: ArchiveDatabase, period: Period): Promise<number> {
  const { count } = await database.row<{ count: number }>(
    `SELECT count(*)::float8 AS count FROM sessions AS s
     WHERE s.started_ts >= $1::timestamptz AND s.started_ts < $2::timestamptz`,
    bounds(period),
  );
  return count;
}

export async function quickStats(
  database: ArchiveDatabase,
  { days }: ParsedInput<"stats.quick">,
): Promise<Output<"stats.quick">> {
  const period = await resolvePeriod(database, { days });
  const byStatus = named(await countAll(database, period));
  const channels = breakdown(await countByChannel(database, period));
  return {
    days,
    ...outcome(byStatus),
    by_status: byStatus,
    by_channel: Object.fromEntries(channels.map(({ key, total }) => [key, total])),
    most_used_channel: channels[0]?.key ?? null,
    sessions: await countSessions(database, period),
  };
}

export async function overview(
  database: ArchiveDatabase,
  { utc_offset_minutes, ...input }: ParsedInput<"stats.overview">,
): Promise<Output<"stats.overview">> {
  const period = await resolvePeriod(database, input);
  const layout = volumeLayout(period, utc_offset_minutes);
  const all = await countAll(database, period);
  const byStatus = named(all);
  const [current, previous, volume, channels, failures, week, recent] = await Promise.all([
    totals(database, period, all),
    totals(database, periodBefore(period)),
    countByPart(database, period, layout.part),
    countByChannel(database, period),
    failureReasons(database, period),
    countByPart(database, period, hourOfWeek(utc_offset_minutes)),
    listSessions(database, { text: "", limit: TOP }),
  ]);
  return {
    ...formatPeriod(period),
    current,
    previous,
    bucket_seconds: layout.bucketSeconds,
    volume: layoutVolume(layout, volume),
    channels: breakdown(channels),
    funnel: funnel(STATUSES.map((status) => ({ status, count: byStatus[status] }))),
    failures,
    busiest: layoutWeek(week),
    sessions: recent.sessions,
  };
}

export async function analyticsReport(
  database: ArchiveDatabase,
  input: ParsedInput<"stats.report">,
): Promise<Output<"stats.report">> {
  const period = await resolvePeriod(database, input);
  const all = await countAll(database, period);
  const [whole, days, hours, channels, templates, domains, errors, eachHour, sessions] = await Promise.all([
    totals(database, period, all),
    countByPart(database, period, DAY_OF_HOUR),
    countByPart(database, period, HOUR_OF_DAY),
    countByChannel(database, period),
    countByTemplate(database, period),
    countByDomain(database, period),
    failureReasons(database, period),
    countByPart(database, period, "hour"),
    countSessions(database, period),
  ]);
  return {
    ...formatPeriod(period),
    generated_ts: formatTime(Date.now()),
    totals: whole,
    by_status: named(all),
    by_day: layoutDays(days),
    by_hour: layoutHoursOfDay(hours),
    by_channel: breakdown(channels),
    by_template: breakdown(templates),
    by_domain: breakdown(domains),
    top_errors: errors,
    busiest_hours: eachHour
      .map(({ part, counts }) => ({ hour: part, total: outcome(named(counts)).total }))
      .sort((a, b) => b.total - a.total || a.hour - b.hour)
      .slice(0, TOP)
      .map(({ hour, total }) => ({ ts: formatTime(hour * HOUR_MS), total })),
    sessions,
  };
}
