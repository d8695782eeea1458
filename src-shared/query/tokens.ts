import type { StoredMessage } from "../record.ts";
import { type FactTexts, factTokens } from "./facts.ts";
import { isAscii } from "./fold.ts";

/** What of a record is searched for words: one text per column of `message_search`. */
export type SearchColumns = {
  readonly body: string;
  readonly error: string;
  readonly recipients: string;
  readonly sender: string;
};

/** What of a record is in `message_search`. */
export type IndexedColumns = SearchColumns & { readonly facts: string };

export type SearchedTexts = Pick<
  StoredMessage,
  | "content_preview"
  | "topic"
  | "message_type"
  | "template_name"
  | "template_id"
  | "external_id"
  | "error_message"
  | "destination_subject_ids"
  | "source_subject_id"
>;

/**
 * Stands between the values of a column, so that no phrase reaches from one into the next. It is of
 * the private use area: unicode61 keeps it as a token, and no text gives it, since it is no letter.
 */
export const VALUE_BREAK = " \u{e000} ";

const MARKS = /\p{M}+/gu;

/** Letters that Unicode does not take apart, but that people type in a plainer way. */
const PLAIN_LETTERS: Readonly<Record<string, string>> = {
  ß: "ss",
  ς: "σ",
  ı: "i",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  ħ: "h",
  ŧ: "t",
  æ: "ae",
  œ: "oe",
  þ: "th",
};
const UNDECOMPOSED = new RegExp(`[${Object.keys(PLAIN_LETTERS).join("")}]`, "g");

/** Scripts without spaces: each of their characters is a token, so any piece of a text is a phrase. */
const UNSPACED = String.raw`[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]`;

/** Letters to Unicode, but marks to FTS5's unicode61, which would cut a token at them. */
const UNKEPT = String.raw`[\u{19b0}-\u{19c0}\u{19c8}\u{19c9}\u{1cf2}\u{1cf3}]`;

const PICTOGRAPHS = /[[\p{Extended_Pictographic}\p{RI}]--[\p{ASCII}©®]]/gv;
/** Where pictographs are moved to: unicode61 keeps private use, and drops symbols. */
const PICTOGRAPH_PLANE = 0xf_0000;

const TOKENS = new RegExp(
  [
    String.raw`[${UNSPACED}&&[\p{L}\p{N}]]`,
    String.raw`[\u{f0000}-\u{ffffd}]`,
    String.raw`[[\p{L}\p{N}]--${UNSPACED}--${UNKEPT}]+`,
  ].join("|"),
  "gv",
);

function fold(text: string): string {
  return text
    .normalize("NFKD")
    .replace(MARKS, "")
    .toLowerCase()
    .replace(UNDECOMPOSED, (letter) => PLAIN_LETTERS[letter] ?? letter);
}

function movePictograph(pictograph: string): string {
  return String.fromCodePoint(PICTOGRAPH_PLANE | ((pictograph.codePointAt(0) ?? 0) & 0xffff));
}

/** The tokens with one space between them. */
function joinTokens(text: string): string {
  // By far the most texts, and many times as fast.
  if (isAscii(text)) {
    return text
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, " ")
      .trim();
  }
  return fold(text).replace(PICTOGRAPHS, movePictograph).match(TOKENS)?.join(" ") ?? "";
}

/**
 * The words of a text, without case, accents and compatibility forms. Index, matcher and queries all
 * cut texts by this function alone, so they cannot disagree on what a word is.
 */
export function tokenize(text: string): string[] {
  const joined = joinTokens(text);
  return joined === "" ? [] : joined.split(" ");
}

function joinValues(values: readonly (string | null)[]): string {
  let joined = "";
  for (const value of values) {
    const tokens = value === null ? "" : joinTokens(value);
    if (tokens !== "") joined += joined === "" ? tokens : VALUE_BREAK + tokens;
  }
  return joined;
}

function recipientsOf(json: string): string[] {
  if (json === "[]") return [];
  try {
    const recipients: unknown = JSON.parse(json);
    return Array.isArray(recipients) ? recipients.map(String) : [];
  } catch {
    // Written by some other program: a search must not fail for one such row.
    return [];
  }
}

/** The words of one column, for those who need no other. */
export function searchColumn(message: SearchedTexts, column: keyof SearchColumns): string {
  switch (column) {
    case "body":
      return joinValues([
        message.content_preview,
        message.topic,
        message.message_type,
        message.template_name,
        message.template_id,
        message.external_id,
      ]);
    case "error":
      return joinTokens(message.error_message ?? "");
    case "recipients":
      return joinValues(recipientsOf(message.destination_subject_ids));
    case "sender":
      return joinTokens(message.source_subject_id ?? "");
  }
}

/** What `message_search` is given for a record. */
export function indexedColumns(message: SearchedTexts & FactTexts): IndexedColumns {
  return {
    body: searchColumn(message, "body"),
    error: searchColumn(message, "error"),
    recipients: searchColumn(message, "recipients"),
    sender: searchColumn(message, "sender"),
    facts: factTokens(message),
  };
}
