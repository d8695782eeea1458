import type { Database } from "better-sqlite3";

/** How an index answers: with few hits, with many, or too slowly to be asked in each step of a walk. */
export type Hits = "few" | "many" | "slow";

/** Asks an index how it answers. */
export type Probe = {
  /** The search index, for words. */
  words: (match: string) => Hits;
  /** The search index, for exact values; `most` where reading the rows one by one serves as well as all those hits. */
  values: (match: string) => "few" | "many" | "most";
  /** That of an id, those from `low` up to `high`. */
  ids: (column: string, low: string, high: string) => "few" | "many";
};

/** So many hits are fetched and sorted, even from a cold disk, sooner than the index by time is walked. */
const FEW_HITS = 2_000;
/** A list of more hits takes more memory than it saves of reading; to count them takes some milliseconds. */
const MANY_HITS = 100_000;
/**
 * A prefix of very many words is put together anew each time that the index is asked: `a*` takes two seconds at ten
 * million records. Where it takes longer than this, a walk reads the texts of the rows, which takes 20 ms a step.
 */
const SLOW_MS = 50;

const SEARCH = "SELECT 1 FROM message_search WHERE message_search MATCH ?";

/** Asks the indexes of a ledger, as far as it matters: some milliseconds, but for prefixes of many words. */
export function probeLedger(database: Pick<Database, "prepare">): Probe {
  const count = (select: string, most: number, ...values: readonly string[]): number => {
    const counted = database.prepare(`SELECT count(*) FROM (${select} LIMIT ${most + 1})`).pluck();
    return Number(counted.get(...values));
  };
  return {
    words: (match) => {
      const begun = performance.now();
      if (count(SEARCH, FEW_HITS, match) <= FEW_HITS) return "few";
      return performance.now() - begun > SLOW_MS ? "slow" : "many";
    },
    values: (match) => {
      const hits = count(SEARCH, MANY_HITS, match);
      if (hits <= FEW_HITS) return "few";
      return hits <= MANY_HITS ? "many" : "most";
    },
    ids: (column, low, high) => {
      const select = `SELECT 1 FROM message_logs WHERE ${column} >= ? AND ${column} < ?`;
      return count(select, FEW_HITS, low, high) <= FEW_HITS ? "few" : "many";
    },
  };
}
