import type { QueryNode, Span } from "./ast.ts";
import { FIELDS } from "./fields.ts";
import { parseQuery } from "./parse.ts";

/** One of the terms that a message has to match, as the query says it. */
export type FilterChip = Span & {
  readonly text: string;
  /** It keeps out what matches. */
  readonly isNegated: boolean;
};

type Term = FilterChip & { readonly node: QueryNode };

const PLAIN_VALUE = /^[\p{L}\p{N}_@#/+.][\p{L}\p{N}_@#/+.-]*$/u;
const CONNECTIVE = /^(?:AND|OR|NOT)$/;

/** The text as a word or a filter's value that means it exactly, in quotes where it has to be. */
export function quoteValue(value: string): string {
  if (PLAIN_VALUE.test(value) && !CONNECTIVE.test(value)) return value;
  return `"${value.replace(/["\\]/g, "\\$&")}"`;
}

/** A group that was written in parentheses starts before its first node. */
function isBare(node: QueryNode): boolean {
  return (node.kind === "and" || node.kind === "or") && node.start === node.nodes[0]?.start;
}

/** Undefined where the query can't be read. */
function topTerms(text: string): Term[] | undefined {
  // The time matters to what a query finds, not to how it is written.
  const parsed = parseQuery(text, 0);
  if (!parsed.ok) return undefined;
  const { query } = parsed;
  if (query === null) return [];
  const nodes = query.kind === "and" && isBare(query) ? query.nodes : [query];
  return nodes.map((node) => {
    const { start, end } = node;
    return { node, start, end, text: text.slice(start, end), isNegated: node.kind === "not" };
  });
}

/** The term as it has to be written beside others. */
function besideOthers({ node, text }: Term): string {
  return node.kind === "or" && isBare(node) ? `(${text})` : text;
}

function joinTerms(terms: readonly Term[]): string {
  const [only] = terms;
  return terms.length === 1 && only !== undefined ? only.text : terms.map(besideOthers).join(" ");
}

/** Terms with the same slot say the same thing of a message, so only one of them can stay. */
function slotOf(node: QueryNode): string | undefined {
  if (node.kind !== "filter") return undefined;
  if (node.field === "data" || node.field === "meta") return `${node.field}.${node.path.join(".")}`;
  if (node.field === "latency") return `latency ${node.comparison.startsWith(">") ? "over" : "under"}`;
  return FIELDS[node.field].single ? node.field : undefined;
}

function putTerm(terms: readonly Term[], added: Term): Term[] {
  if (terms.some((term) => besideOthers(term) === besideOthers(added))) return [...terms];
  const slot = slotOf(added.node);
  const place = slot === undefined ? -1 : terms.findIndex((term) => slotOf(term.node) === slot);
  if (place === -1) return [...terms, added];
  return terms.flatMap((term, index) => {
    if (index === place) return [added];
    return slotOf(term.node) === slot ? [] : [term];
  });
}

/** The terms of the query that all have to match; none where the query can't be read. */
export function listFilters(text: string): FilterChip[] {
  return (topTerms(text) ?? []).map(({ text, start, end, isNegated }) => ({ text, start, end, isNegated }));
}

/** The query narrowed by a filter, which takes the place of one that speaks of the same field. */
export function withFilter(text: string, filter: string): string {
  const terms = topTerms(text);
  const added = topTerms(filter);
  if (terms === undefined || added === undefined) return `${text} ${filter}`.trim();
  return joinTerms(added.reduce<Term[]>(putTerm, terms));
}

/** The query without the term that `listFilters` gave at this index. */
export function withoutFilter(text: string, index: number): string {
  const terms = topTerms(text);
  return terms === undefined ? text : joinTerms(terms.filter((_, at) => at !== index));
}

/** What the term keeps out instead of what it asks for, or the other way round. */
function negated(term: Term): Term {
  const { node, text, start } = term;
  if (node.kind !== "not") {
    return { ...term, node: { ...node, kind: "not", node }, text: `-${besideOthers(term)}`, isNegated: true };
  }
  const inner = node.node;
  const innerText = text.slice(inner.start - start, inner.end - start);
  return { ...term, node: inner, text: innerText, isNegated: inner.kind === "not" };
}

/** The query with the term at this index negated, or no longer so. */
export function withFilterNegated(text: string, index: number): string {
  const terms = topTerms(text);
  const term = terms?.[index];
  if (terms === undefined || term === undefined) return text;
  const flipped = negated(term);
  const others = terms.filter((other, at) => at === index || other.text !== flipped.text);
  return joinTerms(others.map((other) => (other === term ? flipped : other)));
}

/** The term at this index, without the others. */
export function onlyFilter(text: string, index: number): string {
  const term = topTerms(text)?.[index];
  return term === undefined ? text : term.text;
}
