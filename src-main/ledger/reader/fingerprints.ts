import type { Output, ParsedInput } from "../../../src-shared/contract/index.ts";
import { type Fingerprint, MOST_SESSIONS_COUNTED } from "../../../src-shared/contract/statistics.ts";
import { foldCase } from "../../../src-shared/query/fold.ts";
import { STATUSES } from "../../../src-shared/status.ts";
import { formatTime, HOUR_MS, SECOND_MS } from "../../../src-shared/time.ts";
import type { ReadableDatabase } from "../open.ts";
import { DAYS_PER_BLOCK, GRAIN, type Grain, HOURS_PER_DAY } from "../slots.ts";
import { OTHER_KEY } from "../writer/rollups.ts";
import { countByKey } from "./counts.ts";
import { formatPeriod, type Period, periodBefore, resolvePeriod } from "./period.ts";
import { templateFinder } from "./template-finder.ts";

const TREND_POINTS = 48;
/** Where a failure reason is at home shows in its newest messages; all of them would be millions. */
const LOOKED_AT = 8;

type TrendRow = { key: string; point: number; count: number };

/** Why messages of a period failed: each reason with its course and what it touched, the most frequent first. */
export function fingerprints(
  database: ReadableDatabase,
  { text, limit, ...input }: ParsedInput<"stats.fingerprints">,
): Output<"stats.fingerprints"> {
  const period = resolvePeriod(database, input, Date.now());
  const counts = countsByTemplate(database, period);
  const before = countsByTemplate(database, periodBefore(period));
  const other = counts.get(OTHER_KEY) ?? 0;
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);

  const sought = foldCase(text.trim());
  const find = templateFinder(database);
  const found = [...counts]
    .flatMap(([key, count]) => {
      const row = find(key);
      const isSought = row !== undefined && foldCase(`${row.template}\n${row.sample}`).includes(sought);
      return isSought ? [{ key, count, row }] : [];
    })
    .sort((a, b) => b.count - a.count || a.row.id - b.row.id);
  const shown = found.slice(0, limit);
  const trends = trendsOf(
    database,
    period,
    shown.map(({ key }) => key),
  );
  const reach = reachOf(database, period);
  return {
    ...formatPeriod(period),
    bucket_seconds: trends.bucketMs / SECOND_MS,
    total,
    other,
    found: found.length,
    fingerprints: shown.map(
      ({ key, count, row }): Fingerprint => ({
        id: row.id,
        template: row.template,
        sample: row.sample,
        count,
        previous_count: before.get(key) ?? 0,
        first_seen_ts: formatTime(row.first_seen_ts),
        last_seen_ts: formatTime(row.last_seen_ts),
        trend: trends.of(key),
        sessions: reach.sessions(row.id),
        channels: reach.channels(row.id),
        is_new: row.first_seen_ts >= period.from,
      }),
    ),
  };
}

function countsByTemplate(database: ReadableDatabase, period: Period): Map<string, number> {
  const rows = countByKey(database, period, "error");
  return new Map(rows.map(({ key, counts }) => [key, counts.reduce((sum, count) => sum + count, 0)]));
}

/** The finest grain by which a trend does not read more slots than a page is worth waiting for. */
function trendGrain(hours: number): { grain: Grain; size: number } {
  if (hours <= 8 * HOURS_PER_DAY) return { grain: GRAIN.hour, size: 1 };
  if (hours <= 400 * HOURS_PER_DAY) return { grain: GRAIN.day, size: HOURS_PER_DAY };
  return { grain: GRAIN.block, size: HOURS_PER_DAY * DAYS_PER_BLOCK };
}

/** Failures over time of these templates, in one walk; the first and the last point may reach out of the period. */
function trendsOf(database: ReadableDatabase, { from, to }: Period, keys: readonly string[]) {
  const { grain, size } = trendGrain((to - from) / HOUR_MS);
  const first = Math.floor(from / HOUR_MS / size);
  const slots = Math.ceil(to / HOUR_MS / size) - first;
  const width = Math.ceil(slots / TREND_POINTS);
  const points = Math.ceil(slots / width);
  const rows = database
    .prepare(
      // Numbers are bound as REAL: without the cast it is no whole division.
      `SELECT key, CAST((slot - @first) / @width AS INTEGER) AS point, sum(${STATUSES.join(" + ")}) AS count
       FROM message_counts
       WHERE dimension = 'error' AND grain = @grain AND slot >= @first AND slot < @last
         AND key IN (SELECT value FROM json_each(@keys))
       GROUP BY 1, 2`,
    )
    .all({ first, width, grain, last: first + slots, keys: JSON.stringify(keys) }) as TrendRow[];
  const byKey = Map.groupBy(rows, ({ key }) => key);
  return {
    bucketMs: width * size * HOUR_MS,
    of: (key: string): number[] => {
      const trend = new Array<number>(points).fill(0);
      for (const { point, count } of byKey.get(key) ?? []) trend[point] = count;
      return trend;
    },
  };
}

/** What a reason touched. */
function reachOf(database: ReadableDatabase, { from, to }: Period) {
  const sessions = database
    .prepare(
      `SELECT count(*) FROM (
         SELECT 1 FROM session_errors WHERE error_template_id = ? LIMIT ${MOST_SESSIONS_COUNTED})`,
    )
    .pluck();
  const channels = database
    .prepare(
      `SELECT channel FROM message_logs
       WHERE error_template_id = ? AND origin_ts >= ? AND origin_ts < ?
       ORDER BY origin_ts DESC LIMIT ${LOOKED_AT}`,
    )
    .pluck();
  return {
    sessions: (id: number): number => Number(sessions.get(id)),
    channels: (id: number): string[] => [...new Set(channels.all(id, from, to) as string[])].sort(),
  };
}
