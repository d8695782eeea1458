import {
  type Filter,
  type FilterNode,
  isWordsLeaf,
  type Pattern,
  type QueryNode,
  type WordsField,
  type WordsLeaf,
} from "../../../src-shared/query/ast.ts";
import { ID_COLUMNS, JSON_COLUMNS, NAME_COLUMNS, PART_COLUMNS } from "../../../src-shared/query/fields.ts";
import { foldCase, isAscii } from "../../../src-shared/query/fold.ts";
import { compileMatcher } from "../../../src-shared/query/match.ts";
import type { StoredMessage } from "../../../src-shared/record.ts";
import { isSuccessful } from "../../../src-shared/status.ts";
import { timeOf } from "../../ledger/reader/messages.ts";
import { storableText } from "../../sync/supabase/storable.ts";
import { wordsQuery } from "../words.ts";
import { toTimestamp } from "./moments.ts";

/**
 * A query for PostgreSQL: `where`, over `message_logs AS m`, is true for every match. It is true for nothing else
 * too where `matches` is null; else `matches` decides of each row. So what SQL can't say (words without accents,
 * values in JSON without case) is decided by the one matcher that the ledger and the live feed have.
 */
export type ArchiveFilter = {
  query: QueryNode | null;
  where: string;
  values: unknown[];
  matches: ((message: StoredMessage) => boolean) | null;
  /**
   * The same query where SQL alone decides of the messages whose words are all in ASCII, which are most or none of a
   * team's: what `matches` decides of is then left to `others`. Null where that can't be told apart.
   */
  parts: { plain: Sql; others: Sql } | null;
  /** A `tsquery` for the index of words, which all matches meet, see `wordsQuery`. */
  words: string | null;
  /** Whether `matches` asks for `message_data` or `message_metadata`. */
  asksJson: boolean;
  /** Whether an index other than that by time leads to the matches. */
  isLed: boolean;
  /** The time in which all matches are, in milliseconds; `to` exclusive. */
  from: number;
  to: number;
};

export type Sql = { where: string; values: unknown[] };

type Condition = { sql: string; isExact: boolean };

/** Between two values of a column: no text has this character, which Unicode keeps for such uses. */
const BREAK = "E'\\U0010ffff'";
const BODY = "m.content_preview, m.topic, m.message_type, m.template_name, m.template_id, m.external_id";
const RECIPIENTS = `array_to_string(m.destination_subject_ids, ${BREAK})`;
/** What words are looked for in, as one text. */
const ANYWHERE = `concat_ws(${BREAK}, ${BODY}, m.error_message, m.source_subject_id, ${RECIPIENTS})`;
const SEARCHED: Readonly<Record<WordsField, string>> = {
  to: RECIPIENTS,
  from: "coalesce(m.source_subject_id, '')",
  error: "coalesce(m.error_message, '')",
};
const NOT_ASCII = "[^\\u0001-\\u007f\\U0010ffff]";
const IS_PLAIN = `${ANYWHERE} COLLATE "C" !~ '${NOT_ASCII}'`;

/** Which messages a condition is for: all, or those whose words are all in ASCII. */
type Subject = "any" | "plain";

class Compiler {
  readonly values: unknown[] = [];
  readonly #subject: Subject;
  asksJson = false;

  constructor(subject: Subject) {
    this.#subject = subject;
  }

  compile(node: QueryNode): Condition {
    switch (node.kind) {
      case "not": {
        const bound = this.values.length;
        const { sql, isExact } = this.compile(node.node);
        // PostgreSQL takes no value that nothing asks for.
        if (!isExact) this.values.length = bound;
        // Null, where a record lacks the field, is no match, so its opposite is one.
        return isExact ? exactly(`(${sql}) IS NOT TRUE`) : roughly("TRUE");
      }
      case "and":
      case "or": {
        const conditions = node.nodes.map((each) => this.compile(each));
        const sql = conditions.map((condition) => condition.sql).join(node.kind === "and" ? " AND " : " OR ");
        return { sql: `(${sql})`, isExact: conditions.every(({ isExact }) => isExact) };
      }
      default:
        return isWordsLeaf(node) ? this.#words(node) : this.#filter(node);
    }
  }

  #bind(value: unknown): string {
    // What stands in the archive for what PostgreSQL does not store is what is looked for.
    this.values.push(typeof value === "string" ? storableText(value) : value);
    return `$${this.values.length}`;
  }

  /**
   * In ASCII, words are runs of letters and digits, which a regular expression finds; a text with any other character is
   * left to the matcher, which knows accents and scripts.
   */
  #words(leaf: WordsLeaf): Condition {
    const { tokens, prefix } = leaf.words;
    const isPlain = this.#subject === "plain";
    if (!tokens.every(isAscii)) return isPlain ? exactly("FALSE") : roughly(`NOT (${IS_PLAIN})`);
    const phrase = tokens.join("[^a-z0-9\\U0010ffff]+");
    const words = `(^|[^a-z0-9])${phrase}${prefix ? "" : "([^a-z0-9]|$)"}`;
    const searched = leaf.kind === "text" ? ANYWHERE : SEARCHED[leaf.field];
    const pattern = this.#bind(isPlain ? words : `${words}|${NOT_ASCII}`);
    const sql = `lower(${searched} COLLATE "C") ~ ${pattern}`;
    return isPlain ? exactly(sql) : roughly(sql);
  }

  #filter(node: Exclude<FilterNode, WordsLeaf>): Condition {
    switch (node.field) {
      case "status": {
        const test = `m.status = ANY(${this.#bind(node.statuses)})`;
        // The index's own words, by which PostgreSQL sees that it has all of these.
        if (node.statuses.some(isSuccessful)) return exactly(test);
        return exactly(`(${test} AND m.status NOT IN ('sent', 'delivered', 'read'))`);
      }
      case "channel":
      case "topic":
      case "type":
      case "template":
        return this.#names(NAME_COLUMNS[node.field], node.patterns);
      case "session":
      case "user":
      case "external":
        return exactly(this.#id(`m.${ID_COLUMNS[node.field]}`, node.pattern));
      case "uuid":
        return exactly(this.#uuid(node.pattern));
      case "reason":
        return roughly("m.error_message IS NOT NULL");
      case "has":
        // What SQL says of a part the matcher says again, where others of the query are its own to say.
        this.asksJson ||= node.part === "data";
        return exactly(part(node));
      case "latency":
        return exactly(
          `extract(epoch FROM coalesce(m.delivered_ts, m.sent_ts) - m.origin_ts) * 1000 ${node.comparison} ${this.#bind(node.ms)}::float8`,
        );
      case "before":
        return exactly(`m.origin_ts < ${this.#bind(toTimestamp(node.ts))}`);
      case "after":
        return exactly(`m.origin_ts >= ${this.#bind(toTimestamp(node.ts))}`);
      case "data":
      case "meta": {
        this.asksJson = true;
        const [key] = node.path;
        const isKeyAlone = node.path.length === 1 && node.pattern === null;
        const sql = `m.${JSON_COLUMNS[node.field]} ? ${this.#bind(key)}`;
        return isKeyAlone ? exactly(sql) : roughly(sql);
      }
    }
  }

  /** As `compileNameTest`: a value in ASCII meets ASCII letters only, which the collation C has. */
  #names(columns: readonly string[], patterns: readonly Pattern[]): Condition {
    if (!patterns.every(({ value }) => isAscii(value)))
      return roughly(`(${columns.map((column) => `m.${column} IS NOT NULL`).join(" OR ")})`);
    const tests = columns.flatMap((column) =>
      patterns.map(({ value, prefix }) => {
        const name = `lower(m.${column} COLLATE "C")`;
        const folded = this.#bind(foldCase(value));
        return prefix ? `starts_with(${name}, ${folded})` : `${name} = ${folded}`;
      }),
    );
    return exactly(`(${tests.join(" OR ")})`);
  }

  #id(column: string, { value, prefix }: Pattern): string {
    return prefix ? `starts_with(${column}, ${this.#bind(value)})` : `${column} = ${this.#bind(value)}`;
  }

  /** The beginning of an id is a range of ids, which the key has in order. */
  #uuid({ value, prefix }: Pattern): string {
    const range = uuidRange(value);
    if (range === null || (!prefix && value.length < range.first.length)) return "FALSE";
    return `m.message_uuid BETWEEN ${this.#bind(range.first)}::uuid AND ${this.#bind(range.last)}::uuid`;
  }
}

function exactly(sql: string): Condition {
  return { sql, isExact: true };
}

/** True for every match, and for others too. */
function roughly(sql: string): Condition {
  return { sql, isExact: false };
}

const FORM = "00000000-0000-0000-0000-000000000000";

/** The ids that begin so; null where none can. */
function uuidRange(beginning: string): { first: string; last: string } | null {
  const first = beginning + FORM.slice(beginning.length);
  const last = beginning + FORM.slice(beginning.length).replaceAll("0", "f");
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(first) ? { first, last } : null;
}

const ARRAYS: ReadonlySet<string> = new Set(["destination_subject_ids"]);

function part({ part: name }: Extract<Filter, { field: "has" }>): string {
  const { columns, empty } = PART_COLUMNS[name];
  const tests = columns.map((column) => {
    if (empty === undefined) return `m.${column} IS NOT NULL`;
    return ARRAYS.has(column) ? `cardinality(m.${column}) > 0` : `m.${column} <> '${empty}'::jsonb`;
  });
  return `(${tests.join(" OR ")})`;
}

/** Whether one condition that all matches meet leads to few rows by an index of its own. */
function leads(node: QueryNode): boolean {
  if (node.kind !== "filter") return false;
  switch (node.field) {
    case "status":
      return !node.statuses.some(isSuccessful);
    case "session":
      return !node.pattern.prefix;
    case "uuid":
      return node.pattern.value !== "";
    default:
      return false;
  }
}

/** The query in parts, see `ArchiveFilter`. */
function partsOf(query: QueryNode, all: Sql): ArchiveFilter["parts"] {
  const compiler = new Compiler("plain");
  const { sql, isExact } = compiler.compile(query);
  if (!isExact) return null;
  return {
    plain: { where: `(${IS_PLAIN}) AND (${sql})`, values: compiler.values },
    others: { where: `NOT (${IS_PLAIN}) AND (${all.where})`, values: all.values },
  };
}

export function compileArchiveQuery(query: QueryNode | null): ArchiveFilter {
  const compiler = new Compiler("any");
  const { sql, isExact } = query === null ? exactly("TRUE") : compiler.compile(query);
  const nodes = query?.kind === "and" ? query.nodes : query === null ? [] : [query];
  return {
    query,
    where: sql,
    values: compiler.values,
    matches: isExact ? null : compileMatcher(query),
    parts: isExact || query === null ? null : partsOf(query, { where: sql, values: compiler.values }),
    words: query === null ? null : wordsQuery(query),
    asksJson: compiler.asksJson,
    isLed: nodes.some(leads),
    ...timeOf(query),
  };
}
