import { listFilters, quoteValue, withFilter, withoutFilter } from "../../../src-shared/query/edit.ts";
import { formatTime, parseTime } from "../../../src-shared/time.ts";
import type { FieldValue } from "./field-value.ts";

/** An error may be as long as a page; its beginning finds it as well. */
const MAX_VALUE = 160;

function shorten(value: string): string {
  if (value.length <= MAX_VALUE) return value;
  const cut = value.slice(0, MAX_VALUE);
  // A cut word would be looked for as a whole one.
  return cut.slice(0, Math.max(cut.search(/\s\S*$/), MAX_VALUE / 2));
}

/** The filter for one value, such as `status:failed`. */
export function filterText({ field, path, value }: FieldValue): string {
  const name = path === undefined ? field : `${field}.${path}`;
  return `${name}:${quoteValue(field === "error" ? shorten(value) : value)}`;
}

/** The query narrowed to a value, or to all but it. What said the opposite goes. */
export function narrowed(q: string, value: FieldValue, exclude: boolean): string {
  const filter = filterText(value);
  const wanted = exclude ? `-${filter}` : filter;
  const opposite = exclude ? filter : `-${filter}`;
  const at = listFilters(q).findIndex(({ text }) => text === opposite);
  return withFilter(at === -1 ? q : withoutFilter(q, at), wanted);
}

/** As short as it can be read back: no seconds or milliseconds that are zero. */
function timeText(ts: string): string {
  const ms = parseTime(ts);
  return ms === undefined ? ts : formatTime(ms).replace(/(:00)?\.000Z$/, "Z");
}

/** The query limited to `from` (inclusive) and `to` (exclusive), whatever it was limited to before. */
export function withPeriod(q: string, { from, to }: { from: string; to: string }): string {
  return withFilter(withFilter(q, `after:${timeText(from)}`), `before:${timeText(to)}`);
}

const PERIOD = /^(?:after|before):/i;

export function hasPeriod(q: string): boolean {
  return listFilters(q).some(({ text }) => PERIOD.test(text));
}

export function withoutPeriod(q: string): string {
  const at = listFilters(q).findIndex(({ text }) => PERIOD.test(text));
  return at === -1 ? q : withoutPeriod(withoutFilter(q, at));
}
