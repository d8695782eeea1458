import type { LatencyCount } from "../../../src-shared/latency.ts";
import { STATUSES } from "../../../src-shared/status.ts";
import { DAY_MS } from "../../../src-shared/time.ts";
import type { KeyCounts, Parts } from "../../ledger/reader/counts.ts";
import type { Period } from "../../ledger/reader/period.ts";
import { type Counts, emptyCounts, type Stage } from "../../ledger/tally.ts";
import type { ArchiveDatabase, Values } from "./archive-database.ts";
import { countsOf, HOUR, type StatusSums, SUMS } from "./hours.ts";
import { type KeptCount, keptCounts } from "./kept-counts.ts";
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

/** By the name that a template has, else its id. */
export async function countByTemplate(database: ArchiveDatabase, period: Period): Promise<KeyCounts[]> {
  return byKey(await keptCounts(database, "template", period));
}

/** Each message once for each domain of its recipients, by whole days as in the ledger. */
export async function countByDomain(database: ArchiveDatabase, { from, to }: Period): Promise<KeyCounts[]> {
  const days = { from: Math.floor(from / DAY_MS) * DAY_MS, to: Math.ceil(to / DAY_MS) * DAY_MS };
  return byKey(await keptCounts(database, "domain", days));
}

/** The latencies of a period's messages, see src-shared/latency.ts. */
export async function latencyCounts(
  database: ArchiveDatabase,
  period: Period,
): Promise<Record<Stage, LatencyCount[]>> {
  const ofStage = async (stage: Stage): Promise<LatencyCount[]> =>
    (await keptCounts(database, stage, period)).map(({ key, messages }) => ({
      bin: Number(key),
      count: messages,
    }));
  const [sent, delivered] = await Promise.all([ofStage("sent"), ofStage("delivered")]);
  return { sent, delivered };
}

function byKey(rows: readonly KeptCount[]): KeyCounts[] {
  const found = new Map<string, Counts>();
  for (const { key, status, messages } of rows) {
    if (status === "") continue;
    const counts = found.get(key) ?? emptyCounts();
    found.set(key, counts);
    const code = STATUSES.indexOf(status);
    counts[code] = (counts[code] ?? 0) + messages;
  }
  return [...found].map(([key, counts]) => ({ key, counts }));
}
