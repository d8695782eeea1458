import { MESSAGE_FIELDS, type StoredMessage } from "../../../src-shared/record.ts";
import { createFormatter } from "../../transfer/format.ts";
import { inCut, ofKind } from "../cut-sql.ts";
import type { ReadableDatabase } from "../open.ts";
import { countStored } from "../reader/facts.ts";
import {
  type Cut,
  type Place,
  planRules,
  planSize,
  type RetentionFacts,
  type RetentionPolicy,
  type SizeFacts,
} from "../retention-plan.ts";
import { toTexts } from "./message-csv.ts";

/** Read at once, so that no snapshot is held for long. */
const PAGE = 2_000;
const PAGE_CHARACTERS = 2 * 1024 * 1024;

/** Messages of one cut by position, with the revision that was written to `text`; null where nothing is exported. */
export type CutPage = { cut: Cut; seqs: Float64Array; revisions: Float64Array | null; text: string };

export type PlannedCut = { cut: Cut; messages: number };

/** What the rules would delete now, each message counted once. */
export function planRetention(
  database: ReadableDatabase,
  { rules, delete_unsent = false }: Pick<RetentionPolicy, "rules" | "delete_unsent">,
  now: number,
): PlannedCut[] {
  const cuts = planRules(rules, ruleFacts(database, now)).map((cut) => ({ ...cut, delete_unsent }));
  return cuts.map((cut, index) => {
    const { where, parameters } = withoutEarlier(cuts, index);
    const count = database.prepare(`SELECT count(*) FROM message_logs WHERE ${where}`).pluck();
    return { cut, messages: Number(count.get(parameters)) };
  });
}

/** What would have to go for the database to fit; null where it does. */
export function planForSize(
  database: ReadableDatabase,
  { max_size_mb, delete_unsent = false }: { max_size_mb: number; delete_unsent?: boolean | undefined },
): PlannedCut | null {
  const facts = sizeFacts(database);
  const planned = planSize(max_size_mb, facts);
  if (planned === null) return null;
  const cut = { ...planned, delete_unsent };
  const { where, parameters } = inCut(cut);
  const count = database.prepare(`SELECT count(*) FROM message_logs WHERE ${where}`).pluck();
  return { cut, messages: Number(count.get(parameters)) };
}

/** The messages of all cuts, page by page from the oldest on, each message in the first cut that it is in. */
export function* walkCuts(
  database: ReadableDatabase,
  cuts: readonly Cut[],
  withText: boolean,
): Generator<CutPage> {
  const formatter = createFormatter("csv", MESSAGE_FIELDS);
  for (const [index, cut] of cuts.entries()) {
    const { where, parameters } = withoutEarlier(cuts, index);
    const columns = withText ? "*" : "seq, origin_ts";
    const page = database.prepare(
      `SELECT ${columns} FROM message_logs
       WHERE origin_ts >= @last_ts AND (origin_ts > @last_ts OR seq > @last_seq) AND ${where}
       ORDER BY origin_ts, seq LIMIT ${PAGE}`,
    );
    for (let last: Place | null = { ts: Number.MIN_SAFE_INTEGER, seq: 0 }; last !== null; ) {
      const found = page.iterate({ ...parameters, last_ts: last.ts, last_seq: last.seq });
      const rows = takePage(found as IterableIterator<Row>);
      if (rows.length > 0) {
        // In the order they were accepted in, so that the messages of a commit group go together.
        const bySeq = rows.toSorted((a, b) => a.seq - b.seq);
        yield {
          cut,
          seqs: Float64Array.from(bySeq, ({ seq }) => seq),
          revisions: withText ? Float64Array.from(bySeq, ({ revision }) => revision) : null,
          text: withText ? formatter.rows(rows.map(toTexts)) : "",
        };
      }
      const final = rows.at(-1);
      last = final === undefined ? null : { ts: final.origin_ts, seq: final.seq };
    }
  }
}

type Row = StoredMessage & { seq: number };

/** Large records end a page before it has its rows, so that memory does not grow with them. */
function takePage(found: Iterable<Row>): Row[] {
  const rows: Row[] = [];
  let size = 0;
  for (const row of found) {
    rows.push(row);
    size += (row.message_data?.length ?? 0) + (row.message_metadata?.length ?? 0);
    if (size >= PAGE_CHARACTERS) break;
  }
  return rows;
}

/** The condition of a cut, less what the cuts before it take. Their parameters are told apart by number. */
function withoutEarlier(cuts: readonly Cut[], index: number): ReturnType<typeof inCut> {
  const conditions: string[] = [];
  const parameters: Record<string, string | number> = {};
  for (const [number, cut] of cuts.slice(0, index + 1).entries()) {
    const own = inCut(cut);
    const where = own.where.replaceAll(/@(\w+)/g, `@$1_${number}`);
    conditions.unshift(number === index ? where : `NOT (${where})`);
    for (const [name, value] of Object.entries(own.parameters)) parameters[`${name}_${number}`] = value;
  }
  return { where: conditions.join(" AND "), parameters };
}

function ruleFacts(database: ReadableDatabase, now: number): RetentionFacts {
  return {
    now,
    lastSeq: lastSeq(database),
    nthNewest: (rule, count) => {
      const { where, parameters } = ofKind(rule);
      const place = database.prepare(
        `SELECT origin_ts AS ts, seq FROM message_logs WHERE ${where}
         ORDER BY origin_ts DESC, seq DESC LIMIT 1 OFFSET @skipped`,
      );
      return (place.get({ ...parameters, skipped: count - 1 }) as Place | undefined) ?? null;
    },
  };
}

function sizeFacts(database: ReadableDatabase): SizeFacts {
  const pragma = (name: string): number => Number(database.pragma(name, { simple: true }));
  return {
    lastSeq: lastSeq(database),
    messages: countStored(database),
    usedBytes: (pragma("page_count") - pragma("freelist_count")) * pragma("page_size"),
    afterOldest: (count) =>
      (database
        .prepare(
          "SELECT origin_ts AS ts, seq FROM message_logs ORDER BY origin_ts, seq LIMIT 1 OFFSET @skipped",
        )
        .get({ skipped: count }) as Place | undefined) ?? null,
  };
}

function lastSeq(database: ReadableDatabase): number {
  return Number(database.prepare("SELECT coalesce(max(seq), 0) FROM message_logs").pluck().get());
}
