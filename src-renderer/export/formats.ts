import type { ExportFormat } from "../../src-shared/contract/upkeep.ts";

/** Not from the schemas: zod stays out of this bundle. */
const ABOUT: Readonly<Record<ExportFormat, readonly [name: string, about: string]>> = {
  csv: ["CSV", "For spreadsheets. What one would run as a formula is made inert."],
  json: ["JSON", "One document with everything in it, for scripts and archives."],
  ndjson: ["NDJSON", "One record a line, for streams and large volumes."],
};

export const FORMATS = Object.keys(ABOUT) as readonly ExportFormat[];

export function isFormat(value: string): value is ExportFormat {
  return Object.hasOwn(ABOUT, value);
}

export function formatName(format: ExportFormat): string {
  return ABOUT[format][0];
}

export function formatAbout(format: ExportFormat): string {
  return ABOUT[format][1];
}
