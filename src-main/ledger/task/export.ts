import { recipientOutcomeSchema } from "../../../src-shared/contract/sessions.ts";
import type { ExportInput } from "../../../src-shared/contract/upkeep.ts";
import { WaybillError } from "../../../src-shared/errors.ts";
import { MESSAGE_FIELDS, type StoredMessage } from "../../../src-shared/record.ts";
import { sessionSchema } from "../../../src-shared/session.ts";
import { systemLogSchema } from "../../../src-shared/system-log.ts";
import { DAY_MS, formatTime, requireTime } from "../../../src-shared/time.ts";
import { csvLine } from "../../transfer/csv-cell.ts";
import { createFormatter } from "../../transfer/format.ts";
import { reportHtml } from "../../transfer/report-html.ts";
import { REPORT_COLUMNS, reportRows } from "../../transfer/report-rows.ts";
import { requireFormat } from "../../transfer/require-format.ts";
import type { ReadableDatabase } from "../open.ts";
import { readRecord } from "../reader/from-row.ts";
import { compileFilter } from "../reader/messages.ts";
import { listSessions, undelivered } from "../reader/sessions.ts";
import { analyticsReport } from "../reader/statistics.ts";
import { listSystemLogs } from "../reader/system-logs.ts";
import { messageCsv } from "./message-csv.ts";

const PAGE = 1_000;
/** Large records end a page before it has its rows, so that memory does not grow with them. */
const PAGE_CHARACTERS = 1024 * 1024;
/** Positions are kept in blocks of so many: a multiple of every page. */
const KEYS = 64_000;

type Row = Readonly<Record<string, unknown>>;
type Table = { columns: readonly string[]; total: number | null; pages: Iterable<readonly Row[]> };

/** Text that SQLite made is UTF-8 already: nobody on its way needs it as a string. */
export type ExportChunk = { text: string | Uint8Array<ArrayBuffer>; rows: number };

/** The rows of an export, and their text piece by piece. Throws `invalid` or `not_found` before the first piece. */
export function openExport(
  database: ReadableDatabase,
  input: ExportInput,
): { total: number | null; chunks: Iterator<ExportChunk> } {
  const format = input.format ?? "csv";
  if (format === "html") {
    requireFormat(input);
    return { total: 1, chunks: [{ text: readReportHtml(database, input), rows: 1 }].values() };
  }
  if (input.what === "report" && format === "json") {
    const text = `${JSON.stringify(analyticsReport(database, input), null, 2)}\n`;
    return { total: 1, chunks: [{ text, rows: 1 }].values() };
  }
  const what = input.what ?? "messages";
  if (what === "messages") {
    const { total, keys } = findMessages(database, input);
    const chunks =
      format === "csv"
        ? messageLines(database, keys)
        : formatPages(createFormatter(format, MESSAGE_FIELDS), messagePages(database, keys));
    return { total, chunks: readAhead(chunks) };
  }
  const { columns, total, pages } = openTable(database, what, input);
  return { total, chunks: formatPages(createFormatter(format, columns), pages) };
}

/** Makes the next piece while the one before is on its way. */
function readAhead<T>(pieces: Iterator<T, void>): Iterator<T, void> {
  let ahead: (() => IteratorResult<T, void>) | null = null;
  const prepare = (): (() => IteratorResult<T, void>) => {
    try {
      const piece = pieces.next();
      return () => piece;
    } catch (error) {
      return () => {
        throw error;
      };
    }
  };
  return {
    next() {
      const take = ahead ?? prepare();
      ahead = null;
      setImmediate(() => {
        ahead ??= prepare();
      });
      return take();
    },
  };
}

/** With the period before, where the period has a beginning of its own. */
function readReportHtml(database: ReadableDatabase, input: ExportInput): string {
  const report = analyticsReport(database, input);
  if (!input.days && !input.from) return reportHtml(report, null);
  const start = Date.parse(report.from);
  const before = { from: formatTime(2 * start - Date.parse(report.to)), to: report.from };
  const { totals } = analyticsReport(database, before);
  return reportHtml(report, totals.total === 0 ? null : totals);
}

function* formatPages(
  formatter: ReturnType<typeof createFormatter>,
  pages: Iterable<readonly Row[]>,
): Generator<ExportChunk, void> {
  yield { text: formatter.begin(), rows: 0 };
  for (const rows of pages) yield { text: formatter.rows(rows), rows: rows.length };
  yield { text: formatter.end(), rows: 0 };
}

function openTable(
  database: ReadableDatabase,
  what: Exclude<ExportInput["what"], "messages" | undefined>,
  input: ExportInput,
): Table {
  switch (what) {
    case "sessions":
      return {
        columns: Object.keys(sessionSchema.shape),
        total: null,
        pages: followCursor((cursor) => {
          const page = listSessions(database, {
            text: input.text ?? "",
            days: input.days,
            limit: PAGE,
            cursor,
          });
          return { rows: page.sessions, next: page.next_cursor };
        }),
      };
    case "undelivered": {
      const session_id = input.session_id ?? "";
      if (session_id === "") throw new WaybillError("invalid", "session_id is missing: name the session.");
      // Asked once here, so that an unknown session is an error and not an empty file.
      undelivered(database, { session_id, limit: 1 });
      return {
        columns: Object.keys(recipientOutcomeSchema.shape),
        total: null,
        pages: followCursor((cursor) => {
          const page = undelivered(database, { session_id, limit: PAGE, cursor });
          return { rows: page.recipients, next: page.next_cursor };
        }),
      };
    }
    case "system_logs":
      return {
        columns: Object.keys(systemLogSchema.shape),
        total: null,
        pages: followCursor((cursor) => {
          const page = listSystemLogs(database, {
            level: input.level,
            text: input.text ?? "",
            limit: PAGE,
            cursor,
          });
          return { rows: page.logs, next: page.next_cursor };
        }),
      };
    case "report": {
      const rows = reportRows(analyticsReport(database, input));
      return { columns: REPORT_COLUMNS, total: rows.length, pages: [rows] };
    }
  }
}

function* followCursor(
  read: (cursor: string | null) => { rows: readonly Row[]; next: string | null },
): Generator<readonly Row[]> {
  for (let cursor: string | null = null; ; ) {
    const { rows, next } = read(cursor);
    if (rows.length > 0) yield rows;
    if (next === null) return;
    cursor = next;
  }
}

/**
 * Finds the matches once, as positions of four bytes each, and fetches the rows page by page: no
 * read transaction stays open while a slow taker holds up the export, so the WAL does not grow.
 */
function findMessages(database: ReadableDatabase, input: ExportInput): ReturnType<typeof collectKeys> {
  const { where, parameters } = compileFilter(database, input.filter ?? "");
  const from = input.from
    ? requireTime(input.from, "from")
    : input.days
      ? Date.now() - input.days * DAY_MS
      : null;
  const to = input.to ? requireTime(input.to, "to") : null;
  return collectKeys(
    database
      .prepare(
        `SELECT m.seq FROM message_logs AS m
         WHERE (${where}) AND m.origin_ts >= @export_from AND m.origin_ts < @export_to
         ORDER BY m.origin_ts DESC, m.seq DESC`,
      )
      .pluck()
      .iterate({
        ...parameters,
        export_from: from ?? Number.MIN_SAFE_INTEGER,
        export_to: to ?? Number.MAX_SAFE_INTEGER,
      }) as IterableIterator<number>,
  );
}

/** In blocks, which need not be moved to grow, and go as they are worked off. */
function collectKeys(found: Iterable<number>): { total: number; keys: Iterable<Uint32Array> } {
  const blocks: Uint32Array[] = [];
  let block = new Uint32Array(KEYS);
  let count = 0;
  let total = 0;
  for (const key of found) {
    if (count === KEYS) {
      blocks.push(block);
      block = new Uint32Array(KEYS);
      count = 0;
    }
    block[count] = key;
    count += 1;
    total += 1;
  }
  blocks.push(block.subarray(0, count));
  return { total, keys: takeAll(blocks) };
}

function* takeAll<T>(list: T[]): Generator<T, void> {
  for (let first = list.shift(); first !== undefined; first = list.shift()) yield first;
}

function* messageLines(
  database: ReadableDatabase,
  keys: Iterable<Uint32Array>,
): Generator<ExportChunk, void> {
  yield { text: csvLine(MESSAGE_FIELDS), rows: 0 };
  yield* messageCsv(database, keys);
}

function* messagePages(database: ReadableDatabase, keys: Iterable<Uint32Array>): Generator<readonly Row[]> {
  const find = database.prepare("SELECT * FROM message_logs WHERE seq = ?");
  let rows: Row[] = [];
  let size = 0;
  for (const block of keys) {
    for (const key of block) {
      const row = find.get(key) as StoredMessage | undefined;
      // Gone since the export began, by retention.
      if (row === undefined) continue;
      rows.push(readRecord(row));
      size += row.message_data.length + row.message_metadata.length + row.destination_subject_ids.length;
      if (rows.length < PAGE && size < PAGE_CHARACTERS) continue;
      yield rows;
      rows = [];
      size = 0;
    }
  }
  if (rows.length > 0) yield rows;
}
