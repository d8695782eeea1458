import type { FieldValue } from "./field-value.ts";
import type { JsonRow } from "./json-rows.ts";

/** A key that the query language can name: the rest would be read as something else. */
const NAMEABLE = /^[^\s():"<>.]+$/;
/** A longer text is no value to filter by, and a query has its own limit. */
const MAX_VALUE = 400;

/** What "filter by this value" on a row of the tree filters by; null where no query can say it. */
export function jsonFilter(
  field: "data" | "meta",
  { path, kind, text }: Pick<JsonRow, "path" | "kind" | "text">,
): FieldValue | null {
  if (kind === "object" || kind === "array" || kind === "more") return null;
  const keys = path
    .slice(1)
    .split("/")
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  const value = kind === "string" ? String(JSON.parse(text)) : text;
  if (!keys.every((key) => NAMEABLE.test(key)) || value.length > MAX_VALUE) return null;
  return { field, path: keys.join("."), value };
}
