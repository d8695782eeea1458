import type { QueryNode } from "../../../src-shared/query/ast.ts";
import { compileNameTest } from "../../../src-shared/query/fold.ts";
import { STATUSES, type Status } from "../../../src-shared/status.ts";
import { HOUR_MS } from "../../../src-shared/time.ts";
import type { ReadableDatabase } from "../open.ts";
import { type Counts, emptyCounts } from "../tally.ts";
import { OTHER_KEY } from "../writer/rollups.ts";
import { countByKey, countByPart } from "./counts.ts";

/** A query that the statistics answer by themselves: of a time, of statuses, of channels. */
export type CountedQuery = {
  from: number;
  to: number;
  statuses: readonly Status[];
  /** Null for all. */
  channels: readonly string[] | null;
};

/** Null where the query asks for more than the statistics know. */
export function countedQuery(
  database: ReadableDatabase,
  query: QueryNode | null,
  { from, to }: { from: number; to: number },
): CountedQuery | null {
  let statuses: readonly Status[] = STATUSES;
  let channels: string[] | null = null;
  for (const node of query === null ? [] : query.kind === "and" ? query.nodes : [query]) {
    if (node.kind !== "filter") return null;
    if (node.field === "status") statuses = statuses.filter((status) => node.statuses.includes(status));
    else if (node.field === "channel") {
      const tests = node.patterns.map(compileNameTest);
      channels = (channels ?? listChannels(database)).filter((channel) =>
        tests.some((test) => test(channel)),
      );
    } else if (node.field !== "before" && node.field !== "after") return null;
  }
  if (channels !== null && hasOthers(database)) return null;
  return { from, to, statuses, channels };
}

export function listChannels(database: ReadableDatabase): string[] {
  return database
    .prepare("SELECT key FROM counted_keys WHERE dimension = 'channel'")
    .pluck()
    .all() as string[];
}

/** Whether there are channels that are only counted together. */
function hasOthers(database: ReadableDatabase): boolean {
  const found = database
    .prepare("SELECT 1 FROM message_counts WHERE dimension = 'channel' AND grain = 2 AND key = ? LIMIT 1")
    .get(OTHER_KEY);
  return found !== undefined;
}

/** How many messages match: whole hours from the statistics, and what is beside them at the ends from the index by time. */
export function countMatches(database: ReadableDatabase, query: CountedQuery): number {
  const { whole, ends } = parts(query);
  let sum = 0;
  if (whole !== null) {
    const rows =
      query.channels === null
        ? countByKey(database, whole, "all")
        : countByKey(database, whole, "channel").filter(({ key }) => query.channels?.includes(key));
    for (const { counts } of rows) sum += wanted(query, counts);
  }
  for (const end of ends) sum += wanted(query, countRows(database, query, end));
  return sum;
}

/** Matches by hour of origin, oldest first but for the ends. */
export function* matchesByHour(
  database: ReadableDatabase,
  query: CountedQuery,
): Generator<{ hour: number; counts: Counts }> {
  const { whole, ends } = parts(query);
  for (const end of ends)
    yield { hour: Math.floor(end.from / HOUR_MS), counts: countRows(database, query, end) };
  if (whole === null) return;
  const keys = query.channels === null ? [null] : query.channels;
  for (const key of keys) {
    const of = key === null ? undefined : ({ dimension: "channel", key } as const);
    for (const { part, counts } of countByPart(database, whole, "hour", of))
      yield { hour: part, counts: counts.map((number, code) => (isWanted(query, code) ? number : 0)) };
  }
}

function isWanted({ statuses }: CountedQuery, code: number): boolean {
  const status = STATUSES[code];
  return status !== undefined && statuses.includes(status);
}

function wanted(query: CountedQuery, counts: Counts): number {
  return counts.reduce((sum, number, code) => sum + (isWanted(query, code) ? number : 0), 0);
}

type Period = { from: number; to: number };

function parts({ from, to }: CountedQuery): { whole: Period | null; ends: Period[] } {
  const first = Math.ceil(from / HOUR_MS) * HOUR_MS;
  const last = Math.floor(to / HOUR_MS) * HOUR_MS;
  if (first >= last) return { whole: null, ends: from < to ? [{ from, to }] : [] };
  const ends = [
    { from, to: first },
    { from: last, to },
  ];
  return { whole: { from: first, to: last }, ends: ends.filter((end) => end.from < end.to) };
}

/** Less than an hour's messages, or two, by status. */
function countRows(database: ReadableDatabase, { channels }: CountedQuery, { from, to }: Period): Counts {
  const counts = emptyCounts();
  const rows = database
    .prepare(
      `SELECT status, count(*) FROM message_logs INDEXED BY message_logs_by_time
       WHERE origin_ts >= ? AND origin_ts < ?
         ${channels === null ? "" : `AND channel IN (${channels.map(() => "?").join(", ")})`} GROUP BY 1`,
    )
    .raw()
    .all(from, to, ...(channels ?? [])) as [Status, number][];
  for (const [status, number] of rows) {
    const code = STATUSES.indexOf(status);
    counts[code] = number;
  }
  return counts;
}
