import type { LatencyCount } from "../../../src-shared/latency.ts";
import { STATUSES } from "../../../src-shared/status.ts";
import { HOUR_MS } from "../../../src-shared/time.ts";
import type { ReadableDatabase } from "../open.ts";
import { GRAIN, slotRanges } from "../slots.ts";
import { type Counts, type Dimension, emptyCounts, type Stage } from "../tally.ts";
import type { Period } from "./period.ts";

/** Messages under one key, by status in the order of `STATUSES`. */
export type KeyCounts = { key: string; counts: Counts };

const SUMS = STATUSES.map((status) => `sum(${status})`).join(", ");

/** The finest grain that a dimension is kept by. */
function finest(dimension: Dimension) {
  return dimension === "domain" ? GRAIN.day : GRAIN.hour;
}

/** Messages of a period by key. What it costs depends on the number of keys, not on that of messages. */
export function countByKey(database: ReadableDatabase, period: Period, dimension: Dimension): KeyCounts[] {
  const statement = database
    .prepare(
      `SELECT key, ${SUMS} FROM message_counts
       WHERE dimension = ? AND grain = ? AND slot >= ? AND slot < ? GROUP BY key`,
    )
    .raw();
  const byKey = new Map<string, Counts>();
  for (const { grain, from, to } of slotRanges(period.from, period.to, finest(dimension))) {
    for (const [key, ...numbers] of statement.iterate(dimension, grain, from, to) as Iterable<
      [string, ...number[]]
    >) {
      const counts = byKey.get(key) ?? emptyCounts();
      byKey.set(key, counts);
      for (const [code, number] of numbers.entries()) counts[code] = (counts[code] ?? 0) + number;
    }
  }
  return [...byKey].map(([key, counts]) => ({ key, counts }));
}

/** All messages of a period by status. */
export function countAll(database: ReadableDatabase, period: Period): Counts {
  return countByKey(database, period, "all")[0]?.counts ?? emptyCounts();
}

/** Hours of a period, in parts that an expression over `hour` tells apart. */
export type Parts = { part: number; counts: Counts }[];

/**
 * Messages of a period by parts of it, such as days or hours of the week: `part` is SQL over `hour`, the
 * hour of origin since 1970. Of one key of a dimension, or of all.
 */
export function countByPart(
  database: ReadableDatabase,
  { from, to }: Period,
  part: string,
  { dimension, key }: { dimension: Dimension; key: string } = { dimension: "all", key: "" },
): Parts {
  const rows = database
    .prepare(
      `SELECT ${part} AS part, ${SUMS} FROM (
         SELECT slot AS hour, * FROM message_counts
         WHERE dimension = ? AND grain = ${GRAIN.hour} AND slot >= ? AND slot < ? AND key = ?)
       GROUP BY 1 ORDER BY 1`,
    )
    .raw()
    .all(dimension, Math.floor(from / HOUR_MS), Math.ceil(to / HOUR_MS), key) as [number, ...number[]][];
  return rows.map(([number, ...counts]) => ({ part: number, counts }));
}

/** SQL for the whole part of a quotient, rounded down for numbers below zero too. */
export function floorDivision(dividend: string, divisor: number): string {
  return `((${dividend} - (${dividend} % ${divisor} + ${divisor}) % ${divisor}) / ${divisor})`;
}

/** The histogram of a period, see src-shared/latency.ts. */
export function latencyCounts(database: ReadableDatabase, period: Period, stage: Stage): LatencyCount[] {
  const statement = database
    .prepare(
      `SELECT bin, sum(count) FROM message_latencies
       WHERE stage = ? AND grain = ? AND slot >= ? AND slot < ? GROUP BY bin`,
    )
    .raw();
  const bins = new Map<number, number>();
  for (const { grain, from, to } of slotRanges(period.from, period.to)) {
    for (const [bin, count] of statement.iterate(stage, grain, from, to) as Iterable<[number, number]>)
      bins.set(bin, (bins.get(bin) ?? 0) + count);
  }
  return [...bins].map(([bin, count]) => ({ bin, count }));
}
