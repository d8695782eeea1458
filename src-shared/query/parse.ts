import type { QueryNode, Span } from "./ast.ts";
import { QueryFault } from "./fault.ts";
import { FIELDS, type FieldName, isFieldName } from "./fields.ts";
import { takesList, toFilter } from "./filter.ts";
import { nearestField } from "./nearest.ts";
import { matchAt, readValue, toWords, type Value } from "./values.ts";

export const MAX_QUERY_LENGTH = 4_096;
export const MAX_QUERY_NODES = 200;
const MAX_DEPTH = 50;

export type QueryError = { message: string; position: number; length: number };
/** A query of null is everything. */
export type ParsedQuery = { ok: true; query: QueryNode | null } | { ok: false; error: QueryError };

const SPACE = /\s*/y;
const CONNECTIVE = /(?:AND|OR)(?![^\s()"])/y;
const NEGATION = /NOT(?![^\s()"])|-(?![\s)]|$)/y;
const FIELD = /([\p{L}_][\p{L}\p{N}_-]*)(?:\.([^\s():"<>]+))?(:|[<>]=?)/uy;
/** After a name and its colon: a URL, a path, a name space, or just the end of a sentence's part. */
const PROSE = /\/\/|[:\\\s)]|$/y;

/** Recursive descent: `OR` binds least, then juxtaposition and `AND`, then `-` and `NOT`. */
class Parser {
  readonly #text: string;
  readonly #now: number;
  #position = 0;
  #nodes = 0;
  #depth = 0;
  /** Something was written that has no letter or digit. */
  #unsearchable = false;

  constructor(text: string, now: number) {
    this.#text = text;
    this.#now = now;
  }

  parse(): QueryNode | null {
    this.#skipSpace();
    if (this.#position === this.#text.length) return null;
    const query = this.#alternatives();
    if (this.#position < this.#text.length) {
      throw new QueryFault("There is no opening parenthesis for this one.", this.#here());
    }
    if (query === null && this.#unsearchable) {
      throw new QueryFault("There is no letter or digit here to search for.", {
        start: 0,
        end: this.#text.length,
      });
    }
    return query;
  }

  #here(length = 1): Span {
    return { start: this.#position, end: this.#position + length };
  }

  #skipSpace(): void {
    this.#position += matchAt(SPACE, this.#text, this.#position)?.[0].length ?? 0;
  }

  #connective(): string | undefined {
    return matchAt(CONNECTIVE, this.#text, this.#position)?.[0];
  }

  #atTerm(): boolean {
    const next = this.#text[this.#position];
    return next !== undefined && next !== ")" && this.#connective() === undefined;
  }

  #count<T extends QueryNode>(node: T): T {
    this.#nodes += 1;
    if (this.#nodes > MAX_QUERY_NODES) {
      throw new QueryFault(`The query has too many terms; ${MAX_QUERY_NODES} are taken at most.`, node);
    }
    return node;
  }

  #join(kind: "and" | "or", operands: readonly (QueryNode | null)[]): QueryNode | null {
    const nodes = operands.filter((operand) => operand !== null);
    const first = nodes[0];
    const last = nodes.at(-1);
    if (first === undefined || last === undefined) return null;
    return nodes.length === 1 ? first : this.#count({ kind, nodes, start: first.start, end: last.end });
  }

  #takeConnective(connective: string): boolean {
    this.#skipSpace();
    if (this.#connective() !== connective) return false;
    const at = this.#here(connective.length);
    this.#position = at.end;
    this.#skipSpace();
    if (!this.#atTerm()) throw new QueryFault(`${connective} needs a term after it.`, at);
    return true;
  }

  #alternatives(): QueryNode | null {
    const operands = [this.#sequence()];
    while (this.#takeConnective("OR")) operands.push(this.#sequence());
    return this.#join("or", operands);
  }

  #sequence(): QueryNode | null {
    const misplaced = this.#connective();
    if (misplaced !== undefined) {
      throw new QueryFault(`${misplaced} needs a term before it.`, this.#here(misplaced.length));
    }
    const operands: (QueryNode | null)[] = [];
    while (this.#takeConnective("AND") || this.#atTerm()) operands.push(this.#term());
    return this.#join("and", operands);
  }

  #nested<T>(at: Span, parse: () => T): T {
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) {
      throw new QueryFault(`The query is nested too deep; ${MAX_DEPTH} levels are taken at most.`, at);
    }
    const parsed = parse();
    this.#depth -= 1;
    return parsed;
  }

  #term(): QueryNode | null {
    const negation = matchAt(NEGATION, this.#text, this.#position)?.[0];
    if (negation !== undefined) return this.#negation(negation);
    if (this.#text[this.#position] === "(") return this.#group();
    return this.#filter() ?? this.#words();
  }

  #negation(sign: string): QueryNode | null {
    const at = this.#here(sign.length);
    this.#position = at.end;
    this.#skipSpace();
    if (!this.#atTerm()) throw new QueryFault(`${sign} needs a term after it.`, at);
    const node = this.#nested(at, () => this.#term());
    return node === null ? null : this.#count({ kind: "not", node, start: at.start, end: node.end });
  }

  #group(): QueryNode | null {
    const opening = this.#here();
    this.#position = opening.end;
    this.#skipSpace();
    if (this.#text[this.#position] === ")") {
      throw new QueryFault("There is nothing between these parentheses.", {
        start: opening.start,
        end: this.#position + 1,
      });
    }
    const node = this.#nested(opening, () => this.#alternatives());
    if (this.#text[this.#position] !== ")") {
      throw new QueryFault("This parenthesis is never closed.", opening);
    }
    this.#position += 1;
    return node === null ? null : { ...node, start: opening.start, end: this.#position };
  }

  #words(): QueryNode | null {
    const value = readValue(this.#text, this.#position);
    // No other character can start a term, see #atTerm.
    if (value === undefined) throw new QueryFault("This can't be read.", this.#here());
    this.#position = value.end;
    const words = toWords(value);
    if (words !== null) return this.#count({ kind: "text", words, start: value.start, end: value.end });
    // A `*` alone is everything, and other signs between words are no more than spaces.
    if (value.text !== "") this.#unsearchable = true;
    return null;
  }

  /** Undefined where what follows is no filter but a word, such as a URL or a time. */
  #filter(): QueryNode | undefined {
    const start = this.#position;
    const written = matchAt(FIELD, this.#text, start);
    if (written === null) return undefined;
    const [all, name = "", key, operator = ""] = written;
    const field = name.toLowerCase();
    const valueStart = start + all.length;
    if (key !== undefined && field !== "data" && field !== "meta") return undefined;
    if (!isFieldName(field)) {
      if (operator !== ":" || matchAt(PROSE, this.#text, valueStart) !== null) return undefined;
      const meant = FIELDS[nearestField(field)].example;
      throw new QueryFault(
        `${name}: is not a field. Did you mean ${meant}? Put the text in quotes to search for it as it is.`,
        { start, end: start + name.length },
      );
    }
    if (operator !== ":" && field !== "latency") {
      if (key === undefined) return undefined;
      throw new QueryFault(`Only latency is compared; write ${name}.${key}:value.`, {
        start,
        end: valueStart,
      });
    }
    const path = key === undefined ? [] : key.split(".");
    if (path.includes("")) {
      throw new QueryFault("A key's name is missing here.", { start, end: valueStart - operator.length });
    }
    const values = this.#values(field, { start, end: valueStart });
    const end = values.at(-1)?.end ?? valueStart;
    this.#position = end;
    return this.#count({
      kind: "filter",
      start,
      end,
      ...toFilter({ field, operator, path, values }, this.#now),
    });
  }

  #values(field: FieldName, at: Span): [Value, ...Value[]] {
    const listed = takesList(field);
    const readAfter = (before: Span): Value => {
      const value = readValue(this.#text, before.end, listed);
      if (value !== undefined) return value;
      throw new QueryFault(`A value is missing here: write it like ${FIELDS[field].example}.`, before);
    };
    const values: [Value, ...Value[]] = [readAfter(at)];
    let end = values[0].end;
    while (listed && this.#text[end] === ",") {
      const value = readAfter({ start: end, end: end + 1 });
      values.push(value);
      end = value.end;
    }
    return values;
  }
}

/**
 * Reads a query of the one language that the CLI, HTTP, the UI and live filters share. `now` is what
 * `7d` counts back from. Never throws: a mistake is told with its place in the text.
 */
export function parseQuery(text: string, now: number): ParsedQuery {
  if (text.length > MAX_QUERY_LENGTH) {
    const error = {
      message: `The query is ${text.length} characters long; ${MAX_QUERY_LENGTH} are taken at most.`,
      position: MAX_QUERY_LENGTH,
      length: text.length - MAX_QUERY_LENGTH,
    };
    return { ok: false, error };
  }
  try {
    return { ok: true, query: new Parser(text.toWellFormed(), now).parse() };
  } catch (error) {
    if (!(error instanceof QueryFault)) throw error;
    const { start, end } = error.at;
    return { ok: false, error: { message: error.message, position: start, length: end - start } };
  }
}
