import { hash48 } from "../hash.ts";
import type { StoredMessage } from "../record.ts";
import type { JsonField, Pattern } from "./ast.ts";
import { foldCase } from "./fold.ts";

/**
 * The exact values of a record as tokens of the search index, so that `data.order:4711` or `user:ann` is
 * looked up where it is rare. A token may stand for more than was asked for, never for less: whoever looks
 * one up tests what was found.
 */
export type FactTexts = Pick<StoredMessage, "user_id" | "message_data" | "message_metadata">;

/** Of the private use area, as `VALUE_BREAK` is: no word and no prefix of one is such a token. */
const MARK = "\u{e001}";
/** A record with more values than this has the token for "it may be any" in place of the rest. */
const MOST_FACTS = 100;
const ANY = `${MARK}any`;

const INDEX = /^\d+$/;

function fact(...parts: readonly string[]): string {
  return MARK + hash48(parts.join("\0")).toString(36);
}

/** `key` is the last on the way to the value that is no number: those may be places in a list. */
function jsonFact(field: JsonField, key: string, value: string): string {
  return fact(field, key, foldCase(value));
}

function addJsonFacts(facts: Set<string>, field: JsonField, json: string): void {
  if (json === "{}") return;
  const open: { key: string; value: unknown }[] = [];
  try {
    open.push({ key: "", value: JSON.parse(json) });
  } catch {
    // No JSON, written by some other program: no filter finds a value in it.
  }
  for (let item = open.pop(); item !== undefined; item = open.pop()) {
    const { key, value } = item;
    if (facts.size >= MOST_FACTS) {
      facts.add(ANY);
      return;
    }
    if (typeof value !== "object" || value === null) {
      facts.add(jsonFact(field, key, String(value)));
    } else {
      for (const [name, inner] of Object.entries(value)) {
        open.push({ key: INDEX.test(name) ? key : name, value: inner });
      }
    }
  }
}

/** What the column `facts` of `message_search` is given for a record. */
export function factTokens(message: FactTexts): string {
  const facts = new Set([fact("user", message.user_id)]);
  addJsonFacts(facts, "data", message.message_data);
  addJsonFacts(facts, "meta", message.message_metadata);
  return [...facts].join(" ");
}

/** The tokens of which a record of that user has one. */
export function userFacts(userId: string): readonly string[] {
  return [fact("user", userId)];
}

/** The tokens of which each record has one that has the value at the path; null where none tells, as of a prefix. */
export function jsonFacts(
  field: JsonField,
  path: readonly string[],
  pattern: Pattern | null,
): readonly string[] | null {
  if (pattern === null || pattern.prefix) return null;
  const key = path.findLast((name) => !INDEX.test(name)) ?? "";
  // "1.50" finds the number 1.5, too.
  const values = new Set([pattern.value, String(Number(pattern.value))]);
  return [...[...values].map((value) => jsonFact(field, key, value)), ANY];
}
