import { recipientOutcomeSchema } from "../../../src-shared/contract/sessions.ts";
import type { AnalyticsReport } from "../../../src-shared/contract/statistics.ts";
import type { ExportInput } from "../../../src-shared/contract/upkeep.ts";
import { WaybillError } from "../../../src-shared/errors.ts";
import { MESSAGE_FIELDS } from "../../../src-shared/record.ts";
import { sessionSchema } from "../../../src-shared/session.ts";
import { systemLogSchema } from "../../../src-shared/system-log.ts";
import { DAY_MS, formatTime, requireTime } from "../../../src-shared/time.ts";
import type { ExportChunk } from "../../ledger/task/export.ts";
import { createFormatter } from "../../transfer/format.ts";
import { reportHtml } from "../../transfer/report-html.ts";
import { REPORT_COLUMNS, reportRows } from "../../transfer/report-rows.ts";
import { requireFormat } from "../../transfer/require-format.ts";
import type { ArchiveDatabase } from "./archive-database.ts";
import { requireArchiveFilter } from "./messages.ts";
import type { ArchiveFilter } from "./query-sql.ts";
import { readRow, WHOLE_RECORD } from "./record-row.ts";
import { listSessions, undelivered } from "./sessions.ts";
import { analyticsReport } from "./statistics.ts";
import { walk } from "./walk.ts";

/** Few enough that making their text holds nobody up. */
const PAGE = 500;

type Row = Readonly<Record<string, unknown>>;
type Pages = AsyncGenerator<readonly Row[], void>;
type Table = { columns: readonly string[]; pages: Pages };

/**
 * An export as text, page by page as it is taken, each page a statement behind the last row of the one before: however
 * slowly it is taken, no transaction stays open. Throws `invalid`, `not_found` or `unavailable`.
 */
export async function* exportChunks(
  database: ArchiveDatabase,
  input: ExportInput,
): AsyncGenerator<ExportChunk, void> {
  const format = input.format ?? "csv";
  requireFormat(input);
  if (format === "html") {
    yield { text: await readReportHtml(database, input), rows: 1 };
    return;
  }
  if (input.what === "report" && format === "json") {
    yield { text: `${JSON.stringify(await analyticsReport(database, input), null, 2)}\n`, rows: 1 };
    return;
  }
  const { columns, pages } = await openTable(database, input);
  const formatter = createFormatter(format, columns);
  // Read before anything is given: an archive that is away is an error, and no file that breaks off.
  let page = await pages.next();
  yield { text: formatter.begin(), rows: 0 };
  for (; !page.done; page = await pages.next()) {
    yield { text: formatter.rows(page.value), rows: page.value.length };
  }
  yield { text: formatter.end(), rows: 0 };
}

async function openTable(database: ArchiveDatabase, input: ExportInput): Promise<Table> {
  switch (input.what ?? "messages") {
    case "messages":
      return { columns: MESSAGE_FIELDS, pages: messagePages(database, input) };
    case "sessions":
      return {
        columns: Object.keys(sessionSchema.shape),
        pages: followCursor(async (cursor) => {
          const { text, days } = input;
          const page = await listSessions(database, { text: text ?? "", days, limit: PAGE, cursor });
          return { rows: page.sessions, next: page.next_cursor };
        }),
      };
    case "undelivered": {
      const session_id = input.session_id ?? "";
      if (session_id === "") throw new WaybillError("invalid", "session_id is missing: name the session.");
      // Asked once here, so that an unknown session is an error and not an empty file.
      await undelivered(database, { session_id, limit: 1 });
      return {
        columns: Object.keys(recipientOutcomeSchema.shape),
        pages: followCursor(async (cursor) => {
          const page = await undelivered(database, { session_id, limit: PAGE, cursor });
          return { rows: page.recipients, next: page.next_cursor };
        }),
      };
    }
    case "system_logs":
      // An archive has none.
      return { columns: Object.keys(systemLogSchema.shape), pages: onePage([]) };
    case "report":
      return { columns: REPORT_COLUMNS, pages: onePage(reportRows(await analyticsReport(database, input))) };
  }
}

/** Throws `invalid` before the first page. */
function messagePages(database: ArchiveDatabase, input: ExportInput): Pages {
  const filter = requireArchiveFilter(input.filter ?? "");
  const from = input.from
    ? requireTime(input.from, "from")
    : input.days
      ? Date.now() - input.days * DAY_MS
      : filter.from;
  const to = input.to ? requireTime(input.to, "to") : filter.to;
  const within = { ...filter, from: Math.max(from, filter.from), to: Math.min(to, filter.to) };
  return recordPages(database, within);
}

async function* recordPages(database: ArchiveDatabase, filter: ArchiveFilter): Pages {
  for await (const { rows } of walk(database, filter, { columns: WHOLE_RECORD, rows: PAGE }))
    if (rows.length > 0) yield rows.map(readRow);
}

async function* onePage(rows: readonly Row[]): Pages {
  if (rows.length > 0) yield rows;
}

async function* followCursor(
  read: (cursor: string | null) => Promise<{ rows: readonly Row[]; next: string | null }>,
): Pages {
  for (let cursor: string | null = null; ; ) {
    const { rows, next }: { rows: readonly Row[]; next: string | null } = await read(cursor);
    if (rows.length > 0) yield rows;
    if (next === null) return;
    cursor = next;
  }
}

/** With the period before, where the period has a beginning of its own. */
async function readReportHtml(database: ArchiveDatabase, input: ExportInput): Promise<string> {
  const report: AnalyticsReport = await analyticsReport(database, input);
  if (!input.days && !input.from) return reportHtml(report, null);
  const start = Date.parse(report.from);
  const before = { from: formatTime(2 * start - Date.parse(report.to)), to: report.from };
  const { totals } = await analyticsReport(database, before);
  return reportHtml(report, totals.total === 0 ? null : totals);
}
