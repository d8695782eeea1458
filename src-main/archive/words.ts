import { isWordsLeaf, type QueryNode, type Words } from "../../src-shared/query/ast.ts";
import { type SearchedTexts, searchColumn, VALUE_BREAK } from "../../src-shared/query/tokens.ts";

/** PostgreSQL takes no word of more than 2 KiB: of a longer one the beginning stands in the index and is looked for. */
const LONGEST_WORD = 64;
/** PostgreSQL takes no more than 1 MiB of words. */
export const MOST_CHARACTERS = 100_000;
/** No word, and so in no text: it stands for all the words of a message that has too many. */
export const ANY_WORDS = "'?'";
/** More words of one phrase would narrow nothing any more. */
const MOST_WORDS = 16;
/** Fewer letters begin too many words. */
const SHORTEST_PREFIX = 2;

const COLUMNS = ["body", "error", "recipients", "sender"] as const;

/** The words of a message as PostgreSQL reads a `tsvector`: what the ledger's index has, without their order. */
export function wordsOf(texts: SearchedTexts): string {
  const all = COLUMNS.map((column) => searchColumn(texts, column)).join(" ");
  if (all.length > MOST_CHARACTERS) return ANY_WORDS;
  const words = new Set(all.split(" ").map(cut));
  for (const none of ["", VALUE_BREAK.trim()]) words.delete(none);
  return [...words].map(quote).join(" ");
}

/**
 * A `tsquery` that the words of every match of a query meet, and of other messages too; null where words alone say
 * nothing of the matches, as of `-word`.
 */
export function wordsQuery(query: QueryNode): string | null {
  const asked = askedOf(query);
  return asked === null ? null : `${ANY_WORDS} | ${asked}`;
}

function askedOf(node: QueryNode): string | null {
  switch (node.kind) {
    case "not":
      return null;
    case "and":
      return together(
        node.nodes.map(askedOf).filter((each) => each !== null),
        " & ",
      );
    case "or": {
      const asked = node.nodes.map(askedOf);
      const known = asked.filter((each) => each !== null);
      return known.length < asked.length ? null : together(known, " | ");
    }
    default:
      return isWordsLeaf(node) ? askedOfWords(node.words) : null;
  }
}

function askedOfWords({ tokens, prefix }: Words): string | null {
  const words = prefix ? tokens.slice(0, -1) : tokens;
  const asked = new Set(words.slice(0, MOST_WORDS).map((word) => quote(cut(word))));
  const last = prefix ? (tokens.at(-1) ?? "") : "";
  // Of a longer word its beginning stands in the index as a whole.
  if (last.length > LONGEST_WORD) asked.add(quote(cut(last)));
  else if (last.length >= SHORTEST_PREFIX) asked.add(`${quote(last)}:*`);
  return together([...asked], " & ");
}

function together(asked: readonly string[], operator: string): string | null {
  return asked.length === 0 ? null : `(${asked.join(operator)})`;
}

function cut(word: string): string {
  return word.length <= LONGEST_WORD ? word : word.slice(0, LONGEST_WORD).replace(/[\ud800-\udbff]$/, "");
}

/** Words are of letters, digits and moved pictographs: nothing in them needs an escape. */
function quote(word: string): string {
  return `'${word}'`;
}
