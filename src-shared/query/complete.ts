import { STATUSES } from "../status.ts";
import { PARTS } from "./ast.ts";
import { quoteValue } from "./edit.ts";
import { FIELD_NAMES, FIELDS, type FieldName, isFieldName } from "./fields.ts";
import { STATUS_GROUPS, takesList } from "./filter.ts";
import { foldCase } from "./fold.ts";

/** What the ledger holds, as far as it is worth offering. */
export type Vocabulary = {
  readonly channels: readonly string[];
  readonly templates: readonly string[];
  readonly topics: readonly string[];
  readonly types: readonly string[];
  readonly sessions: readonly string[];
};

export type CompletionOption = { readonly label: string; readonly insert: string; readonly detail: string };
/** Choosing an option replaces the text between `from` and `to`. */
export type Completion = {
  readonly from: number;
  readonly to: number;
  readonly options: readonly CompletionOption[];
};

const MAX_OPTIONS = 20;

/** A word with what it has in quotes, also while the last quotation mark is still to come. */
const TERM = /(?:"(?:[^"\\]|\\.)*(?:"|$)|[^\s()"])+/g;
const NAME = /^\p{L}*(?::|[<>]=?)/u;
const FILTER = /^(\p{L}+)(:|[<>]=?)(.*)$/su;

const AGO: readonly (readonly [string, string])[] = [
  ["1h", "an hour ago"],
  ["24h", "a day ago"],
  ["7d", "a week ago"],
  ["30d", "30 days ago"],
  ["90d", "90 days ago"],
];
const LATENCIES = ["1s", "5s", "30s", "1m", "5m", "1h"];

function option(label: string, detail = "", insert = quoteValue(label)): CompletionOption {
  return { label, insert, detail };
}

function fieldOption(field: FieldName): CompletionOption {
  const opening = field === "data" || field === "meta" ? "." : field === "latency" ? ">" : ":";
  return option(field, FIELDS[field].about, field + opening);
}

function valueOptions(field: FieldName, operator: string, vocabulary: Vocabulary): CompletionOption[] {
  switch (field) {
    case "status": {
      const groups = Object.entries(STATUS_GROUPS);
      return [
        ...STATUSES.map((status) => option(status)),
        ...groups.map(([group, statuses]) => option(group, statuses.join(", "))),
      ];
    }
    case "has":
      return PARTS.map((part) => option(part));
    case "before":
    case "after":
      return AGO.map(([amount, detail]) => option(amount, detail));
    case "latency": {
      const comparison = operator === ":" ? ">" : "";
      return LATENCIES.map((amount) => option(comparison + amount, "", comparison + amount));
    }
    case "channel":
      return vocabulary.channels.map((channel) => option(channel));
    case "template":
      return vocabulary.templates.map((template) => option(template));
    case "topic":
      return vocabulary.topics.map((topic) => option(topic));
    case "type":
      return vocabulary.types.map((type) => option(type));
    case "session":
      return vocabulary.sessions.map((session) => option(session));
    default:
      return [];
  }
}

/** What begins with the typed text first, then what has it further on. */
function rank(options: readonly CompletionOption[], typed: string): CompletionOption[] {
  const sought = foldCase(typed);
  const placed = options
    .map((each) => ({ each, place: foldCase(each.label).indexOf(sought) }))
    .filter(({ place }) => place !== -1);
  const leading = placed.filter(({ place }) => place === 0);
  const inner = placed.filter(({ place }) => place > 0);
  return [...leading, ...inner].map(({ each }) => each).slice(0, MAX_OPTIONS);
}

/** Fields by the beginning of their name, and the statuses and channels that need no field to be known. */
function wordOptions(typed: string, vocabulary: Vocabulary): CompletionOption[] {
  const fields = FIELD_NAMES.map(fieldOption).filter(({ label }) => label.startsWith(typed.toLowerCase()));
  if (typed === "") return fields;
  const values = (["status", "channel"] as const).flatMap((field) =>
    valueOptions(field, ":", vocabulary)
      .filter(({ label }) => foldCase(label).startsWith(foldCase(typed)))
      .map(({ label, insert, detail }) => option(`${field}:${label}`, detail, `${field}:${insert}`)),
  );
  return [...fields, ...values];
}

/** What may be written where the cursor stands. */
export function completeQuery(text: string, cursor: number, vocabulary: Vocabulary): Completion {
  const at = Math.min(Math.max(cursor, 0), text.length);
  const term = [...text.matchAll(TERM)].find(
    ({ index, 0: { length } }) => index <= at && at <= index + length,
  );
  const termEnd = term === undefined ? at : term.index + term[0].length;
  const termStart = term === undefined ? at : term.index + (/^-*/.exec(term[0])?.[0].length ?? 0);
  const typed = text.slice(termStart, Math.max(at, termStart));
  const [, name = "", operator = "", value = ""] = FILTER.exec(typed) ?? [];
  const field = name.toLowerCase();
  if (!isFieldName(field)) {
    const options = typed.startsWith('"') ? [] : wordOptions(typed, vocabulary).slice(0, MAX_OPTIONS);
    // A name that is changed keeps the value that it already has.
    const written = NAME.exec(text.slice(termStart, termEnd))?.[0].length;
    return { from: termStart, to: written === undefined ? termEnd : termStart + written, options };
  }
  const listed = takesList(field) && !value.includes('"');
  const item = listed ? value.slice(value.lastIndexOf(",") + 1) : value;
  const from = at - item.length;
  const next = listed ? text.slice(at, termEnd).indexOf(",") : -1;
  const options = rank(valueOptions(field, operator, vocabulary), item.replace(/^"|"$/g, ""));
  return { from, to: next === -1 ? termEnd : at + next, options };
}
