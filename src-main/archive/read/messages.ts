import type { Output, ParsedInput } from "../../../src-shared/contract/index.ts";
import { WaybillError } from "../../../src-shared/errors.ts";
import type { StoredMessage } from "../../../src-shared/record.ts";
import type { Status } from "../../../src-shared/status.ts";
import { formatTime, SECOND_MS } from "../../../src-shared/time.ts";
import { decodeCursor, encodeCursor } from "../../ledger/reader/cursor.ts";
import { requireQuery } from "../../ledger/reader/messages.ts";
import { storableText } from "../../sync/supabase/storable.ts";
import { type ArchiveDatabase, tooLong } from "./archive-database.ts";
import { countInHours, hoursFilter } from "./hours.ts";
import { type ArchiveFilter, compileArchiveQuery, type Sql } from "./query-sql.ts";
import { millisecondsOf, readRow, WHOLE_RECORD, WITHOUT_JSON } from "./record-row.ts";
import { countSince, lastBatch, storedUntil } from "./snapshot.ts";
import { BEFORE_ALL, NEWEST_FIRST, type Place, walk } from "./walk.ts";
import { ledByWords } from "./word-index.ts";

/** A page that takes longer ends early, with the place to go on from. */
const PATIENCE_MS = 5 * SECOND_MS;
/** A count of what has to be read row by row is given up after so long. */
const LONGEST_MS = 30 * SECOND_MS;

/** Throws `invalid` with the place of the mistake. */
export function requireArchiveFilter(q: string): ArchiveFilter {
  return compileArchiveQuery(requireQuery(q));
}

export function searchMessages(
  database: ArchiveDatabase,
  { q, limit, cursor }: ParsedInput<"messages.search">,
): Promise<Output<"messages.search">> {
  return page(database, requireArchiveFilter(q), limit, cursor);
}

export function messagesBySubject(
  database: ArchiveDatabase,
  { subject_id, limit, cursor }: ParsedInput<"messages.bySubject">,
): Promise<Output<"messages.bySubject">> {
  const filter: ArchiveFilter = {
    ...compileArchiveQuery(null),
    where: "m.source_subject_id = $1 OR m.destination_subject_ids @> ARRAY[$1::text]",
    values: [storableText(subject_id)],
    isLed: true,
  };
  return page(database, filter, limit, cursor);
}

async function page(
  database: ArchiveDatabase,
  filter: ArchiveFilter,
  limit: number,
  cursor: string | null | undefined,
): Promise<Output<"messages.search">> {
  const { rows, next } = await find(database, filter, limit, cursor ? readCursor(cursor) : BEFORE_ALL);
  if (columnsOf(filter) === WHOLE_RECORD) return toPage(rows, next);
  const whole = await wholeRecords(database, rows, PAGE_CHARACTERS);
  const last = whole.at(-1);
  return toPage(whole, last !== undefined && whole.length < rows.length ? placeOf(last) : next);
}

/** The first matches behind a place, and where to go on; null where there are no more. */
async function find(
  database: ArchiveDatabase,
  filter: ArchiveFilter,
  limit: number,
  after: Place,
): Promise<{ rows: StoredMessage[]; next: Place | null }> {
  const rows: StoredMessage[] = [];
  const until = performance.now() + PATIENCE_MS;
  const wanted = filter.matches === null ? { rows: limit + 1 } : {};
  for await (const step of walk(database, filter, { columns: columnsOf(filter), after, ...wanted })) {
    rows.push(...step.rows);
    const last = rows[limit - 1];
    if (rows.length > limit && last !== undefined) return { rows: rows.slice(0, limit), next: placeOf(last) };
    if (step.reached !== null && (performance.now() > until || sizeOf(rows) > PAGE_CHARACTERS))
      return { rows, next: step.reached };
  }
  return { rows, next: null };
}

/** What a filter's rows are read of while matches are looked for: not the JSON, unless it is asked for or nothing is dropped. */
function columnsOf({ matches, asksJson }: ArchiveFilter): string {
  return matches === null || asksJson ? WHOLE_RECORD : WITHOUT_JSON;
}

/** The same messages in full, in their order; as many as that many characters of JSON allow. */
async function wholeRecords(
  database: ArchiveDatabase,
  rows: readonly StoredMessage[],
  characters = Number.POSITIVE_INFINITY,
): Promise<StoredMessage[]> {
  if (rows.length === 0) return [];
  const filter: ArchiveFilter = {
    ...compileArchiveQuery(null),
    where: "m.message_uuid = ANY($1::uuid[])",
    values: [rows.map(({ message_uuid }) => message_uuid)],
    isLed: true,
  };
  const whole: StoredMessage[] = [];
  for await (const step of walk(database, filter, { columns: WHOLE_RECORD })) {
    whole.push(...step.rows);
    if (sizeOf(whole) > characters) break;
  }
  return whole;
}

/** As large as a page of the ledger gets. */
const PAGE_CHARACTERS = 16 * 1024 * 1024;

function sizeOf(rows: readonly StoredMessage[]): number {
  return rows.reduce((sum, row) => sum + row.message_data.length + row.message_metadata.length, 0);
}

function placeOf({ origin_ts, message_uuid }: StoredMessage): Place {
  return { ts: origin_ts, uuid: message_uuid };
}

function toPage(rows: readonly StoredMessage[], next: Place | null): Output<"messages.search"> {
  return {
    messages: rows.map(readRow),
    next_cursor: next === null ? null : encodeCursor({ ts: next.ts, tie: next.uuid }),
  };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function readCursor(cursor: string): Place {
  const { ts, tie } = decodeCursor(cursor);
  if (typeof tie === "string" && UUID.test(tie)) return { ts, uuid: tie };
  throw new WaybillError("invalid", "The cursor is not one that a page gave; start again without it.");
}

type EventRow = {
  revision: number;
  status: Status;
  ts: number;
  recorded_ts: number;
  external_id: string | null;
  error_message: string | null;
};

export async function getMessage(
  database: ArchiveDatabase,
  { message_uuid }: ParsedInput<"messages.get">,
): Promise<Output<"messages.get">> {
  const [row] = await database.rows<StoredMessage>(
    `SELECT ${WHOLE_RECORD} FROM message_logs AS m WHERE m.message_uuid = $1::uuid`,
    [message_uuid],
  );
  if (row === undefined) throw new WaybillError("not_found", `There is no message ${message_uuid}.`);
  const events = await database.rows<EventRow>(
    `SELECT e.revision, e.status, ${millisecondsOf("e.ts")} AS ts, ${millisecondsOf("e.recorded_ts")} AS recorded_ts,
       e.external_id, e.error_message
     FROM message_events AS e WHERE e.message_uuid = $1::uuid ORDER BY e.ts, e.revision`,
    [message_uuid],
  );
  return {
    message: readRow(row),
    events: events.map(({ revision, ts, recorded_ts, ...event }) => ({
      ...event,
      event_id: revision,
      ts: formatTime(ts),
      recorded_ts: formatTime(recorded_ts),
      // A revision is what the record came to be.
      applied: true,
    })),
  };
}

export async function windowMessages(
  database: ArchiveDatabase,
  { q, offset, limit, until }: ParsedInput<"messages.window">,
): Promise<Output<"messages.window">> {
  const bound = until ?? (await lastBatch(database));
  const filter = await storedUntil(database, requireArchiveFilter(q), bound);
  const rows =
    filter.matches === null
      ? await slice(database, filter, offset, limit)
      : await walkTo(database, filter, offset, limit);
  return { messages: rows.map(readRow), until: bound };
}

/** Ids first: skipping an offset does not read the rows that it skips. */
function slice(
  database: ArchiveDatabase,
  { where, values }: ArchiveFilter,
  offset: number,
  limit: number,
): Promise<StoredMessage[]> {
  const at = values.length;
  return database.rows<StoredMessage>(
    `SELECT ${WHOLE_RECORD} FROM (
       SELECT m.message_uuid FROM message_logs AS m WHERE ${where} ${NEWEST_FIRST} OFFSET $${at + 1} LIMIT $${at + 2}
     ) AS k JOIN message_logs AS m ON m.message_uuid = k.message_uuid ${NEWEST_FIRST}`,
    [...values, offset, limit],
  );
}

/** What the matcher decides of has to be passed one by one. */
async function walkTo(
  database: ArchiveDatabase,
  filter: ArchiveFilter,
  offset: number,
  limit: number,
): Promise<StoredMessage[]> {
  const found: StoredMessage[] = [];
  let left = offset;
  const deadline = performance.now() + LONGEST_MS;
  for await (const { rows } of walk(database, filter, { columns: columnsOf(filter) })) {
    found.push(...rows.slice(left, left + limit - found.length));
    left = Math.max(0, left - rows.length);
    if (found.length >= limit) break;
    if (performance.now() > deadline) throw tooLong();
  }
  return columnsOf(filter) === WHOLE_RECORD ? found : wholeRecords(database, found);
}

export async function countMessages(
  database: ArchiveDatabase,
  { q, until }: ParsedInput<"messages.count">,
): Promise<Output<"messages.count">> {
  const bound = until ?? (await lastBatch(database));
  const whole = requireArchiveFilter(q);
  const hours = hoursFilter(whole);
  if (hours !== null) {
    const since = await countSince(database, whole, bound);
    return { count: (await countInHours(database, hours)) - since, until: bound };
  }
  return { count: await countMatches(database, await storedUntil(database, whole, bound)), until: bound };
}

/** How many messages match: PostgreSQL counts what it can decide of. */
export async function countMatches(database: ArchiveDatabase, filter: ArchiveFilter): Promise<number> {
  const { matches, parts } = filter;
  if (matches === null) return countRows(database, filter);
  let count = parts === null ? 0 : await countRows(database, await ledByWords(database, filter, parts.plain));
  for await (const rows of matchingRows(database, { ...filter, ...parts?.others })) count += rows.length;
  return count;
}

async function countRows(database: ArchiveDatabase, { where, values }: Sql): Promise<number> {
  const { count } = await database.row<{ count: number }>(
    `SELECT count(*)::float8 AS count FROM message_logs AS m WHERE ${where}`,
    values,
  );
  return count;
}

/** All matches of what has to be read row by row. Throws `unavailable` where that takes too long. */
export async function* matchingRows(
  database: ArchiveDatabase,
  filter: ArchiveFilter,
): AsyncGenerator<readonly StoredMessage[]> {
  const deadline = performance.now() + LONGEST_MS;
  for await (const { rows } of walk(database, filter, { columns: columnsOf(filter) })) {
    yield rows;
    if (performance.now() > deadline) throw tooLong();
  }
}
