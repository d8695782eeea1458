import type { Output, ParsedInput } from "../../../src-shared/contract/index.ts";
import type { Histogram } from "../../../src-shared/contract/messages.ts";
import { STATUSES, type Status } from "../../../src-shared/status.ts";
import { HOUR_MS } from "../../../src-shared/time.ts";
import { TimeCounts } from "../../ledger/reader/time-counts.ts";
import type { ArchiveDatabase } from "./archive-database.ts";
import { type HoursFilter, hoursFilter, matchesByHour } from "./hours.ts";
import { matchingRows, requireArchiveFilter } from "./messages.ts";
import type { ArchiveFilter, Sql } from "./query-sql.ts";
import { millisecondsOf } from "./record-row.ts";
import { ledByWords } from "./word-index.ts";

export function messageHistogram(
  database: ArchiveDatabase,
  { q, buckets }: ParsedInput<"messages.histogram">,
): Promise<Output<"messages.histogram">> {
  const filter = requireArchiveFilter(q);
  const hours = hoursFilter(filter);
  return hours === null
    ? histogram(database, filter, buckets)
    : histogramByHour(database, filter, hours, buckets);
}

/** From the rollup, unless the matches lie so close together that hours are too coarse. */
async function histogramByHour(
  database: ArchiveDatabase,
  filter: ArchiveFilter,
  hours: HoursFilter,
  buckets: number,
): Promise<Histogram> {
  const sums = new TimeCounts(buckets, HOUR_MS);
  for await (const { hour, counts } of matchesByHour(database, hours)) {
    for (const [code, number] of counts.entries()) {
      const status = STATUSES[code];
      if (number > 0 && status !== undefined) sums.add(hour * HOUR_MS, status, number);
    }
  }
  const whole = sums.finish(Date.now());
  const isCoarse = whole.buckets.length < buckets / 4 && sums.width === HOUR_MS;
  return isCoarse ? histogram(database, filter, buckets) : whole;
}

/** Matches over time by status, from the first match to the last. */
export async function histogram(
  database: ArchiveDatabase,
  filter: ArchiveFilter,
  buckets: number,
): Promise<Histogram> {
  const { matches, parts } = filter;
  if (matches === null) return (await exactCounts(database, filter, buckets)).finish(Date.now());
  const counts =
    parts === null
      ? new TimeCounts(buckets, 0)
      : await exactCounts(database, await ledByWords(database, filter, parts.plain), buckets);
  for await (const rows of matchingRows(database, { ...filter, ...parts?.others }))
    for (const { origin_ts, status } of rows) counts.add(origin_ts, status, 1);
  return counts.finish(Date.now());
}

/** The span first, which tells the width of a bucket; then PostgreSQL counts. */
async function exactCounts(
  database: ArchiveDatabase,
  { where, values }: Sql,
  buckets: number,
): Promise<TimeCounts> {
  const ms = millisecondsOf("m.origin_ts");
  const { first, last } = await database.row<{ first: number | null; last: number | null }>(
    `SELECT min(${ms}) AS first, max(${ms}) AS last FROM message_logs AS m WHERE ${where}`,
    values,
  );
  if (first === null || last === null) return new TimeCounts(buckets, 0);
  const width = TimeCounts.widthFor(first, last, buckets);
  const rows = await database.rows<{ bucket: number; status: Status; count: number }>(
    `SELECT floor(${ms} / $${values.length + 1}::float8) AS bucket, m.status, count(*)::float8 AS count
     FROM message_logs AS m WHERE ${where} GROUP BY 1, 2`,
    [...values, width],
  );
  const counts = new TimeCounts(buckets, width);
  for (const { bucket, status, count } of rows) counts.add(bucket * width, status, count);
  return counts;
}
