import type { Status } from "../status.ts";

/** Where a node stands in the query's text, in UTF-16 code units; `end` is exclusive. */
export type Span = { readonly start: number; readonly end: number };

/** Tokens that follow each other; with `prefix` the last one may go on. */
export type Words = { readonly tokens: readonly string[]; readonly prefix: boolean };

/** A whole value, or the beginning of one. */
export type Pattern = { readonly value: string; readonly prefix: boolean };

/** Fields that hold names: compared without case, several may be listed. */
export type NameField = "channel" | "topic" | "type" | "template";
/** Fields that hold ids: compared exactly. */
export type IdField = "session" | "user" | "uuid" | "external";
/** Fields that are searched for words, one value of the record at a time. */
export type WordsField = "to" | "from" | "error";
export type JsonField = "data" | "meta";

export const PARTS = [
  "error",
  "session",
  "template",
  "recipient",
  "external",
  "data",
  "sent",
  "delivered",
  "read",
] as const;
export type Part = (typeof PARTS)[number];

export type Comparison = "<" | "<=" | ">" | ">=";

export type Filter =
  | { readonly field: "status"; readonly statuses: readonly Status[] }
  | { readonly field: NameField; readonly patterns: readonly Pattern[] }
  | { readonly field: IdField; readonly pattern: Pattern }
  | { readonly field: WordsField; readonly words: Words }
  | { readonly field: "reason"; readonly reason: number }
  | { readonly field: "has"; readonly part: Part }
  | { readonly field: "latency"; readonly comparison: Comparison; readonly ms: number }
  | { readonly field: "before" | "after"; readonly ts: number }
  /** Without a pattern the key only has to be there. */
  | { readonly field: JsonField; readonly path: readonly string[]; readonly pattern: Pattern | null };

export type TextNode = Span & { readonly kind: "text"; readonly words: Words };
export type FilterNode = Span & { readonly kind: "filter" } & Filter;
export type LeafNode = TextNode | FilterNode;
export type NotNode = Span & { readonly kind: "not"; readonly node: QueryNode };
export type AndNode = Span & { readonly kind: "and"; readonly nodes: readonly QueryNode[] };
export type OrNode = Span & { readonly kind: "or"; readonly nodes: readonly QueryNode[] };
export type GroupNode = AndNode | OrNode;

export type QueryNode = LeafNode | NotNode | GroupNode;

/** A leaf that the search index answers. */
export type WordsLeaf = TextNode | Extract<FilterNode, { field: WordsField }>;

export function isWordsLeaf(leaf: LeafNode): leaf is WordsLeaf {
  return leaf.kind === "text" || leaf.field === "to" || leaf.field === "from" || leaf.field === "error";
}

/** Whether the search index can answer all of the node. */
export function isTextual(node: QueryNode): boolean {
  if (node.kind === "not") return isTextual(node.node);
  if (node.kind === "and" || node.kind === "or") return node.nodes.every(isTextual);
  return isWordsLeaf(node);
}
