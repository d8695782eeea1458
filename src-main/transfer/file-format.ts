import { extname } from "node:path";
import type { ExportFormat } from "../../src-shared/contract/upkeep.ts";

const BY_EXTENSION: Readonly<Record<string, ExportFormat>> = {
  ".csv": "csv",
  ".tsv": "csv",
  ".json": "json",
  ".ndjson": "ndjson",
  ".jsonl": "ndjson",
};

/**
 * What a file is: as told, else by its extension, else by its first characters. Between JSON and NDJSON the
 * content decides, since both are common under either name.
 */
export function fileFormat(told: ExportFormat | undefined, file: string, start: string): ExportFormat {
  const named = told ?? BY_EXTENSION[extname(file).toLowerCase()];
  if (named === "csv") return "csv";
  const text = start.trimStart();
  if (text.startsWith("[")) return "json";
  if (text.startsWith("{")) return named === "ndjson" || firstLineIsJson(text) ? "ndjson" : "json";
  return named ?? "csv";
}

function firstLineIsJson(text: string): boolean {
  try {
    JSON.parse(text.split("\n", 1)[0] ?? "");
    return true;
  } catch {
    return false;
  }
}
