import type { ExportFormat } from "../../src-shared/contract/upkeep.ts";
import { csvCell, csvLine } from "./csv-cell.ts";

type Row = Readonly<Record<string, unknown>>;

/** Text for a file, in pieces: `begin`, `rows` any number of times, `end`; joined they are the file. */
export type Formatter = {
  begin(): string;
  rows(rows: readonly Row[]): string;
  end(): string;
};

/**
 * Formats rows as they come, with constant memory. Only the named columns are written, in that
 * order; a value that a row does not have is null. UTF-8 without a byte order mark is meant.
 * - `csv`: RFC 4180 with CRLF and a header; null is empty, arrays and objects are JSON text, and
 *   texts that a spreadsheet would run are made inert (see `inert` in csv-cell.ts).
 * - `json`: one array, also of no rows, with one record a line.
 * - `ndjson`: one record a line.
 */
export function createFormatter(format: ExportFormat, columns: readonly string[]): Formatter {
  switch (format) {
    case "csv":
      return csvFormatter(columns);
    case "json":
      return jsonFormatter(columns);
    case "ndjson":
      return ndjsonFormatter(columns);
  }
}

function csvFormatter(columns: readonly string[]): Formatter {
  return {
    begin: () => csvLine(columns),
    rows(rows) {
      let text = "";
      for (const row of rows) {
        let separator = "";
        for (const column of columns) {
          text += separator + csvCell(row[column]);
          separator = ",";
        }
        text += "\r\n";
      }
      return text;
    },
    end: () => "",
  };
}

function jsonFormatter(columns: readonly string[]): Formatter {
  const record = recordWriter(columns);
  let separator = "\n";
  return {
    begin: () => "[",
    rows(rows) {
      let text = "";
      for (const row of rows) {
        text += separator + record(row);
        separator = ",\n";
      }
      return text;
    },
    end: () => "\n]\n",
  };
}

function ndjsonFormatter(columns: readonly string[]): Formatter {
  const record = recordWriter(columns);
  return {
    begin: () => "",
    rows: (rows) => rows.map((row) => `${record(row)}\n`).join(""),
    end: () => "",
  };
}

/** Joins the members itself: copying the named ones to an object to stringify takes twice the time. */
function recordWriter(columns: readonly string[]): (row: Row) => string {
  const names = columns.map((column, index) => `${index === 0 ? "" : ","}${JSON.stringify(column)}:`);
  return (row) => {
    let text = "{";
    for (const [index, column] of columns.entries())
      text += names[index] + JSON.stringify(row[column] ?? null);
    return `${text}}`;
  };
}
