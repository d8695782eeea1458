import { errorTemplate, errorTemplateId } from "../error-template.ts";
import type { StoredMessage } from "../record.ts";
import {
  type Comparison,
  type FilterNode,
  isWordsLeaf,
  type LeafNode,
  type Pattern,
  type QueryNode,
  type WordsLeaf,
} from "./ast.ts";
import { ID_COLUMNS, JSON_COLUMNS, NAME_COLUMNS, PART_COLUMNS, WORDS_COLUMNS } from "./fields.ts";
import { compileNameTest } from "./fold.ts";
import { compileJsonTest } from "./json-value.ts";
import { type SearchColumns, type SearchedTexts, searchColumn } from "./tokens.ts";

type Test<T> = (subject: T) => boolean;

/** A message whose words are cut only when a test asks for them, and once. */
class Candidate<T extends SearchedTexts> {
  readonly message: T;
  readonly #columns: { -readonly [Column in keyof SearchColumns]?: string } = {};

  constructor(message: T) {
    this.message = message;
  }

  column(name: keyof SearchColumns): string {
    const cut = this.#columns[name] ?? ` ${searchColumn(this.message, name)} `;
    this.#columns[name] = cut;
    return cut;
  }
}

const ALL_COLUMNS = ["body", "error", "recipients", "sender"] as const satisfies (keyof SearchColumns)[];

const COMPARE: Readonly<Record<Comparison, (left: number, right: number) => boolean>> = {
  "<": (left, right) => left < right,
  "<=": (left, right) => left <= right,
  ">": (left, right) => left > right,
  ">=": (left, right) => left >= right,
};

function compileTree<T>(node: QueryNode, compileLeaf: (leaf: LeafNode) => Test<T>): Test<T> {
  if (node.kind === "not") {
    const test = compileTree(node.node, compileLeaf);
    return (subject) => !test(subject);
  }
  if (node.kind === "and" || node.kind === "or") {
    const tests = node.nodes.map((each) => compileTree(each, compileLeaf));
    return node.kind === "and"
      ? (subject) => tests.every((test) => test(subject))
      : (subject) => tests.some((test) => test(subject));
  }
  return compileLeaf(node);
}

/** Tokens have single spaces around them, so a phrase is a piece of the column between spaces. */
function compileWordsLeaf(leaf: WordsLeaf): Test<Candidate<SearchedTexts>> {
  const { tokens, prefix } = leaf.words;
  const phrase = ` ${tokens.join(" ")}${prefix ? "" : " "}`;
  const columns = leaf.kind === "text" ? ALL_COLUMNS : [WORDS_COLUMNS[leaf.field]];
  return (candidate) => columns.some((column) => candidate.column(column).includes(phrase));
}

function compileIdTest({ value, prefix }: Pattern): Test<string | null> {
  return prefix ? (id) => id?.startsWith(value) ?? false : (id) => id === value;
}

function compileFilter(node: Exclude<FilterNode, WordsLeaf>): Test<StoredMessage> {
  switch (node.field) {
    case "status":
      return ({ status }) => node.statuses.includes(status);
    case "channel":
    case "topic":
    case "type":
    case "template": {
      const columns = NAME_COLUMNS[node.field];
      const tests = node.patterns.map(compileNameTest);
      return (message) => columns.some((column) => tests.some((test) => test(message[column])));
    }
    case "session":
    case "user":
    case "uuid":
    case "external": {
      const column = ID_COLUMNS[node.field];
      const test = compileIdTest(node.pattern);
      return (message) => test(message[column]);
    }
    case "reason":
      return ({ error_message: error }) =>
        error !== null && errorTemplateId(errorTemplate(error)) === node.reason;
    case "has": {
      const { columns, empty } = PART_COLUMNS[node.part];
      return (message) => columns.some((column) => message[column] !== null && message[column] !== empty);
    }
    case "latency": {
      const compare = COMPARE[node.comparison];
      return ({ delivered_ts, sent_ts, origin_ts }) => {
        const arrived = delivered_ts ?? sent_ts;
        return arrived !== null && compare(arrived - origin_ts, node.ms);
      };
    }
    case "before":
      return ({ origin_ts }) => origin_ts < node.ts;
    case "after":
      return ({ origin_ts }) => origin_ts >= node.ts;
    case "data":
    case "meta": {
      const column = JSON_COLUMNS[node.field];
      const test = compileJsonTest(node.path, node.pattern);
      return (message) => test(message[column]);
    }
  }
}

function compileLeaf(leaf: LeafNode): Test<Candidate<StoredMessage>> {
  if (isWordsLeaf(leaf)) return compileWordsLeaf(leaf);
  const test = compileFilter(leaf);
  return ({ message }) => test(message);
}

/** Whether a message matches, without a database: the same answer that `compileQuery` gets from SQLite. */
export function compileMatcher(query: QueryNode | null): (message: StoredMessage) => boolean {
  if (query === null) return () => true;
  const test = compileTree(query, compileLeaf);
  return (message) => test(new Candidate(message));
}

/** The same for a query that is textual (see `isTextual`), which needs no other fields. */
export function compileTextMatcher(query: QueryNode): (texts: SearchedTexts) => boolean {
  const test = compileTree<Candidate<SearchedTexts>>(query, (leaf) => {
    if (isWordsLeaf(leaf)) return compileWordsLeaf(leaf);
    throw new TypeError(`${leaf.field}: is no text term`);
  });
  return (texts) => test(new Candidate(texts));
}
