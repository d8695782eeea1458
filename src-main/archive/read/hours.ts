import type { QueryNode } from "../../../src-shared/query/ast.ts";
import { STATUSES, type Status } from "../../../src-shared/status.ts";
import { HOUR_MS } from "../../../src-shared/time.ts";
import { EARLIEST, LATEST } from "../../ledger/reader/messages.ts";
import type { Period } from "../../ledger/reader/period.ts";
import { type Counts, emptyCounts } from "../../ledger/tally.ts";
import type { ArchiveDatabase } from "./archive-database.ts";
import { toTimestamp } from "./moments.ts";
import { type ArchiveFilter, compileArchiveQuery } from "./query-sql.ts";

/** Hours since 1970 of a row of `message_hours AS m`. */
export const HOUR = "floor(extract(epoch FROM m.hour) / 3600)::int8";
/** What is counted of some rows of it, by status in the order of `STATUSES`. */
export const SUMS = STATUSES.map(
  (status) => `coalesce(sum(m.messages) FILTER (WHERE m.status = '${status}'), 0)::float8 AS ${status}`,
).join(", ");

export type StatusSums = Record<Status, number>;

export function countsOf(row: StatusSums): Counts {
  return STATUSES.map((status) => row[status]);
}

/** A query of nothing but time, status and channel, which `message_hours` answers: its columns have the same names. */
export type HoursFilter = Period & Pick<ArchiveFilter, "where" | "values">;

/** Null where the query asks for more. */
export function hoursFilter({ query, matches, from, to }: ArchiveFilter): HoursFilter | null {
  if (matches !== null) return null;
  const nodes = query === null ? [] : query.kind === "and" ? query.nodes : [query];
  const others = nodes.filter((node) => !isTime(node));
  if (!others.every(isCounted)) return null;
  const rest: QueryNode | null =
    others.length === 0 ? null : { kind: "and", start: 0, end: 0, nodes: others };
  const { where, values } = compileArchiveQuery(rest);
  return { where, values, from, to };
}

function isTime(node: QueryNode): boolean {
  return node.kind === "filter" && (node.field === "before" || node.field === "after");
}

/** The rollup has the first 250 characters of a channel. */
const CUT_NAME = 250;

function isCounted(node: QueryNode): boolean {
  if (node.kind === "not") return isCounted(node.node);
  if (node.kind === "and" || node.kind === "or") return node.nodes.every(isCounted);
  if (node.kind === "text") return false;
  return node.field === "channel"
    ? node.patterns.every(({ value }) => value.length < CUT_NAME)
    : node.field === "status";
}

/** How many messages match: whole hours from the rollup, and what is beside them at the ends from the index by time. */
export async function countInHours(database: ArchiveDatabase, filter: HoursFilter): Promise<number> {
  let sum = 0;
  for await (const { counts } of matchesByHour(database, filter)) for (const count of counts) sum += count;
  return sum;
}

/** Matches by hour of origin, in no order. */
export async function* matchesByHour(
  database: ArchiveDatabase,
  filter: HoursFilter,
): AsyncGenerator<{ hour: number; counts: Counts }> {
  const { whole, ends } = parts(filter);
  for (const end of ends) {
    const counts = await countRows(database, filter, end);
    yield { hour: Math.floor(end.from / HOUR_MS), counts };
  }
  if (whole === null) return;
  const at = filter.values.length;
  const rows = await database.rows<StatusSums & { slot: number }>(
    `SELECT (${HOUR})::float8 AS slot, ${SUMS} FROM message_hours AS m
     WHERE (${filter.where}) AND m.hour >= $${at + 1}::timestamptz AND m.hour < $${at + 2}::timestamptz GROUP BY 1`,
    [...filter.values, toTimestamp(whole.from), toTimestamp(whole.to)],
  );
  for (const row of rows) yield { hour: row.slot, counts: countsOf(row) };
}

function parts({ from, to }: Period): { whole: Period | null; ends: Period[] } {
  const first = from === EARLIEST ? from : Math.ceil(from / HOUR_MS) * HOUR_MS;
  const last = to === LATEST ? to : Math.floor(to / HOUR_MS) * HOUR_MS;
  if (first >= last) return { whole: null, ends: from < to ? [{ from, to }] : [] };
  const ends = [
    { from, to: first },
    { from: last, to },
  ];
  return { whole: { from: first, to: last }, ends: ends.filter((end) => end.from < end.to) };
}

/** Less than an hour's messages, or two, by status. */
async function countRows(
  database: ArchiveDatabase,
  { where, values }: HoursFilter,
  { from, to }: Period,
): Promise<Counts> {
  const at = values.length;
  const rows = await database.rows<{ status: Status; count: number }>(
    `SELECT m.status, count(*)::float8 AS count FROM message_logs AS m
     WHERE (${where}) AND m.origin_ts >= $${at + 1}::timestamptz AND m.origin_ts < $${at + 2}::timestamptz GROUP BY 1`,
    [...values, toTimestamp(from), toTimestamp(to)],
  );
  const counts = emptyCounts();
  for (const { status, count } of rows) counts[STATUSES.indexOf(status)] = count;
  return counts;
}
