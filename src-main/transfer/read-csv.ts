import Papa from "papaparse";
import { WaybillError } from "../../src-shared/errors.ts";
import { original } from "./csv-cell.ts";
import { countNewlines, MAX_ROW_LENGTH, type RowSource, type SourceRow } from "./source-rows.ts";
import type { TextFile } from "./text-file.ts";

const DELIMITERS = [",", ";", "\t", "|"];
const DETECTION_ROWS = 20;

type CsvRow = { line: number; cells: string[]; malformed: boolean };

/**
 * Rows of a CSV file with a header; the delimiter is found out. Blank rows are left out, missing
 * last cells are empty, and a row with more cells than columns is an error.
 */
export async function readCsv(text: Pick<TextFile, "start" | "pieces">): Promise<RowSource> {
  const blocks = csvBlocks(text);
  for (let block = await blocks.next(); !block.done; block = await blocks.next()) {
    const [header, ...rows] = block.value;
    if (header === undefined) continue;
    const columns = columnNames(header.cells);
    return { rawColumns: columns, columns, blocks: sourceBlocks(rows, columns, blocks) };
  }
  throw new WaybillError("invalid", "The file has no header: its first row must name the columns.");
}

async function* sourceBlocks(
  first: readonly CsvRow[],
  columns: readonly string[],
  rest: AsyncIterable<readonly CsvRow[]>,
): AsyncGenerator<SourceRow[]> {
  yield first.map((row) => sourceRow(row, columns));
  for await (const block of rest) yield block.map((row) => sourceRow(row, columns));
}

function sourceRow({ line, cells, malformed }: CsvRow, columns: readonly string[]): SourceRow {
  const raw = cells.map(original);
  if (malformed) {
    return {
      line,
      raw,
      error: "has a quote that is neither doubled nor the end of its cell, or no closing quote",
    };
  }
  if (raw.length > columns.length && raw.slice(columns.length).some((cell) => cell !== "")) {
    return { line, raw, error: `has ${raw.length} cells where the header names ${columns.length} columns` };
  }
  // An empty cell is nothing, not an empty text.
  return { line, raw, columns, values: raw.map((cell) => (cell === "" ? undefined : cell)) };
}

/**
 * Uses the parser of papaparse piece by piece: its stream interface drops the errors and the
 * place of a row, and is less than half as fast.
 */
async function* csvBlocks({ start, pieces }: Pick<TextFile, "start" | "pieces">): AsyncGenerator<CsvRow[]> {
  // With "\n" files of either line end can be read, also mixed ones; only very old ones have "\r" alone.
  const newline = start.includes("\r") && !start.includes("\n") ? "\r" : "\n";
  const parser = new Papa.Parser({ delimiter: detectDelimiter(start), newline });
  let rest = "";
  let line = 1;

  const parse = (text: string, isLast: boolean): CsvRow[] => {
    const { data, errors, meta }: Papa.ParseResult<string[]> = parser.parse(text, 0, !isLast);
    rest = text.slice(meta.cursor);
    const malformed = new Set(errors.map((error) => error.row));
    const hasQuotes = text.includes('"');
    const rows: CsvRow[] = [];
    for (const [index, cells] of data.entries()) {
      const last = cells.length - 1;
      if (cells[last]?.endsWith("\r")) cells[last] = cells[last].slice(0, -1);
      if (cells.some((cell) => cell !== "")) rows.push({ line, cells, malformed: malformed.has(index) });
      line += 1;
      // Only quoted cells can hold a line end.
      if (hasQuotes) for (const cell of cells) line += countNewlines(cell);
    }
    return rows;
  };

  for await (const piece of pieces) {
    yield parse(rest + piece, false);
    if (rest.length > MAX_ROW_LENGTH) {
      throw new WaybillError(
        "invalid",
        `The row on line ${line} does not end within ${MAX_ROW_LENGTH} characters: look for a quote that is not closed.`,
      );
    }
  }
  yield parse(rest, true);
}

/** The one by which most of the first rows have as many cells as the header, more than one. */
function detectDelimiter(start: string): string {
  let best = { delimiter: ",", fitting: 0, width: 1 };
  for (const delimiter of DELIMITERS) {
    const { data } = Papa.parse<string[]>(start, {
      delimiter,
      preview: DETECTION_ROWS,
      skipEmptyLines: true,
    });
    const width = data[0]?.length ?? 0;
    const fitting = data.filter((row) => row.length === width).length / data.length;
    if (width > 1 && (fitting > best.fitting || (fitting === best.fitting && width > best.width))) {
      best = { delimiter, fitting, width };
    }
  }
  return best.delimiter;
}

/** Every column gets a name of its own, so that no cell overwrites another. */
function columnNames(header: readonly string[]): string[] {
  const names = new Set<string>();
  for (const [index, cell] of header.entries()) {
    const name = original(cell).trim() || `column_${index + 1}`;
    let unique = name;
    for (let count = 2; names.has(unique); count += 1) unique = `${name}_${count}`;
    names.add(unique);
  }
  return [...names];
}
