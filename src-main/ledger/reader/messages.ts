import type { Input, Output, ParsedInput } from "../../../src-shared/contract/index.ts";
import { WaybillError } from "../../../src-shared/errors.ts";
import type { QueryNode } from "../../../src-shared/query/ast.ts";
import { parseQuery } from "../../../src-shared/query/parse.ts";
import { tokenize } from "../../../src-shared/query/tokens.ts";
import type { MessageRecord, StoredMessage } from "../../../src-shared/record.ts";
import { STATUSES, type Status } from "../../../src-shared/status.ts";
import { formatTime, HOUR_MS } from "../../../src-shared/time.ts";
import { probeLedger } from "../index-probe.ts";
import type { ReadableDatabase } from "../open.ts";
import { type CompiledQuery, compileQuery, compileWordCount } from "../query-sql.ts";
import { GRAIN } from "../slots.ts";
import type { Dimension } from "../tally.ts";
import { OTHER_KEY } from "../writer/rollups.ts";
import { countedQuery, countMatches } from "./counted-query.ts";
import { floorDivision } from "./counts.ts";
import { decodeCursor, encodeCursor, NEWEST, type Position } from "./cursor.ts";
import { readRecord } from "./from-row.ts";
import { hourTest } from "./hour-test.ts";
import { takePage } from "./page.ts";
import { type Slice, seqSlices, timeSlices } from "./slices.ts";
import type { Steps } from "./steps.ts";

export type SequencedMessage = StoredMessage & { seq: number };

export type Filter = Omit<CompiledQuery, "parameters"> & {
  parameters: Record<string, unknown>;
  query: QueryNode | null;
  /** The time in which all matches are, `to` exclusive. */
  from: number;
  to: number;
};

/** Times that a `Date` can be of. */
export const EARLIEST = -8.64e15;
export const LATEST = 8.64e15;
/** A filter that every message passes. */
export const ALL = {
  where: "TRUE",
  parameters: {},
  isLed: false,
  asksIndex: false,
  query: null,
  from: EARLIEST,
  to: LATEST,
} as const satisfies Filter;
/** A page that takes longer ends early, with the place to go on from. */
const PATIENCE_MS = 5_000;

/** Else SQLite may prefer to skip through the statuses, and to sort what it finds. */
export const BY_TIME = "INDEXED BY message_logs_by_time";

const VOCABULARY_ROWS = 2_000;
const VOCABULARY_VALUES = 100;

/** Throws `invalid` with the place of the mistake in `details`. */
export function requireQuery(q: string, now = Date.now()): QueryNode | null {
  const parsed = parseQuery(q, now);
  if (parsed.ok) return parsed.query;
  const { message, position, length } = parsed.error;
  throw new WaybillError("invalid", message, { details: { q, position, length } });
}

export function compileFilter(database: ReadableDatabase, q: string): Filter {
  return toFilter(database, requireQuery(q));
}

function toFilter(database: ReadableDatabase, query: QueryNode | null): Filter {
  return { ...compileQuery(query, probeLedger(database)), query, ...timeOf(query) };
}

/** The bounds that the query itself sets to the time of its matches. */
export function timeOf(query: QueryNode | null): { from: number; to: number } {
  const bounds = { from: EARLIEST, to: LATEST };
  for (const node of query?.kind === "and" ? query.nodes : [query]) {
    if (node?.kind !== "filter") continue;
    if (node.field === "after") bounds.from = Math.max(bounds.from, node.ts);
    if (node.field === "before") bounds.to = Math.min(bounds.to, node.ts);
  }
  return bounds;
}

export function searchMessages(
  database: ReadableDatabase,
  { q, limit, cursor }: ParsedInput<"messages.search">,
): Steps<Output<"messages.search">> {
  return page(database, compileFilter(database, q), limit, cursor);
}

export function messagesBySubject(
  database: ReadableDatabase,
  { subject_id, limit, cursor }: ParsedInput<"messages.bySubject">,
): Steps<Output<"messages.bySubject">> {
  const filter = toFilter(database, subjectCandidates(subject_id));
  const where = `(${filter.where}) AND (m.source_subject_id = @subject
    OR EXISTS (SELECT 1 FROM json_each(m.destination_subject_ids) WHERE value = @subject))`;
  return page(
    database,
    { ...filter, where, parameters: { ...filter.parameters, subject: subject_id } },
    limit,
    cursor,
  );
}

/** The words of the id, where it has any, find the candidates through the index; the exact comparison decides. */
function subjectCandidates(subjectId: string): QueryNode | null {
  const words = { tokens: tokenize(subjectId), prefix: false };
  if (words.tokens.length === 0) return null;
  const span = { start: 0, end: 0 };
  return {
    ...span,
    kind: "or",
    nodes: [
      { ...span, kind: "filter", field: "to", words },
      { ...span, kind: "filter", field: "from", words },
    ],
  };
}

/** A page of what an index leads to is one read; of all else, as many slices of time as it takes. */
function* page(
  database: ReadableDatabase,
  filter: Filter,
  limit: number,
  cursor: string | null | undefined,
): Steps<Output<"messages.search">> {
  const start = cursor ? decodeCursor(cursor) : NEWEST;
  const statement = database.prepare(
    `SELECT m.* FROM message_logs AS m ${filter.isLed ? "" : BY_TIME}
     WHERE (${filter.where}) AND (m.origin_ts, m.seq) < (@before_ts, @before_seq) AND m.origin_ts >= @low
     ORDER BY m.origin_ts DESC, m.seq DESC LIMIT @limit`,
  );
  const rows: SequencedMessage[] = [];
  const tooLong = performance.now() + PATIENCE_MS;
  for (const { low, high, ...bounds } of slicesOf(database, filter, Number(start.ts) + 1)) {
    const [before_ts, before_seq] = high > Number(start.ts) ? [start.ts, start.tie] : [high, 0];
    const found = statement.iterate({
      ...filter.parameters,
      ...bounds,
      before_ts,
      before_seq,
      low,
      limit: limit - rows.length + 1,
    }) as IterableIterator<SequencedMessage>;
    const { more } = takePage(found, limit, rows);
    const last = rows.at(-1);
    if (more && last !== undefined) return toPage(rows, { ts: last.origin_ts, tie: last.seq });
    if (performance.now() > tooLong) return toPage(rows, { ts: low, tie: 0 });
    yield;
  }
  return toPage(rows, null);
}

function toPage(rows: readonly SequencedMessage[], next: Position | null): Output<"messages.search"> {
  return { messages: rows.map(readRecord), next_cursor: next === null ? null : encodeCursor(next) };
}

type BoundSlice = Slice & { seq_low?: number; seq_high?: number };

/** The slices in which to look for matches, newest first, with the positions between which they lie. */
export function* slicesOf(
  database: ReadableDatabase,
  filter: Pick<Filter, "isLed" | "asksIndex" | "from" | "to" | "query">,
  to: number,
  most?: number,
): Generator<BoundSlice> {
  if (filter.isLed) {
    yield { low: Number.MIN_SAFE_INTEGER, high: Number.MAX_SAFE_INTEGER };
    return;
  }
  const span = { from: Math.max(filter.from, EARLIEST), to: Math.min(filter.to, to, LATEST) };
  const seqs = database.prepare(
    `SELECT min(seq) AS seq_low, max(seq) AS seq_high FROM message_logs ${BY_TIME} WHERE origin_ts >= ? AND origin_ts < ?`,
  );
  for (const slice of timeSlices(database, span, hourTest(database, filter.query), most)) {
    // Within them the search index need not be asked for more than the slice.
    if (filter.asksIndex)
      yield { ...slice, ...(seqs.get(slice.low, slice.high) as { seq_low: number; seq_high: number }) };
    else yield slice;
  }
}

export function getMessage(
  database: ReadableDatabase,
  { message_uuid }: ParsedInput<"messages.get">,
): Output<"messages.get"> {
  const row = database.prepare("SELECT * FROM message_logs WHERE message_uuid = ?").get(message_uuid) as
    | SequencedMessage
    | undefined;
  if (row === undefined) throw new WaybillError("not_found", `There is no message ${message_uuid}.`);
  const events = database
    .prepare("SELECT * FROM message_events WHERE message_seq = ? ORDER BY ts, event_id")
    .all(row.seq) as EventRow[];
  return { message: readRecord(row), events: events.map(toEvent) };
}

type EventRow = {
  event_id: number;
  status: Status;
  ts: number;
  recorded_ts: number;
  applied: number;
  external_id: string | null;
  error_message: string | null;
};

function toEvent(row: EventRow): Output<"messages.get">["events"][number] {
  return {
    event_id: row.event_id,
    status: row.status,
    ts: formatTime(row.ts),
    recorded_ts: formatTime(row.recorded_ts),
    applied: row.applied === 1,
    external_id: row.external_id,
    error_message: row.error_message,
  };
}

function lastSeq(database: ReadableDatabase): number {
  return Number(database.prepare("SELECT max(seq) FROM message_logs").pluck().get() ?? 0);
}

export function* windowMessages(
  database: ReadableDatabase,
  { q, offset, limit, until }: ParsedInput<"messages.window">,
): Steps<Output<"messages.window">> {
  const filter = compileFilter(database, q);
  const bound = until ?? lastSeq(database);
  const keys = yield* windowKeys(database, filter, { offset, limit, until: bound });
  const find = database.prepare("SELECT * FROM message_logs WHERE seq = ?");
  const messages: MessageRecord[] = [];
  for (const key of keys) {
    const row = find.get(key) as StoredMessage | undefined;
    if (row !== undefined) messages.push(readRecord(row));
  }
  return { messages, until: bound };
}

/** Keys first: skipping an offset in the index alone does not read the rows it skips. */
function* windowKeys(
  database: ReadableDatabase,
  filter: Filter,
  { offset, limit, until }: { offset: number; limit: number; until: number },
): Steps<number[]> {
  const statement = database
    .prepare(
      `SELECT m.seq FROM message_logs AS m ${filter.isLed ? "" : BY_TIME}
       WHERE (${filter.where}) AND m.seq <= @until AND m.origin_ts >= @low AND m.origin_ts < @high
       ORDER BY m.origin_ts DESC, m.seq DESC LIMIT @limit OFFSET @offset`,
    )
    .pluck();
  const parameters = { ...filter.parameters, until };
  if (filter.isLed) {
    const all = { low: Number.MIN_SAFE_INTEGER, high: Number.MAX_SAFE_INTEGER };
    return statement.all({ ...parameters, ...all, limit, offset }) as number[];
  }
  const skipped = filter.query === null ? skipHours(database, offset, until) : { to: LATEST, left: offset };
  const keys: number[] = [];
  let left = skipped.left;
  for (const slice of slicesOf(database, filter, skipped.to)) {
    const found = statement.all({ ...parameters, ...slice, limit: left + limit - keys.length, offset: 0 });
    keys.push(...(found.slice(left) as number[]));
    left = Math.max(0, left - found.length);
    if (keys.length >= limit) break;
    yield;
  }
  return keys;
}

/** Where the hour begins in which so many messages have been passed, and how many of it are still to be skipped. */
function skipHours(database: ReadableDatabase, offset: number, until: number): { to: number; left: number } {
  const fresh = new Map(
    database
      .prepare(
        `SELECT ${floorDivision("origin_ts", HOUR_MS)}, count(*) FROM message_logs WHERE seq > ? GROUP BY 1`,
      )
      .raw()
      .all(until) as [hour: number, messages: number][],
  );
  const hours = database
    .prepare(
      `SELECT slot, ${STATUSES.join(" + ")} FROM message_counts
       WHERE dimension = 'all' AND grain = ${GRAIN.hour} ORDER BY slot DESC`,
    )
    .raw()
    .iterate() as IterableIterator<[slot: number, messages: number]>;
  let left = offset;
  for (const [slot, messages] of hours) {
    const there = messages - (fresh.get(slot) ?? 0);
    if (left < there) return { to: (slot + 1) * HOUR_MS, left };
    left -= there;
  }
  return { to: EARLIEST, left: 0 };
}

export function* countMessages(
  database: ReadableDatabase,
  { q, until }: ParsedInput<"messages.count">,
): Steps<Output<"messages.count">> {
  const query = requireQuery(q);
  const bound = until ?? lastSeq(database);
  const words = compileWordCount(query, bound);
  if (words !== null) {
    return { count: Number(database.prepare(words.sql).pluck().get(words.parameters)), until: bound };
  }
  const filter = toFilter(database, query);
  const counted = countedQuery(database, filter.query, filter);
  if (counted !== null) {
    const after = database
      .prepare(
        `SELECT count(*) FROM message_logs AS m NOT INDEXED WHERE m.seq > @until AND (${filter.where})`,
      )
      .pluck()
      .get({ ...filter.parameters, until: bound });
    return { count: countMatches(database, counted) - Number(after), until: bound };
  }
  let count = 0;
  const statement = database
    .prepare(
      `SELECT count(*) FROM message_logs AS m WHERE (${filter.where}) AND m.seq BETWEEN @low AND @high`,
    )
    .pluck();
  for (const seqs of seqSlices(database, filter, bound)) {
    count += Number(statement.get({ ...filter.parameters, ...seqs }));
    yield;
  }
  return { count, until: bound };
}

/** From the statistics, or of the newest messages: the whole ledger would take too long to ask while someone types. */
export function vocabulary(
  database: ReadableDatabase,
  _input: Input<"messages.vocabulary">,
): Output<"messages.vocabulary"> {
  const values = (column: string): string[] =>
    database
      .prepare(
        `SELECT value FROM (SELECT ${column} AS value FROM message_logs ORDER BY seq DESC LIMIT ${VOCABULARY_ROWS})
         WHERE value IS NOT NULL GROUP BY 1 ORDER BY count(*) DESC LIMIT ${VOCABULARY_VALUES}`,
      )
      .pluck()
      .all() as string[];
  const counted = (dimension: Dimension): string[] =>
    database
      .prepare(
        `SELECT key FROM message_counts WHERE dimension = ? AND grain = ${GRAIN.block} AND key <> '${OTHER_KEY}'
         GROUP BY 1 ORDER BY sum(${STATUSES.join(" + ")}) DESC LIMIT ${VOCABULARY_VALUES}`,
      )
      .pluck()
      .all(dimension) as string[];
  const sessions = database
    .prepare(`SELECT session_id FROM sessions ORDER BY started_ts DESC LIMIT ${VOCABULARY_VALUES}`)
    .pluck()
    .all() as string[];
  return {
    channels: counted("channel"),
    templates: counted("template"),
    topics: values("topic"),
    types: values("message_type"),
    sessions,
  };
}
