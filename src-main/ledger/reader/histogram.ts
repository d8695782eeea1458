import type { Output, ParsedInput } from "../../../src-shared/contract/index.ts";
import { STATUSES } from "../../../src-shared/status.ts";
import { HOUR_MS } from "../../../src-shared/time.ts";
import type { ReadableDatabase } from "../open.ts";
import { type CountedQuery, countedQuery, matchesByHour } from "./counted-query.ts";
import { BY_TIME, compileFilter, type Filter, LATEST, slicesOf } from "./messages.ts";
import { SLICE_MESSAGES } from "./slices.ts";
import type { Steps } from "./steps.ts";
import { TimeCounts } from "./time-counts.ts";

/**
 * All matches are wanted, so it is asked as seldom as others can wait for a step: the search index puts the hits of a prefix
 * together anew each time, 40 ms for `deliv*` at ten million records.
 */
const INDEXED_SLICE = 10 * SLICE_MESSAGES;

type Histogram = Output<"messages.histogram">;

export function messageHistogram(
  database: ReadableDatabase,
  { q, buckets }: ParsedInput<"messages.histogram">,
): Steps<Histogram> {
  const filter = compileFilter(database, q);
  const counted = countedQuery(database, filter.query, filter);
  return counted === null
    ? histogram(database, filter, buckets)
    : countedHistogram(database, filter, counted, buckets);
}

/** From the statistics by the hour, unless the matches lie so close together that hours are too coarse. */
function* countedHistogram(
  database: ReadableDatabase,
  filter: Filter,
  counted: CountedQuery,
  buckets: number,
): Steps<Histogram> {
  const sums = new TimeCounts(buckets, HOUR_MS);
  for (const { hour, counts } of matchesByHour(database, counted)) {
    for (const [code, number] of counts.entries()) {
      const status = STATUSES[code];
      if (number > 0 && status !== undefined) sums.add(hour * HOUR_MS, status, number);
    }
  }
  const whole = sums.finish(Date.now());
  const isCoarse = whole.buckets.length < buckets / 4 && sums.width === HOUR_MS;
  return isCoarse ? yield* histogram(database, filter, buckets) : whole;
}

/** Matches over time by status, from the first match to the last. */
export function* histogram(
  database: ReadableDatabase,
  filter: Pick<Filter, "where" | "parameters" | "isLed" | "asksIndex" | "from" | "to" | "query">,
  buckets: number,
): Steps<Histogram> {
  const counts = new TimeCounts(buckets, 0);
  const statement = database
    .prepare(
      `SELECT m.origin_ts, m.status FROM message_logs AS m ${filter.isLed ? "" : BY_TIME}
       WHERE (${filter.where}) AND m.origin_ts >= @low AND m.origin_ts < @high`,
    )
    .raw();
  for (const slice of slicesOf(database, filter, LATEST, filter.asksIndex ? INDEXED_SLICE : undefined)) {
    const rows = statement.iterate({ ...filter.parameters, ...slice }) as Iterable<
      [ts: number, status: string]
    >;
    for (const [ts, status] of rows) counts.add(ts, status, 1);
    yield;
  }
  return counts.finish(Date.now());
}
