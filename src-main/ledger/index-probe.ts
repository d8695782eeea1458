import type { Database } from "better-sqlite3";

/** How an index answers: with few hits, with many, or too slowly to be asked in each step of a walk. */
export type Hits = "few" | "many" | "slow";

/** Asks an index how it answers. */
export type Probe = {
  /** The search index, an expression of FTS5. */
  search: (match: string) => Hits;
  /** That of an id, those from `low` up to `high`. */
  ids: (column: string, low: string, high: string) => Hits;
};

/** So many hits are fetched and sorted, even from a cold disk, sooner than the index by time is walked. */
const FEW_HITS = 2_000;
/**
 * A prefix of very many words is put together anew each time that the index is asked: `a*` takes two seconds at ten
 * million records. Where it takes longer than this, a walk reads the texts of the rows, which takes 20 ms a step.
 */
const SLOW_MS = 50;

/** Asks the indexes of a ledger, as far as it matters: under a millisecond, but for prefixes of many words. */
export function probeLedger(database: Pick<Database, "prepare">): Probe {
  const probe = (select: string, ...values: readonly string[]): Hits => {
    const begun = performance.now();
    const hits = database
      .prepare(`SELECT count(*) FROM (${select} LIMIT ${FEW_HITS + 1})`)
      .pluck()
      .get(...values);
    if (Number(hits) <= FEW_HITS) return "few";
    return performance.now() - begun > SLOW_MS ? "slow" : "many";
  };
  return {
    search: (match) => probe("SELECT 1 FROM message_search WHERE message_search MATCH ?", match),
    ids: (column, low, high) =>
      probe(`SELECT 1 FROM message_logs WHERE ${column} >= ? AND ${column} < ?`, low, high),
  };
}
