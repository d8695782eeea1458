import type { ExportFormat, ReportFormat } from "../../src-shared/contract/upkeep.ts";

/** Not from the schemas: zod stays out of this bundle. */
const ABOUT: Readonly<Record<ReportFormat, readonly [name: string, about: string]>> = {
  csv: ["CSV", "For spreadsheets. What one would run as a formula is made inert."],
  json: ["JSON", "One document with everything in it, for scripts and archives."],
  ndjson: ["NDJSON", "One record a line, for streams and large volumes."],
  html: ["HTML", "One page with figures and charts, to read, print or send."],
};

export const FORMATS: readonly ExportFormat[] = ["csv", "json", "ndjson"];
export const REPORT_FORMATS: readonly ReportFormat[] = ["html", ...FORMATS];

/** Whether a file or a choice names a format of records. */
export function isFormat(value: string): value is ExportFormat {
  return FORMATS.some((format) => format === value);
}

export function formatName(format: ReportFormat): string {
  return ABOUT[format][0];
}

export function formatAbout(format: ReportFormat): string {
  return ABOUT[format][1];
}
