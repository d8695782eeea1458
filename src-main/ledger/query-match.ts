import { isWordsLeaf, type QueryNode, type WordsLeaf } from "../../src-shared/query/ast.ts";
import { WORDS_COLUMNS } from "../../src-shared/query/fields.ts";

/** FTS5 has no complement, so a text term that is negated as a whole is carried as what it leaves out. */
export type Match = { expression: string; negated: boolean };

function complement({ expression, negated }: Match): Match {
  return { expression, negated: !negated };
}

function join(operator: "AND" | "OR", matches: readonly Match[]): string {
  const expressions = matches.map(({ expression }) => expression);
  return expressions.length > 1 ? `(${expressions.join(` ${operator} `)})` : expressions.join();
}

function conjunction(matches: readonly Match[]): Match {
  const wanted = matches.filter(({ negated }) => !negated);
  const unwanted = matches.filter(({ negated }) => negated);
  if (wanted.length === 0) return { expression: join("OR", unwanted), negated: true };
  const kept = join("AND", wanted);
  return {
    expression: unwanted.length === 0 ? kept : `(${kept} NOT ${join("OR", unwanted)})`,
    negated: false,
  };
}

/** The tokens hold letters and digits only, so nothing in them means anything to FTS5 within quotes. */
function wordsMatch(leaf: WordsLeaf): Match {
  const phrase = `"${leaf.words.tokens.join(" ")}"${leaf.words.prefix ? " *" : ""}`;
  const expression = leaf.kind === "text" ? phrase : `${WORDS_COLUMNS[leaf.field]} : ${phrase}`;
  return { expression, negated: false };
}

/** A textual node (see `isTextual`) as one expression of FTS5. */
export function toMatch(node: QueryNode): Match {
  switch (node.kind) {
    case "not":
      return complement(toMatch(node.node));
    case "and":
      return conjunction(node.nodes.map(toMatch));
    case "or":
      // By De Morgan, since only a conjunction can leave something out.
      return complement(conjunction(node.nodes.map(toMatch).map(complement)));
    default:
      if (isWordsLeaf(node)) return wordsMatch(node);
      throw new TypeError(`${node.field}: is no text term`);
  }
}
