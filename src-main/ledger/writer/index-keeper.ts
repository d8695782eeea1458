import type { Level } from "../../../src-shared/system-log.ts";
import { MINUTE_MS } from "../../../src-shared/time.ts";
import type { WritableDatabase } from "../open.ts";
import { classifyTrouble, isIndexDamage } from "../sqlite-errors.ts";
import { SearchIndexer } from "./search-index.ts";

/** Making a search index anew takes minutes on a large ledger: where it did not help it is left for a while. */
const RENEW_AGAIN_MS = 10 * MINUTE_MS;

type Log = (level: Level, message: string, details: Record<string, unknown>) => void;

/** Keeps the search index of the open store, whose failures are no trouble of the store: a damaged one is made anew. */
export class IndexKeeper {
  readonly #log: Log;
  #indexer: SearchIndexer | null = null;
  #renewedAt = 0;
  #againAt = 0;

  constructor(log: Log) {
    this.#log = log;
  }

  /** The store's database, once it is open; null once it is not. */
  follow(database: WritableDatabase | null): void {
    this.#indexer = database === null ? null : new SearchIndexer(database);
  }

  /** Records that the index does not have yet. */
  get lag(): number {
    try {
      return this.#indexer?.lag() ?? 0;
    } catch {
      // Told where it matters: with the next record or the next look at the house.
      return 0;
    }
  }

  /** False while there is no store, and for a while after it could not be brought up to date. */
  get isDue(): boolean {
    return this.#indexer !== null && Date.now() >= this.#againAt;
  }

  /** Indexes one step; how many rows it took. Throws SQLite's error, to be given to `meetFailure`. */
  step(): number {
    return this.#indexer?.step() ?? 0;
  }

  /** Forgets the index; it is made anew in the background. Throws SQLite's error. */
  reset(): void {
    this.#indexer?.reset();
    this.#againAt = 0;
  }

  /** Deals with what the index alone failed with; false where it is the store's trouble. */
  meetFailure(error: unknown): boolean {
    const kind = classifyTrouble(error);
    // The words are at odds with each other or with a row.
    const isOwn = kind === "row" || kind === "bug" || isIndexDamage(error);
    if (isOwn && !this.renew(error)) this.#pause(error);
    return isOwn;
  }

  /** False where that does not help: it was tried just now, or more than the index is damaged. */
  renew(cause: unknown): boolean {
    if (this.#indexer === null || Date.now() - this.#renewedAt < RENEW_AGAIN_MS) return false;
    try {
      this.#indexer.reset();
    } catch {
      // The failure that is met next says more.
      return false;
    }
    this.#renewedAt = Date.now();
    this.#log("warning", "The search index was damaged; it is made anew.", { cause: String(cause) });
    return true;
  }

  #pause(cause: unknown): void {
    this.#againAt = Date.now() + RENEW_AGAIN_MS;
    const message = "The search index can't be brought up to date; records are found all the same.";
    this.#log("error", message, { cause: String(cause) });
  }
}
