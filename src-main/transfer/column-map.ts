import { WaybillError } from "../../src-shared/errors.ts";
import { MESSAGE_FIELDS } from "../../src-shared/record.ts";

/** The field of the record that a column of the file fills, by column. */
export type ColumnMap = Readonly<Record<string, string>>;

const PAIR = /\s*([^=].*?)\s*=\s*(\w+)\s*(?:,|$)/gy;

/**
 * Reads `column=field,column=field` as the command line takes it. A column's name may hold
 * commas and equals signs; a field's can't. Throws `invalid`.
 */
export function parseMap(text: string): ColumnMap {
  const pairs: [string, string][] = [];
  let end = 0;
  for (const match of text.matchAll(PAIR)) {
    const [whole, column = "", field = ""] = match;
    pairs.push([column, field]);
    end = match.index + whole.length;
  }
  if (pairs.length === 0 || end < text.length) {
    throw new WaybillError(
      "invalid",
      `The map must be written as column=field,column=field; "${text.slice(end) || text}" is not.`,
    );
  }
  const map = Object.fromEntries(pairs);
  if (Object.keys(map).length < pairs.length) {
    throw new WaybillError("invalid", "The map names a column twice: each column can fill one field.");
  }
  requireFields(map);
  return map;
}

/** Throws `invalid` for a target that is no field of the record, or is filled twice. */
export function requireFields(map: ColumnMap): void {
  const seen = new Set<string>();
  for (const [column, field] of Object.entries(map)) {
    if (!(MESSAGE_FIELDS as readonly string[]).includes(field)) {
      throw new WaybillError(
        "invalid",
        `The map sends the column "${column}" to ${field}, which is no field; there are ${MESSAGE_FIELDS.join(", ")}.`,
      );
    }
    if (seen.has(field))
      throw new WaybillError("invalid", `The map fills ${field} from more than one column.`);
    seen.add(field);
  }
}

/** Throws `invalid` when the file does not have a mapped column. */
export function requireColumns(map: ColumnMap, columns: readonly string[]): void {
  const missing = Object.keys(map).filter((column) => !columns.includes(column));
  if (missing.length === 0 || columns.length === 0) return;
  throw new WaybillError(
    "invalid",
    `The file has no column ${missing.map((column) => `"${column}"`).join(", ")}; it has ${columns.join(", ")}.`,
  );
}
