import type { ParsedInput } from "../../src-shared/contract/index.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import { errnoOf } from "./atomic-file.ts";
import type { JobTask } from "./jobs.ts";
import type { ReportFiles } from "./report-files.ts";
import type { ReadingStore } from "./store.ts";

type ExportRequest = ParsedInput<"jobs.export">;

const NAMES: Readonly<Record<ExportRequest["what"], string>> = {
  messages: "messages",
  sessions: "sessions",
  undelivered: "undelivered",
  system_logs: "system-log",
  report: "report",
};

/** The name that a report is saved under, such as `waybill-messages-2026-01-31.csv`. */
export function reportName({ what, format }: Pick<ExportRequest, "what" | "format">): string {
  return `waybill-${NAMES[what]}-${new Date().toISOString().slice(0, 10)}.${format}`;
}

/** Writes a report to a private file that is fetched once. */
export function exportTask(
  ledger: Pick<ReadingStore, "exportData">,
  files: ReportFiles,
  input: ExportRequest,
): JobTask {
  return {
    kind: "export",
    unit: "rows",
    run: async ({ jobId, ...progress }) => {
      const path = files.newPath(`${jobId}.${input.format}`);
      const { rows } = await ledger
        .exportData({ ...input, out: path, ...progress })
        .catch((error: unknown) => {
          throw errnoOf(error) === "ENOSPC" ? noRoom(error) : error;
        });
      const fileName = reportName(input);
      files.offer(jobId, path, fileName);
      return { message: `${rows.toLocaleString("en")} rows were written.`, fileName };
    },
  };
}

function noRoom(cause: unknown): WaybillError {
  const message = "The disk has no room for the report. Free some space, or narrow the filter.";
  return new WaybillError("cannot_accept", message, { cause });
}
