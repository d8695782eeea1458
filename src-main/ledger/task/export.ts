import { recipientOutcomeSchema } from "../../../src-shared/contract/sessions.ts";
import type { AnalyticsReport } from "../../../src-shared/contract/statistics.ts";
import type { ExportInput } from "../../../src-shared/contract/upkeep.ts";
import { WaybillError } from "../../../src-shared/errors.ts";
import { MESSAGE_FIELDS, type StoredMessage } from "../../../src-shared/record.ts";
import { sessionSchema } from "../../../src-shared/session.ts";
import { systemLogSchema } from "../../../src-shared/system-log.ts";
import { DAY_MS, formatOptionalTime, formatTime, requireTime } from "../../../src-shared/time.ts";
import { createFormatter } from "../../transfer/format.ts";
import { reportHtml } from "../../transfer/report-html.ts";
import { requireFormat } from "../../transfer/require-format.ts";
import type { ReadableDatabase } from "../open.ts";
import { fromRow, readRecord } from "../reader/from-row.ts";
import { compileFilter } from "../reader/messages.ts";
import { listSessions, undelivered } from "../reader/sessions.ts";
import { analyticsReport } from "../reader/statistics.ts";
import { listSystemLogs } from "../reader/system-logs.ts";

const PAGE = 1_000;
/** Large records end a page before it has its rows, so that memory does not grow with them. */
const PAGE_CHARACTERS = 1024 * 1024;

type Row = Readonly<Record<string, unknown>>;
type Table = { columns: readonly string[]; total: number | null; pages: Iterable<readonly Row[]> };

export type ExportChunk = { text: string; rows: number };

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
  const { columns, total, pages } = openTable(database, input, format === "csv");
  return { total, chunks: formatPages(createFormatter(format, columns), pages) };
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
): Generator<ExportChunk> {
  yield { text: formatter.begin(), rows: 0 };
  for (const rows of pages) yield { text: formatter.rows(rows), rows: rows.length };
  yield { text: formatter.end(), rows: 0 };
}

function openTable(database: ReadableDatabase, input: ExportInput, asText: boolean): Table {
  switch (input.what ?? "messages") {
    case "messages":
      return messageTable(database, input, asText);
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
function messageTable(database: ReadableDatabase, input: ExportInput, asText: boolean): Table {
  const { where, parameters } = compileFilter(database, input.filter ?? "");
  const from = input.from
    ? requireTime(input.from, "from")
    : input.days
      ? Date.now() - input.days * DAY_MS
      : null;
  const to = input.to ? requireTime(input.to, "to") : null;
  const keys = collectKeys(
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
  return {
    columns: MESSAGE_FIELDS,
    total: keys.length,
    pages: messagePages(database, keys, asText ? (row) => fromRow(row, toTexts) : readRecord),
  };
}

function collectKeys(found: Iterable<number>): Uint32Array {
  let keys = new Uint32Array(PAGE);
  let count = 0;
  for (const key of found) {
    if (count === keys.length) {
      const larger = new Uint32Array(2 * count);
      larger.set(keys);
      keys = larger;
    }
    keys[count] = key;
    count += 1;
  }
  return keys.subarray(0, count);
}

function* messagePages(
  database: ReadableDatabase,
  keys: Uint32Array,
  shape: (row: StoredMessage) => Row,
): Generator<readonly Row[]> {
  const find = database.prepare("SELECT * FROM message_logs WHERE seq = ?");
  let rows: Row[] = [];
  let size = 0;
  for (const key of keys) {
    const row = find.get(key) as StoredMessage | undefined;
    // Gone since the export began, by retention.
    if (row === undefined) continue;
    rows.push(shape(row));
    size += row.message_data.length + row.message_metadata.length + row.destination_subject_ids.length;
    if (rows.length < PAGE && size < PAGE_CHARACTERS) continue;
    yield rows;
    rows = [];
    size = 0;
  }
  if (rows.length > 0) yield rows;
}

/** For CSV, where JSON is a text in a cell anyway: it need not be parsed to be written again. */
export function toTexts(row: StoredMessage): Row {
  return {
    ...row,
    origin_ts: formatTime(row.origin_ts),
    sent_ts: formatOptionalTime(row.sent_ts),
    delivered_ts: formatOptionalTime(row.delivered_ts),
    read_ts: formatOptionalTime(row.read_ts),
    ack_ts: formatOptionalTime(row.ack_ts),
  };
}

const REPORT_COLUMNS = [
  "section",
  "key",
  "total",
  "successful",
  "failed",
  "pending",
  "cancelled",
  "success_rate",
  "seconds",
];

/** The report's figures one a line, for a spreadsheet. */
function reportRows(report: AnalyticsReport): Row[] {
  const { totals } = report;
  const latencies = [
    ["to_sent_p50", totals.to_sent.p50_seconds],
    ["to_sent_p95", totals.to_sent.p95_seconds],
    ["to_delivered_p50", totals.to_delivered.p50_seconds],
    ["to_delivered_p95", totals.to_delivered.p95_seconds],
  ] as const;
  return [
    { section: "period", key: `${report.from}/${report.to}`, ...totals },
    ...latencies.map(([key, seconds]) => ({ section: "latency", key, seconds })),
    ...Object.entries(report.by_status).map(([key, total]) => ({ section: "status", key, total })),
    ...report.by_channel.map((row) => ({ section: "channel", ...row })),
    ...report.by_template.map((row) => ({ section: "template", ...row })),
    ...report.by_day.map(({ ts, ...row }) => ({ section: "day", key: ts.slice(0, 10), ...row })),
    ...report.by_hour.map(({ hour, ...row }) => ({ section: "hour_of_day", key: hour, ...row })),
    ...report.top_errors.map(({ template, count }) => ({ section: "error", key: template, total: count })),
    ...report.by_domain.map((row) => ({ section: "domain", ...row })),
    ...report.busiest_hours.map(({ ts, total }) => ({ section: "busiest_hour", key: ts, total })),
  ];
}
