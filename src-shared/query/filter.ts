import { isStatus, STATUSES, type Status } from "../status.ts";
import { parseTime } from "../time.ts";
import { type Comparison, type Filter, PARTS, type Pattern } from "./ast.ts";
import { parseDuration } from "./duration.ts";
import { QueryFault } from "./fault.ts";
import { FIELDS, type FieldName, NAME_COLUMNS } from "./fields.ts";
import { toWords, type Value } from "./values.ts";

/** Names for several statuses at once. */
export const STATUS_GROUPS: Readonly<Record<string, readonly Status[]>> = {
  success: ["sent", "delivered", "read"],
  waiting: ["pending", "sending"],
};

const COMPARED = /^([<>]=?)?(.*)$/s;

/** A filter as it was written: the field's name, its values and, for `data` and `meta`, the key. */
export type WrittenFilter = {
  readonly field: FieldName;
  readonly operator: string;
  readonly path: readonly string[];
  /** At least one; more than one for the fields that take a list. */
  readonly values: readonly [Value, ...Value[]];
};

export function takesList(field: FieldName): boolean {
  return field === "status" || Object.hasOwn(NAME_COLUMNS, field);
}

function alternatives(words: readonly string[]): string {
  return `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

function toPattern({ text, prefix }: Value): Pattern {
  return { value: text, prefix };
}

function toStatuses(values: readonly Value[]): Status[] {
  const statuses = new Set<Status>();
  for (const value of values) {
    const name = value.text.toLowerCase();
    const meant = isStatus(name)
      ? [name]
      : Object.hasOwn(STATUS_GROUPS, name)
        ? STATUS_GROUPS[name]
        : undefined;
    if (meant === undefined || value.prefix) {
      const known = alternatives([...STATUSES, ...Object.keys(STATUS_GROUPS)]);
      throw new QueryFault(`This is not a status: write ${known}.`, value);
    }
    for (const status of meant) statuses.add(status);
  }
  return [...statuses];
}

function toMoment(value: Value, now: number): number {
  const ago = parseDuration(value.text);
  const ts = ago === undefined ? parseTime(value.text) : Math.trunc(now - ago);
  if (ts === undefined || value.prefix) {
    throw new QueryFault(
      "This is not a time: write a date (2026-01-31), a time (2026-01-31T09:30Z) or how long ago (7d, 12h, 30m).",
      value,
    );
  }
  return ts;
}

function toLatency(operator: string, value: Value): Filter {
  const [, inner, amount = ""] = COMPARED.exec(value.text) ?? [];
  const comparison = operator === ":" ? inner : inner === undefined ? operator : undefined;
  const ms = parseDuration(amount);
  if (comparison === undefined || ms === undefined || value.prefix) {
    throw new QueryFault("This is not a latency: write it like latency>5s or latency<=200ms.", value);
  }
  return { field: "latency", comparison: comparison as Comparison, ms };
}

function toReason(value: Value): number {
  if (!/^\d{1,15}$/.test(value.text) || value.prefix) {
    throw new QueryFault("This is not the number of a failure group: write it like reason:12.", value);
  }
  return Number(value.text);
}

/** Throws a `QueryFault` that points at the value that will not do. */
export function toFilter({ field, operator, path, values }: WrittenFilter, now: number): Filter {
  const [value] = values;
  switch (field) {
    case "status":
      return { field, statuses: toStatuses(values) };
    case "channel":
    case "topic":
    case "type":
    case "template":
      return { field, patterns: values.map(toPattern) };
    case "session":
    case "user":
    case "external":
      return { field, pattern: toPattern(value) };
    case "uuid":
      return { field, pattern: { value: value.text.toLowerCase(), prefix: value.prefix } };
    case "to":
    case "from":
    case "error": {
      const words = toWords(value);
      if (words === null) throw new QueryFault("There is no letter or digit here to search for.", value);
      return { field, words };
    }
    case "reason":
      return { field, reason: toReason(value) };
    case "has": {
      const part = PARTS.find((known) => known === value.text.toLowerCase());
      if (part === undefined || value.prefix) {
        throw new QueryFault(`This is nothing a message has: write ${alternatives(PARTS)}.`, value);
      }
      return { field, part };
    }
    case "latency":
      return toLatency(operator, value);
    case "before":
    case "after":
      return { field, ts: toMoment(value, now) };
    case "data":
    case "meta": {
      if (path.length === 0) {
        throw new QueryFault(`Name the key too, such as ${FIELDS[field].example}.`, value);
      }
      const anything = value.text === "" && value.prefix && !value.quoted;
      return { field, path, pattern: anything ? null : toPattern(value) };
    }
  }
}
