import type { Input, Output, ParsedInput } from "../../../src-shared/contract/index.ts";
import { WaybillError } from "../../../src-shared/errors.ts";
import type { QueryNode } from "../../../src-shared/query/ast.ts";
import { parseQuery } from "../../../src-shared/query/parse.ts";
import { tokenize } from "../../../src-shared/query/tokens.ts";
import { type MessageRecord, type StoredMessage, toRecord } from "../../../src-shared/record.ts";
import { STATUSES, type Status } from "../../../src-shared/status.ts";
import { formatTime } from "../../../src-shared/time.ts";
import type { ReadableDatabase } from "../open.ts";
import { compileQuery } from "../query-sql.ts";
import { GRAIN } from "../slots.ts";
import { decodeCursor, encodeCursor, NEWEST } from "./cursor.ts";
import { takePage } from "./page.ts";

export type SequencedMessage = StoredMessage & { seq: number };

export type Filter = { where: string; parameters: Record<string, unknown>; isLed: boolean };

/** Else SQLite may prefer to skip through the statuses, and to sort what it finds. */
const BY_TIME = "INDEXED BY message_logs_by_time";

const VOCABULARY_ROWS = 20_000;
const VOCABULARY_VALUES = 100;

/** Throws `invalid` with the place of the mistake in `details`. */
export function requireQuery(q: string, now = Date.now()): QueryNode | null {
  const parsed = parseQuery(q, now);
  if (parsed.ok) return parsed.query;
  const { message, position, length } = parsed.error;
  throw new WaybillError("invalid", message, { details: { q, position, length } });
}

export function compileFilter(database: ReadableDatabase, q: string): Filter {
  return compileQuery(requireQuery(q), database);
}

export function searchMessages(
  database: ReadableDatabase,
  { q, limit, cursor }: ParsedInput<"messages.search">,
): Output<"messages.search"> {
  return page(database, compileFilter(database, q), limit, cursor);
}

export function messagesBySubject(
  database: ReadableDatabase,
  { subject_id, limit, cursor }: ParsedInput<"messages.bySubject">,
): Output<"messages.bySubject"> {
  const filter = compileQuery(subjectCandidates(subject_id), database);
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

function page(
  database: ReadableDatabase,
  { where, parameters, isLed }: Filter,
  limit: number,
  cursor: string | null | undefined,
): Output<"messages.search"> {
  const { ts, tie } = cursor ? decodeCursor(cursor) : NEWEST;
  const found = database
    .prepare(
      `SELECT m.* FROM message_logs AS m ${isLed ? "" : BY_TIME}
       WHERE (${where}) AND (m.origin_ts, m.seq) < (@before_ts, @before_seq)
       ORDER BY m.origin_ts DESC, m.seq DESC LIMIT @limit`,
    )
    .iterate({
      ...parameters,
      before_ts: ts,
      before_seq: tie,
      limit: limit + 1,
    }) as IterableIterator<SequencedMessage>;
  const { rows, more } = takePage(found, limit);
  const last = rows.at(-1);
  return {
    messages: rows.map(toRecord),
    next_cursor: more && last !== undefined ? encodeCursor({ ts: last.origin_ts, tie: last.seq }) : null,
  };
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
  return { message: toRecord(row), events: events.map(toEvent) };
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

export function windowMessages(
  database: ReadableDatabase,
  { q, offset, limit, until }: ParsedInput<"messages.window">,
): Output<"messages.window"> {
  const { where, parameters } = compileFilter(database, q);
  const bound = until ?? lastSeq(database);
  // Keys first: skipping an offset in the index alone does not read the rows it skips.
  const keys = database
    .prepare(
      `SELECT m.seq FROM message_logs AS m WHERE (${where}) AND m.seq <= @until
       ORDER BY m.origin_ts DESC, m.seq DESC LIMIT @limit OFFSET @offset`,
    )
    .pluck()
    .all({ ...parameters, until: bound, limit, offset }) as number[];
  const find = database.prepare("SELECT * FROM message_logs WHERE seq = ?");
  const messages: MessageRecord[] = [];
  for (const key of keys) {
    const row = find.get(key) as StoredMessage | undefined;
    if (row !== undefined) messages.push(toRecord(row));
  }
  return { messages, until: bound };
}

export function countMessages(
  database: ReadableDatabase,
  { q, until }: ParsedInput<"messages.count">,
): Output<"messages.count"> {
  const { where, parameters } = compileFilter(database, q);
  const bound = until ?? lastSeq(database);
  const count = Number(
    database
      .prepare(`SELECT count(*) FROM message_logs AS m WHERE (${where}) AND m.seq <= @until`)
      .pluck()
      .get({ ...parameters, until: bound }),
  );
  return { count, until: bound };
}

/** Values of the newest messages; the whole ledger would take too long to ask while someone types. */
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
  const channels = database
    .prepare(
      `SELECT key FROM message_counts WHERE dimension = 'channel' AND grain = ${GRAIN.block}
       GROUP BY 1 ORDER BY sum(${STATUSES.join(" + ")}) DESC LIMIT ${VOCABULARY_VALUES}`,
    )
    .pluck()
    .all() as string[];
  const sessions = database
    .prepare(`SELECT session_id FROM sessions ORDER BY started_ts DESC LIMIT ${VOCABULARY_VALUES}`)
    .pluck()
    .all() as string[];
  return {
    channels,
    templates: values("coalesce(template_name, template_id)"),
    topics: values("topic"),
    types: values("message_type"),
    sessions,
  };
}
