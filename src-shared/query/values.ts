import type { Span, Words } from "./ast.ts";
import { QueryFault } from "./fault.ts";
import { tokenize } from "./tokens.ts";

/** What was written for a word, a phrase or a filter's value; `prefix` for a `*` right after it. */
export type Value = Span & { readonly text: string; readonly quoted: boolean; readonly prefix: boolean };

/** A word may hold balanced parentheses, so that `send()` is one and `(a b)` is still a group. */
const WORD = /(?:[^\s()]|\([^\s()]*\))+/y;
/** One of several values. */
const ITEM = /(?:[^\s(),]|\([^\s()]*\))+/y;
const QUOTED = /"((?:[^"\\]|\\.)*)"/sy;
const STARS = /\*+$/;

export function matchAt(pattern: RegExp, text: string, position: number): RegExpExecArray | null {
  pattern.lastIndex = position;
  return pattern.exec(text);
}

/** Reads the value that starts at a position; undefined where there is none. */
export function readValue(text: string, start: number, listed = false): Value | undefined {
  if (text[start] === '"') {
    const quoted = matchAt(QUOTED, text, start);
    if (quoted === null) {
      throw new QueryFault("This quotation mark is never closed.", { start, end: start + 1 });
    }
    const end = start + quoted[0].length;
    const prefix = text[end] === "*";
    const content = (quoted[1] ?? "").replace(/\\(["\\])/g, "$1");
    return { text: content, quoted: true, prefix, start, end: prefix ? end + 1 : end };
  }
  const word = matchAt(listed ? ITEM : WORD, text, start)?.[0];
  if (word === undefined) return undefined;
  const stem = word.replace(STARS, "");
  return { text: stem, quoted: false, prefix: stem !== word, start, end: start + word.length };
}

/** The tokens to look for; null where the value has no letter or digit. */
export function toWords(value: Value): Words | null {
  const tokens = tokenize(value.text);
  if (tokens.length === 0) return null;
  if (!value.quoted && value.text.includes("*")) {
    const star = value.start + value.text.indexOf("*");
    throw new QueryFault(
      "A * stands only at the end of a word. Put the text in quotes to search for it as it is.",
      {
        start: star,
        end: star + 1,
      },
    );
  }
  return { tokens, prefix: value.prefix };
}
