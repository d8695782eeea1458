import { type LatencyCount, latencyBin } from "../../../src-shared/latency.ts";
import { STATUSES, type Status } from "../../../src-shared/status.ts";
import { DAY_MS } from "../../../src-shared/time.ts";
import type { KeyCounts, Parts } from "../../ledger/reader/counts.ts";
import type { Period } from "../../ledger/reader/period.ts";
import { type Counts, emptyCounts, type Stage } from "../../ledger/tally.ts";
import type { ArchiveDatabase, Values } from "./archive-database.ts";
import { countsOf, HOUR, type StatusSums, SUMS } from "./hours.ts";
import { toTimestamp } from "./moments.ts";

const WITHIN_HOURS = "m.hour >= $1::timestamptz AND m.hour < $2::timestamptz";
export const WITHIN_TIME = "m.origin_ts >= $1::timestamptz AND m.origin_ts < $2::timestamptz";

export function bounds({ from, to }: Period): Values {
  return [toTimestamp(from), toTimestamp(to)];
}

/** All messages of a period by status. */
export async function countAll(database: ArchiveDatabase, period: Period): Promise<Counts> {
  const sums = await database.row<StatusSums>(
    `SELECT ${SUMS} FROM message_hours AS m WHERE ${WITHIN_HOURS}`,
    bounds(period),
  );
  return countsOf(sums);
}

/** Messages of a period by channel. */
export async function countByChannel(database: ArchiveDatabase, period: Period): Promise<KeyCounts[]> {
  const rows = await database.rows<StatusSums & { channel: string }>(
    `SELECT m.channel, ${SUMS} FROM message_hours AS m WHERE ${WITHIN_HOURS} GROUP BY 1`,
    bounds(period),
  );
  return rows.map((row) => ({ key: row.channel, counts: countsOf(row) }));
}

/** Messages of a period by parts of it; `part` is SQL over `hour`, the hour of origin since 1970. */
export async function countByPart(database: ArchiveDatabase, period: Period, part: string): Promise<Parts> {
  const rows = await database.rows<StatusSums & { part: number }>(
    `SELECT (${part})::float8 AS part, ${SUMS}
     FROM (SELECT ${HOUR} AS hour, m.status, m.messages FROM message_hours AS m WHERE ${WITHIN_HOURS}) AS m
     GROUP BY 1 ORDER BY 1`,
    bounds(period),
  );
  return rows
    .map((row) => ({ part: row.part, counts: countsOf(row) }))
    .filter(({ counts }) => counts.some((count) => count !== 0));
}

/** By the name that a template has, else its id: the rollup has only the latter, so the messages are read. */
export function countByTemplate(database: ArchiveDatabase, period: Period): Promise<KeyCounts[]> {
  return countRows(
    database,
    `SELECT coalesce(m.template_name, m.template_id) AS key, m.status, count(*)::float8 AS count
     FROM message_logs AS m WHERE ${WITHIN_TIME} AND coalesce(m.template_name, m.template_id) IS NOT NULL
     GROUP BY 1, 2`,
    period,
  );
}

/** Each message once for each domain of its recipients, by whole days as in the ledger. */
export function countByDomain(database: ArchiveDatabase, { from, to }: Period): Promise<KeyCounts[]> {
  return countRows(
    database,
    `SELECT d.key, m.status, count(*)::float8 AS count
     FROM message_logs AS m CROSS JOIN LATERAL (
       SELECT DISTINCT lower(substring(r.recipient FROM '^.+@([^@]+)$')) AS key
       FROM unnest(m.destination_subject_ids) AS r (recipient)) AS d
     WHERE ${WITHIN_TIME} AND length(d.key) < 253 GROUP BY 1, 2`,
    { from: Math.floor(from / DAY_MS) * DAY_MS, to: Math.ceil(to / DAY_MS) * DAY_MS },
  );
}

async function countRows(database: ArchiveDatabase, text: string, period: Period): Promise<KeyCounts[]> {
  const rows = await database.rows<{ key: string; status: Status; count: number }>(text, bounds(period));
  const byKey = new Map<string, Counts>();
  for (const { key, status, count } of rows) {
    const counts = byKey.get(key) ?? emptyCounts();
    byKey.set(key, counts);
    counts[STATUSES.indexOf(status)] = count;
  }
  return [...byKey].map(([key, counts]) => ({ key, counts }));
}

/** The longest time that two moments of a record can lie apart. */
const LONGEST_BIN = latencyBin(10_000 * 366 * DAY_MS);

/** The least whole milliseconds of each bin of src-shared/latency.ts that has any, from 1 ms on. */
const BIN_STARTS: readonly number[] = [
  ...new Set(
    Array.from({ length: LONGEST_BIN }, (_, index) => {
      let ms = Math.max(1, Math.floor(2 ** (index / 12)) - 1);
      while (latencyBin(ms) < index + 1) ms += 1;
      return ms;
    }),
  ),
];

/** The latencies of a period's messages in the bins of the ledger's histogram. */
export async function latencyCounts(
  database: ArchiveDatabase,
  period: Period,
): Promise<Record<Stage, LatencyCount[]>> {
  const rows = await database.rows<{ stage: Stage; passed: number; count: number }>(
    `SELECT s.stage, width_bucket(round(extract(epoch FROM s.ts - m.origin_ts) * 1000)::float8, $3::float8[]) AS passed,
       count(*)::float8 AS count
     FROM message_logs AS m
     CROSS JOIN LATERAL (VALUES ('sent', m.sent_ts), ('delivered', m.delivered_ts)) AS s (stage, ts)
     WHERE ${WITHIN_TIME} AND s.ts IS NOT NULL GROUP BY 1, 2`,
    [...bounds(period), BIN_STARTS],
  );
  const bins: Record<Stage, LatencyCount[]> = { sent: [], delivered: [] };
  for (const { stage, passed, count } of rows)
    bins[stage].push({ bin: latencyBin(BIN_STARTS[passed - 1] ?? 0), count });
  return bins;
}
