import { WaybillError } from "../../src-shared/errors.ts";
import { countNewlines, MAX_ROW_LENGTH, type RowSource, type SourceRow } from "./source-rows.ts";

const RAW_COLUMNS = ["raw"];
const LOOK_AHEAD_BLOCKS = 16;
const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Rows of NDJSON; blank lines are left out. */
export function readNdjson(pieces: AsyncIterable<string>): Promise<RowSource> {
  return withColumns(ndjsonBlocks(pieces));
}

/** Rows of one JSON array, or of one object or several, one after the other. */
export function readJson(pieces: AsyncIterable<string>): Promise<RowSource> {
  return withColumns(jsonBlocks(pieces));
}

/** Members may be left out of a record, so the columns are those of about the first MiB. */
async function withColumns(blocks: AsyncGenerator<SourceRow[]>): Promise<RowSource> {
  const ahead: SourceRow[][] = [];
  const columns = new Set<string>();
  while (ahead.length < LOOK_AHEAD_BLOCKS) {
    const block = await blocks.next();
    if (block.done) break;
    ahead.push(block.value);
    for (const row of block.value) {
      if ("columns" in row) for (const column of row.columns) columns.add(column);
    }
  }
  return { rawColumns: RAW_COLUMNS, columns: [...columns], blocks: chain() };

  async function* chain(): AsyncGenerator<SourceRow[]> {
    for (let block = ahead.shift(); block !== undefined; block = ahead.shift()) yield block;
    yield* blocks;
  }
}

function parseRow(line: number, text: string): SourceRow {
  const raw = [text];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { line, raw, error: `is not JSON: ${(error as SyntaxError).message}` };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return { line, raw, error: "is not a JSON object" };
  }
  return { line, raw, columns: Object.keys(value), values: Object.values(value) };
}

async function* ndjsonBlocks(pieces: AsyncIterable<string>): AsyncGenerator<SourceRow[]> {
  let rest = "";
  let line = 1;
  for await (const piece of pieces) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop() ?? "";
    const rows: SourceRow[] = [];
    for (const text of lines) {
      if (text.trim() !== "") rows.push(parseRow(line, text.trim()));
      line += 1;
    }
    yield rows;
    requireShort(rest.length, line);
  }
  if (rest.trim() !== "") yield [parseRow(line, rest.trim())];
}

/**
 * Finds where each value ends and leaves the rest to JSON.parse: one bad value is one bad row,
 * and it is several times faster than parsers that report every token.
 */
async function* jsonBlocks(pieces: AsyncIterable<string>): AsyncGenerator<SourceRow[]> {
  let text = "";
  /** Where the value begins, and how far it has been looked through. */
  let begin = 0;
  let at = 0;
  let line = 1;
  let depth = 0;
  let inString = false;
  let shape: "unknown" | "array" | "objects" | "ended" = "unknown";

  const cut = (end: number, rows: SourceRow[]): void => {
    const value = text.slice(begin, end);
    const trimmed = value.trim();
    const valueLine = line + countNewlines(value, 0, value.indexOf(trimmed));
    line += countNewlines(value);
    if (trimmed !== "") rows.push(parseRow(valueLine, trimmed));
  };

  for await (const piece of pieces) {
    text = text.slice(begin) + piece;
    at -= begin;
    begin = 0;
    const rows: SourceRow[] = [];
    while (at < text.length) {
      if (inString) {
        at = stringEnd(text, at);
        if (at >= text.length) break;
        inString = false;
        at += 1;
        continue;
      }
      const code = text.charCodeAt(at);
      at += 1;
      if (code === QUOTE) {
        inString = true;
      } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
        depth += 1;
        if (shape === "unknown" && text.slice(begin, at - 1).trim() === "") {
          shape = code === OPEN_BRACKET ? "array" : "objects";
          if (shape === "array") begin = skipTo(at);
        }
      } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
        depth -= 1;
        if (depth === 0 && (shape === "array" || shape === "objects")) {
          cut(shape === "array" ? at - 1 : at, rows);
          begin = at;
          if (shape === "array") shape = "ended";
        }
      } else if (code === COMMA && depth === 1 && shape === "array") {
        cut(at - 1, rows);
        begin = at;
      }
    }
    if (shape === "unknown" && text.trim() !== "") throw notRecords();
    yield rows;
    requireShort(text.length - begin, line);
  }
  yield rest();

  function skipTo(next: number): number {
    line += countNewlines(text, begin, next);
    return next;
  }

  /** What stands behind the last complete value. */
  function rest(): SourceRow[] {
    const left = text.slice(begin).trim();
    if (shape === "unknown") throw notRecords();
    if (shape === "array") {
      const error = "the file ends before its array does: it may have been cut off";
      return [{ line, raw: [left], error }];
    }
    return left === "" ? [] : [{ line, raw: [left], error: "is not part of a record" }];
  }
}

/**
 * The index of the quote that closes a string; the text's length or more when it goes on
 * in the next piece (one more when that piece begins with an escaped character).
 */
function stringEnd(text: string, from: number): number {
  let at = from;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === BACKSLASH) at += 1;
    else if (code === QUOTE) return at;
  }
  return at;
}

function notRecords(): WaybillError {
  return new WaybillError(
    "invalid",
    "The file is not JSON with records: it must be an array of objects, or one object.",
  );
}

function requireShort(length: number, line: number): void {
  if (length <= MAX_ROW_LENGTH) return;
  throw new WaybillError(
    "invalid",
    `The record that begins by line ${line} does not end within ${MAX_ROW_LENGTH} characters: look for a missing quote or bracket.`,
  );
}
