import type { Database } from "better-sqlite3";
import {
  type Filter,
  type FilterNode,
  type GroupNode,
  type IdField,
  isTextual,
  isWordsLeaf,
  type Pattern,
  type QueryNode,
  type WordsLeaf,
} from "../../src-shared/query/ast.ts";
import { jsonFacts, userFacts } from "../../src-shared/query/facts.ts";
import { ID_COLUMNS, JSON_COLUMNS, NAME_COLUMNS, PART_COLUMNS } from "../../src-shared/query/fields.ts";
import { foldCase, isAscii } from "../../src-shared/query/fold.ts";
import { compileJsonTest } from "../../src-shared/query/json-value.ts";
import { compileTextMatcher } from "../../src-shared/query/match.ts";
import { type SearchedTexts, tokenize } from "../../src-shared/query/tokens.ts";
import { isSuccessful, type Status } from "../../src-shared/status.ts";
import type { Probe } from "./index-probe.ts";
import { toMatch } from "./query-match.ts";

/** An expression over `message_logs AS m` that is true for what matches, else false or null. */
export type CompiledQuery = {
  where: string;
  parameters: Record<string, string | number>;
  /** Whether hits or the keys of an index lead to the matches; else the messages are to be walked by time. */
  isLed: boolean;
  /** Whether the search index is asked, within `:seq_low` to `:seq_high`: the bounds a walk may narrow. */
  asksIndex: boolean;
};

/** FTS5 heeds bounds that are integers only, and numbers are bound as reals. */
const SEQ_LOW = "CAST(:seq_low AS INTEGER)";
const SEQ_HIGH = "CAST(:seq_high AS INTEGER)";
/** The widest bounds of a search; they are among the parameters of every query. */
const ALL_SEQS = { seq_low: 0, seq_high: Number.MAX_SAFE_INTEGER };

/** What `waybill_matches` is given of a row, in this order. */
const SEARCHED_COLUMNS = [
  "content_preview",
  "topic",
  "message_type",
  "template_name",
  "template_id",
  "external_id",
  "error_message",
  "destination_subject_ids",
  "source_subject_id",
] as const satisfies readonly (keyof SearchedTexts)[];

const INDEXED_SEQ = "(SELECT CAST(value AS INTEGER) FROM ledger_meta WHERE key = 'search_indexed_seq')";

/** Greater than every text that goes on after a prefix. */
const LAST_CHARACTER = "\u{10ffff}";

/** Fields of which the search index has the words or the values. */
const INDEXED_FIELDS: ReadonlySet<string> = new Set([
  "topic",
  "type",
  "template",
  "external",
  "user",
  "data",
  "meta",
]);

/** Nested, a node must not choose the index that is walked; at the top it may. */
type Place = "top" | "nested";

/** `a OR b` of statuses is a list, which the index by status answers in order. */
function mergeStatuses(nodes: readonly QueryNode[]): readonly QueryNode[] {
  const filters = nodes.filter((node) => node.kind === "filter").filter((node) => node.field === "status");
  const [first] = filters;
  if (first === undefined || filters.length === 1) return nodes;
  const statuses = [...new Set(filters.flatMap((filter) => filter.statuses))];
  const rest = nodes.filter((node) => !(node.kind === "filter" && node.field === "status"));
  return [{ ...first, statuses }, ...rest];
}

function mayLeadByHits(node: QueryNode): boolean {
  return node.kind === "filter" && INDEXED_FIELDS.has(node.field);
}

/** What is compiled without a look at the ledger. */
const UNPROBED: Probe = { words: () => "many", values: () => "many", ids: () => "many" };

function hasPrefix(node: QueryNode): boolean {
  if (node.kind === "not") return hasPrefix(node.node);
  if (node.kind === "and" || node.kind === "or") return node.nodes.some(hasPrefix);
  return isWordsLeaf(node) && node.words.prefix;
}

class Compiler {
  readonly parameters: Record<string, string | number> = {};
  asksIndex = false;
  readonly #probe: Probe;
  #bound = 0;
  /** The hits of the search index lead, and no other order is to be preferred. */
  #ledByHits = false;
  #ledByKey = false;

  constructor(probe: Probe) {
    this.#probe = probe;
  }

  get isLed(): boolean {
    return this.#ledByHits || this.#ledByKey;
  }

  compile(node: QueryNode, place: Place): string {
    if (isTextual(node)) return this.#hits(node, place);
    switch (node.kind) {
      case "not":
        // Null, where a record lacks the field, is no match, so its opposite is one.
        return `(${this.compile(node.node, "nested")}) IS NOT TRUE`;
      case "and":
        return this.#group(node, place);
      case "or": {
        const nodes = mergeStatuses(node.nodes);
        const [first] = nodes;
        if (nodes.length === 1 && first !== undefined) return this.compile(first, place);
        return this.#group({ ...node, nodes }, "nested");
      }
      case "filter":
        return isWordsLeaf(node) ? this.#hits(node, place) : this.#filter(node, place);
      case "text":
        return this.#hits(node, place);
    }
  }

  #bind(value: string | number): string {
    const name = `q${this.#bound}`;
    this.#bound += 1;
    this.parameters[name] = value;
    return `:${name}`;
  }

  #group(group: GroupNode, place: Place): string {
    const textual = group.nodes.filter(isTextual);
    const others = group.nodes
      .filter((node) => !isTextual(node))
      .sort((a, b) => Number(mayLeadByHits(b)) - Number(mayLeadByHits(a)));
    // First, since the others depend on whether the hits lead; and all of them in one search of the index.
    const text = textual.length === 0 ? [] : [this.#hits({ ...group, nodes: textual }, place)];
    const terms = [...text, ...others.map((node) => this.compile(node, place))];
    return `(${terms.join(group.kind === "and" ? " AND " : " OR ")})`;
  }

  /**
   * The rows that the index has for a textual node, and those past its end, which are read. Few hits
   * are best fetched; of many, the first page is found sooner by walking the rows in order, which the
   * `+` makes SQLite do. At a million rows, warm: 1 ms for 50 hits fetched and 20 ms for 5,000, but 1.6 s
   * for all rows; walked, 50 to 70 ms for any number of hits up to a third, and 150 ms for all rows.
   */
  #hits(node: QueryNode, place: Place): string {
    const { expression, negated } = toMatch(node);
    const mayLead = place === "top" && !negated;
    const hits = mayLead || hasPrefix(node) ? this.#probe.words(expression) : "many";
    const columnsOf = (row: string) => SEARCHED_COLUMNS.map((column) => `${row}.${column}`).join(", ");
    if (hits === "slow") return `waybill_matches(${this.#bind(JSON.stringify(node))}, ${columnsOf("m")})`;
    const unindexed = this.#bind(JSON.stringify(negated ? { kind: "not", node } : node));
    const rows = this.#foundBy(expression, `waybill_matches(${unindexed}, ${columnsOf("t")})`);
    return `${this.#seq(mayLead && hits === "few")} ${negated ? "NOT IN" : "IN"} (${rows})`;
  }

  /** The positions that the index has for an expression, and those past its end whose row `t` passes a test. */
  #foundBy(expression: string, unindexed: string): string {
    this.asksIndex = true;
    return `
      SELECT rowid FROM message_search
      WHERE message_search MATCH ${this.#bind(expression)} AND rowid BETWEEN ${SEQ_LOW} AND ${SEQ_HIGH}
      UNION ALL
      SELECT t.seq FROM message_logs AS t
      WHERE t.seq > max(${INDEXED_SEQ}, ${SEQ_LOW} - 1) AND t.seq <= ${SEQ_HIGH} AND ${unindexed}`;
  }

  #seq(leads: boolean): string {
    if (leads) this.#ledByHits = true;
    return leads ? "m.seq" : "+m.seq";
  }

  /** Rows that have one of some exact values, by the index, before the test reads them; all else is left to the test. */
  #valued(facts: readonly string[] | null, place: Place, test: (row: string) => string): string {
    if (facts === null || place !== "top" || this.#ledByHits) return test("m");
    const expression = facts.map((fact) => `"${fact}"`).join(" OR ");
    const hits = this.#probe.values(expression);
    if (hits === "most") return test("m");
    const rows = this.#foundBy(expression, test("t"));
    return `(${this.#seq(hits === "few")} IN (${rows}) AND ${test("m")})`;
  }

  /** The rows whose texts have the words of one of some values, where they are few; null where not, or not known. */
  #rareWords(patterns: readonly Pattern[]): string | null {
    if (this.#ledByHits) return null;
    const nodes = patterns.map(({ value, prefix }): WordsLeaf => {
      // Half a word at the end of a prefix may be any part of a token: those before it are whole.
      return { kind: "text", start: 0, end: 0, words: { tokens: tokenize(value), prefix } };
    });
    if (nodes.some(({ words }) => words.tokens.length === 0)) return null;
    const node: QueryNode = { kind: "or", start: 0, end: 0, nodes };
    return this.#probe.words(toMatch(node).expression) === "few" ? this.#hits(node, "top") : null;
  }

  #id({ field, pattern }: Extract<FilterNode, { field: IdField }>, place: Place): string {
    const { value, prefix } = pattern;
    const bound = this.#bind(value);
    const end = prefix ? this.#bind(value + LAST_CHARACTER) : null;
    const test = (row: string): string => {
      const column = `${row}.${ID_COLUMNS[field]}`;
      return end === null ? `${column} = ${bound}` : `(${column} >= ${bound} AND ${column} < ${end})`;
    };
    if (field === "user") return this.#valued(prefix ? null : userFacts(value), place, test);
    if (place !== "top") return test("m");
    if (field === "external") {
      const hits = this.#rareWords([pattern]);
      return hits === null ? test("m") : `(${hits} AND ${test("m")})`;
    }
    if (!prefix) {
      this.#ledByKey = true;
      return test("m");
    }
    // Of many, in the order of their ids, the first page is found sooner by walking the messages by time.
    const ids = this.#ledByHits ? "many" : this.#probe.ids(ID_COLUMNS[field], value, value + LAST_CHARACTER);
    if (ids !== "few") return test("+m");
    return `${this.#seq(true)} IN (SELECT k.seq FROM message_logs AS k WHERE ${test("k")})`;
  }

  /** A column that an index could put in order, where that is of use. */
  #ordered(column: "origin_ts", place: Place): string {
    return place === "top" && !this.#ledByHits ? `m.${column}` : `+m.${column}`;
  }

  #filter(node: Exclude<FilterNode, WordsLeaf>, place: Place): string {
    switch (node.field) {
      case "status":
        return this.#status(node.statuses, place);
      case "channel":
        return this.#names(NAME_COLUMNS.channel, node.patterns);
      case "topic":
      case "type":
      case "template": {
        const test = this.#names(NAME_COLUMNS[node.field], node.patterns);
        const hits = place === "top" ? this.#rareWords(node.patterns) : null;
        return hits === null ? test : `(${hits} AND ${test})`;
      }
      case "session":
      case "user":
      case "uuid":
      case "external":
        return this.#id(node, place);
      case "reason":
        if (place === "top") this.#ledByKey = true;
        return `m.error_template_id = ${this.#bind(node.reason)}`;
      case "has":
        return this.#part(node);
      case "latency":
        return `(coalesce(m.delivered_ts, m.sent_ts) - m.origin_ts) ${node.comparison} ${this.#bind(node.ms)}`;
      case "before":
        return `${this.#ordered("origin_ts", place)} < ${this.#bind(node.ts)}`;
      case "after":
        return `${this.#ordered("origin_ts", place)} >= ${this.#bind(node.ts)}`;
      case "data":
      case "meta":
        return this.#json(node, place);
    }
  }

  /** From a list, too, SQLite reads each status in order, and no more rows of it than the page has. */
  #status(statuses: readonly Status[], place: Place): string {
    const list = statuses.map((status) => this.#bind(status)).join(", ");
    const isIndexed = place === "top" && !this.#ledByHits && !statuses.some(isSuccessful);
    if (!isIndexed) return `+m.status IN (${list})`;
    this.#ledByKey = true;
    // The index's own words, by which SQLite sees that it has all of these.
    return `(m.status IN (${list}) AND m.status NOT IN ('sent', 'delivered', 'read'))`;
  }

  #names(columns: readonly string[], patterns: readonly Pattern[]): string {
    const tests = columns.flatMap((column) => patterns.map((pattern) => this.#name(`m.${column}`, pattern)));
    return `(${tests.join(" OR ")})`;
  }

  /** As `compileNameTest`; SQLite's own NOCASE, for ASCII, is several times as fast as a function. */
  #name(column: string, { value, prefix }: Pattern): string {
    const ascii = isAscii(value);
    const folded = foldCase(value);
    const name = ascii ? column : `waybill_fold(${column})`;
    const head = prefix ? `substr(${name}, 1, ${[...folded].length})` : name;
    return `${head} = ${this.#bind(folded)}${ascii ? " COLLATE NOCASE" : ""}`;
  }

  #part({ part }: Extract<Filter, { field: "has" }>): string {
    const { columns, empty } = PART_COLUMNS[part];
    const tests = columns.map((column) =>
      empty === undefined ? `m.${column} IS NOT NULL` : `m.${column} <> ${this.#bind(empty)}`,
    );
    return `(${tests.join(" OR ")})`;
  }

  #json({ field, path, pattern }: Extract<Filter, { field: "data" | "meta" }>, place: Place): string {
    const filter = this.#bind(JSON.stringify({ path, pattern }));
    // Most rows lack the key, and that shows without reading the JSON; a plain key has no escapes in it.
    const key = path.findLast((name) => /^[\w-]*[A-Za-z_-][\w-]*$/.test(name));
    const quoted = key === undefined ? null : this.#bind(`"${key}"`);
    return this.#valued(jsonFacts(field, path, pattern), place, (row) => {
      const column = `${row}.${JSON_COLUMNS[field]}`;
      const test = `waybill_json_matches(${filter}, ${column})`;
      return quoted === null ? test : `(instr(${column}, ${quoted}) > 0 AND ${test})`;
    });
  }
}

/**
 * The query as SQL, for a connection that `registerSearchFunctions` has prepared. The order of the search is chosen by
 * what `probe` tells of its text terms.
 */
export function compileQuery(query: QueryNode | null, probe: Probe = UNPROBED): CompiledQuery {
  if (query === null) return { where: "TRUE", parameters: {}, isLed: false, asksIndex: false };
  const compiler = new Compiler(probe);
  const where = compiler.compile(query, "top");
  const { parameters, isLed, asksIndex } = compiler;
  return { where, parameters: asksIndex ? { ...parameters, ...ALL_SEQS } : parameters, isLed, asksIndex };
}

/**
 * How many messages up to one match a query of words alone, as SQL; null for any other query. The search index counts
 * its hits without a look at the messages.
 */
export function compileWordCount(
  query: QueryNode | null,
  until: number,
): { sql: string; parameters: Record<string, string | number> } | null {
  if (query === null || !isTextual(query)) return null;
  const { expression, negated } = toMatch(query);
  if (negated) return null;
  const columns = SEARCHED_COLUMNS.map((column) => `t.${column}`).join(", ");
  return {
    sql: `SELECT
      (SELECT count(*) FROM message_search
       WHERE message_search MATCH :match AND rowid <= min(${INDEXED_SEQ}, CAST(:until AS INTEGER))) +
      (SELECT count(*) FROM message_logs AS t
       WHERE t.seq > ${INDEXED_SEQ} AND t.seq <= :until AND waybill_matches(:query, ${columns}))`,
    parameters: { match: expression, until, query: JSON.stringify(query) },
  };
}

/** The last few tests by the parameter they were made from: a statement asks for the same one with each row. */
function remember<T>(compile: (parameter: string) => T): (parameter: string) => T {
  const compiled = new Map<string, T>();
  return (parameter) => {
    let test = compiled.get(parameter);
    if (test === undefined) {
      if (compiled.size >= 50) compiled.clear();
      test = compile(parameter);
      compiled.set(parameter, test);
    }
    return test;
  };
}

/** Gives a connection the functions that compiled queries call. */
export function registerSearchFunctions(database: Pick<Database, "function">): void {
  const options = { deterministic: true, directOnly: true };
  const textTest = remember((query) => compileTextMatcher(JSON.parse(query) as QueryNode));
  const jsonTest = remember((filter) => {
    const { path, pattern } = JSON.parse(filter) as { path: string[]; pattern: Pattern | null };
    return compileJsonTest(path, pattern);
  });
  database.function("waybill_fold", options, (text: string | null) =>
    text === null ? null : foldCase(text),
  );
  database.function("waybill_json_matches", options, (filter: string, json: string) =>
    Number(jsonTest(filter)(json)),
  );
  database.function(
    "waybill_matches",
    { ...options, varargs: true },
    (query: string, ...values: (string | null)[]) => {
      const texts = Object.fromEntries(
        SEARCHED_COLUMNS.map((column, index) => [column, values[index] ?? null]),
      );
      return Number(textTest(query)(texts as SearchedTexts));
    },
  );
}
