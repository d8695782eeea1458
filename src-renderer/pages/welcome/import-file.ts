import type { ExportFormat } from "../../../src-shared/contract/upkeep.ts";
import { isFormat } from "../../export/formats.ts";
import { guessFields } from "./column-guess.ts";
import { type Field, isField } from "./field-options.ts";

/** Enough for a header and a few rows. */
const PREVIEW_BYTES = 256 * 1024;
const PREVIEW_ROWS = 4;

export type Column = { name: string; sample: string; field: Field | "" };

export type ChosenFile = {
  file: File;
  format: ExportFormat;
  /** Of a CSV; empty for the other formats, which name their fields themselves. */
  columns: readonly Column[];
};

export function formatOf(fileName: string): ExportFormat {
  const extension = fileName.split(".").at(-1)?.toLowerCase() ?? "";
  if (extension === "jsonl") return "ndjson";
  return isFormat(extension) ? extension : "csv";
}

/** Reads what is needed to ask about a file. Rejects when the browser can't read it. */
export async function chooseFile(file: File, format = formatOf(file.name)): Promise<ChosenFile> {
  return { file, format, columns: format === "csv" ? await readColumns(file) : [] };
}

async function readColumns(file: File): Promise<Column[]> {
  const [{ default: Papa }, text] = await Promise.all([
    import("papaparse"),
    file.slice(0, PREVIEW_BYTES).text(),
  ]);
  const [header = [], ...rows] = Papa.parse<string[]>(text, {
    preview: PREVIEW_ROWS,
    skipEmptyLines: true,
  }).data;
  const fields = guessFields(header);
  return header.map((name, index) => ({
    name,
    sample: rows.map((row) => row[index]?.trim() ?? "").find((value) => value !== "") ?? "",
    field: fields[index] ?? "",
  }));
}

/** The fields that more than one column would fill. */
export function doubledFields(columns: readonly Column[]): ReadonlySet<Field> {
  const seen = new Set<Field>();
  const doubled = new Set<Field>();
  for (const { field } of columns) {
    if (field === "") continue;
    if (seen.has(field)) doubled.add(field);
    seen.add(field);
  }
  return doubled;
}

/** `column=field,…`; a column that has its field's own name needs no mention. */
export function writeMap(columns: readonly Column[]): string {
  return columns
    .filter(({ name, field }) => field !== "" && !(isField(name) && name === field))
    .map(({ name, field }) => `${name}=${field}`)
    .join(",");
}
