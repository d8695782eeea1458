import { performance } from "node:perf_hooks";
import { WaybillError } from "../../../src-shared/errors.ts";
import type { Level } from "../../../src-shared/system-log.ts";
import type { LedgerPaths } from "../data-dir.ts";
import { type EntryResult, ledgerEvent } from "../entries.ts";
import { packEntries } from "../message-run.ts";
import { classifyTrouble, troubleSentence } from "../sqlite-errors.ts";
import { entriesOf, type Work } from "./apply.ts";
import type { Chain } from "./chain.ts";
import { sortForSpool } from "./sort-for-spool.ts";
import { SpoolQueue } from "./spool-queue.ts";
import type { Store } from "./store.ts";
import { StoreKeeper, type Trouble } from "./store-keeper.ts";
import { type Settlement, SubmissionQueue } from "./submission-queue.ts";

/** While the database is in trouble it is tried this often. */
const RETRY_MS = 500;
const IDLE_MS = 250;
/** How often an idle writer looks for what other processes left to index or in their spool. */
const HOUSEKEEPING_MS = 1_000;
/** More than one for each group that comes in, so that the spool shrinks under any load. */
const SLICES_PER_GROUP = 2;
/** Under load the search index may lag by this much before it takes its share of the time. */
const MAX_INDEX_LAG = 250_000;
const INDEX_SHARE = 0.25;

export type WriterState = {
  /** Null when the database takes writes. */
  trouble: Trouble | null;
  /** Rows of a damaged database are still brought back. */
  isIncomplete: boolean;
  /** Why not even the spool took the last records; null when it did. */
  refusal: string | null;
  /** Entries that wait in the spool, and how many of them are messages. */
  spooled: number;
  spooledMessages: number;
  spoolFiles: number;
  spoolBytes: number;
  spoolDirectory: string;
  indexLag: number;
};

/**
 * The one writer. Takes entries in order, commits them in groups, and when the database can't
 * take a group, syncs it to the spool instead and replays it in order once it can. Everything
 * here is synchronous but for the pauses between groups, so nothing overtakes anything.
 */
export class Writer {
  readonly #queue = new SubmissionQueue();
  readonly #spool: SpoolQueue;
  readonly #keeper: StoreKeeper;
  readonly #onState: (state: WriterState) => void;
  #refusal: string | null = null;
  #lastTry = 0;
  #lastGroup = 0;
  #draining = false;
  #timer: NodeJS.Timeout | null = null;
  #groupsMs = 0;
  #indexMs = 0;
  #closed = false;

  constructor(
    paths: LedgerPaths,
    owner: string,
    /** `onDamage` is told where a damaged database was set aside, to bring its rows back. */
    listeners: { onState: (state: WriterState) => void; onDamage: (file: string) => void },
  ) {
    this.#onState = listeners.onState;
    this.#spool = new SpoolQueue(paths, owner);
    this.#keeper = new StoreKeeper(paths, {
      onChange: () => this.#tellChange(),
      onDamage: listeners.onDamage,
      log: (level, message, details) => this.#log(level, message, details),
    });
  }

  /** Opens the store if it can be; the trouble is in the state otherwise. Never throws. */
  start(): WriterState {
    this.#keeper.open();
    this.#schedule(IDLE_MS);
    return this.state();
  }

  state(): WriterState {
    return {
      trouble: this.#keeper.trouble,
      isIncomplete: this.#keeper.isIncomplete,
      refusal: this.#refusal,
      ...this.#spool.measure(),
      indexLag: this.#keeper.indexLag,
    };
  }

  get store(): Store | null {
    return this.#keeper.store;
  }

  /** Whether upkeep has to get by with what of the disk is kept for it. */
  get isShortOfRoom(): boolean {
    return this.#keeper.isShortOfRoom();
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** Signs into the chain that something befell the ledger. Throws `unavailable` or SQLite's error. */
  note(reason: string): void {
    this.#commit([], (chain) => chain.addNote(reason, Date.now()));
  }

  /** The open store, for work that has the writer to itself between two groups. Throws `unavailable`, or what `assertLogWhole` throws. */
  requireStore(): Store {
    const store = this.#keeper.require();
    store.assertLogWhole();
    return store;
  }

  /** Work of its own transaction on the store in place. Throws `unavailable` or SQLite's error. */
  beside<T>(work: (store: Store) => T): T {
    const store = this.#keeper.require();
    store.assertInPlace();
    store.assertLogWhole();
    const result = work(store);
    store.assertInPlace();
    return result;
  }

  /** Settles when every entry is durable. Rejects with `cannot_accept` when neither database nor spool takes them. */
  submit(work: readonly Work[], urgent = false): Promise<Settlement> {
    if (this.#closed) return Promise.reject(new WaybillError("cannot_accept", "The ledger is closing."));
    const settled = this.#queue.add(work, urgent);
    if (!this.#draining) {
      this.#draining = true;
      // After the messages that have come in already, so that they share a commit.
      setImmediate(() => this.#drain());
    }
    return settled;
  }

  /** Keeps the write-ahead log short; to be called after each step of long work. */
  tendLog(): void {
    if (this.#keeper.trouble === null) this.#keeper.tendLog();
  }

  /** Closes the handle; the next use opens what is at the path then. */
  releaseStore(): void {
    this.#keeper.release();
  }

  /** Makes the search index anew in the background. */
  resetSearchIndex(): void {
    this.requireStore();
    this.#keeper.resetIndex();
    this.#schedule(IDLE_MS);
  }

  /** Sets a damaged database aside and begins a new one. Throws `unavailable`. */
  replaceDamaged(): string {
    return this.#keeper.replaceDamaged();
  }

  /** The rows of a database that was set aside are back, or some of them wait for the next start. */
  broughtBack(file: string, all: boolean): void {
    this.#keeper.brought(file, all);
  }

  /** Whether the rows of another database that was set aside are brought back as well. */
  isReturningBeside(file: string): boolean {
    return this.#keeper.isReturningBeside(file);
  }

  /** The store failed in work beside the records; the next use finds a sound one, or the trouble is noted. */
  meetFailure(error: unknown): void {
    this.#keeper.mend(error);
  }

  async close(): Promise<void> {
    while (!this.#queue.isEmpty) await new Promise((resolve) => setImmediate(resolve));
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    if (this.#spool.hasBacklog()) this.#recover();
    this.#spool.close();
    this.#keeper.close();
  }

  #drain(): void {
    const started = performance.now();
    const group = this.#queue.take();
    try {
      this.#queue.settle(group, this.#accept(group.work));
    } catch (error) {
      this.#queue.fail(group, error);
    }
    this.#groupsMs += performance.now() - started;
    this.#lastGroup = Date.now();
    this.tendLog();
    this.#indexUnderLoad();
    this.#draining = !this.#queue.isEmpty;
    if (this.#draining) setImmediate(() => this.#drain());
    // A timer that runs is left to run: records that never pause must not put housekeeping off for ever.
    else if (this.#timer === null) this.#schedule(IDLE_MS);
  }

  /** Makes a group durable, one way or the other. Throws `cannot_accept`. */
  #accept(work: readonly Work[]): Settlement {
    if (work.length === 0) return { results: [], receipt: null };
    if (!work.every(isOfUpkeep)) this.#assertRoom();
    if (!this.#isCaughtUp() || this.#keeper.open() === null) return this.#acceptToSpool(work);
    try {
      return this.#decide(this.#commit(work));
    } catch (error) {
      if (!this.#keeper.mend(error)) return this.#acceptToSpool(work);
    }
    // Another file has taken the ledger's place, and it is open now: the group is committed there.
    try {
      return this.#decide(this.#commit(work));
    } catch (error) {
      this.#keeper.mend(error);
      return this.#acceptToSpool(work);
    }
  }

  /** Throws `cannot_accept` where what is left of the disk is kept for deleting and closing. */
  #assertRoom(): void {
    try {
      this.#keeper.assertRoom();
    } catch (error) {
      this.#keeper.note(error);
      throw this.#refuse(error);
    }
  }

  /** Whether the database takes records and none wait before these; tries it now and then where not. */
  #isCaughtUp(): boolean {
    const isWell = (): boolean => this.#keeper.trouble === null && !this.#spool.hasBacklog();
    if (isWell()) return true;
    if (Date.now() - this.#lastTry < RETRY_MS) return false;
    for (let slice = 0; slice < SLICES_PER_GROUP; slice += 1) {
      if (!this.#recover()) return false;
      if (isWell()) return true;
    }
    return false;
  }

  #commit(work: readonly Work[], alongside?: (chain: Chain) => void): Settlement {
    const store = this.#keeper.require();
    store.assertInPlace();
    store.assertLogWhole();
    const settlement = store.applier.commit(work, (chain) => {
      store.assertNotMigrated();
      alongside?.(chain);
    });
    // A file that was swapped while we committed has the group no longer.
    store.assertInPlace();
    store.keepHead();
    return settlement;
  }

  #acceptToSpool(work: readonly Work[]): Settlement {
    const entries = entriesOf(work);
    const { results } = this.#decide({
      results: sortForSpool(entries, this.#spool, this.#keeper.store),
      receipt: null,
    });
    const kept = entries.filter((_, index) => results[index]?.outcome === "spooled");
    if (kept.length === 0) return { results, receipt: null };
    try {
      this.#spool.append(kept);
    } catch (error) {
      throw this.#refuse(error);
    }
    this.#noteRefusal(null);
    return { results, receipt: null };
  }

  #refuse(cause: unknown): WaybillError {
    const sentence = troubleSentence(classifyTrouble(cause));
    this.#noteRefusal(sentence);
    return new WaybillError("cannot_accept", `Nothing was accepted. ${sentence}`, { cause });
  }

  /** What is unknown now may be among the rows that are still brought back from a damaged database. */
  #decide({ results, receipt }: Settlement): Settlement {
    if (!this.#keeper.isIncomplete) return { results, receipt };
    const reason =
      "The records of a damaged database are still brought back. Send it again in a moment, it may be among them.";
    const decided = results.map(
      (result): EntryResult => (result.outcome === "unknown" ? { outcome: "undecided", reason } : result),
    );
    return { results: decided, receipt };
  }

  /** Opens what can be opened, replays one slice of the spool, and proves that a write goes through. True where it did. */
  #recover(): boolean {
    this.#lastTry = Date.now();
    const store = this.#keeper.open();
    // Reports in the spool may be about rows that are not back yet.
    if (store === null || (this.#spool.hasBacklog() && this.#keeper.isIncomplete)) return false;
    try {
      store.assertInPlace();
      if (this.#spool.hasBacklog()) {
        if (this.#spool.isInDataFolder()) this.#keeper.assertRoomToReplay();
        else this.#keeper.assertRoom();
        const notes = this.#spool.replaySlice(
          store,
          (entries, alongside) => this.#commit(packEntries(entries), alongside).results,
          this.isShortOfRoom,
        );
        if (notes === null) return false;
        for (const { message, details } of notes) this.#log("error", message, details);
      }
      if (!this.#spool.hasBacklog()) {
        this.#keeper.assertRoom();
        this.#endTrouble();
      }
    } catch (error) {
      this.#keeper.mend(error);
      return false;
    }
    this.#lastTry = 0;
    return true;
  }

  /** The event that says so is the write that proves it. Throws SQLite's error. */
  #endTrouble(): void {
    const { trouble } = this.#keeper;
    if (trouble === null) return;
    const seconds = (Date.now() - trouble.since) / 1000;
    const message = "The database takes records again; the spool is empty.";
    this.#commit([ledgerEvent("info", message, { kind: trouble.kind, seconds })]);
    this.#refusal = null;
    this.#keeper.clearTrouble();
  }

  #tellChange(): void {
    this.#onState(this.state());
    if (this.#keeper.trouble !== null) this.#schedule(RETRY_MS);
  }

  #noteRefusal(refusal: string | null): void {
    if (this.#refusal === refusal) return;
    this.#refusal = refusal;
    this.#onState(this.state());
  }

  /** The writer's own events go the way of all entries. */
  #log(level: Level, message: string, details: Record<string, unknown>): void {
    // Where not even the spool takes it there is nowhere left to tell; the state says it all the same.
    this.submit([ledgerEvent(level, message, details)]).catch(() => {});
  }

  #schedule(delay: number): void {
    if (this.#closed) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = null;
      // Else the end of the queue schedules it again.
      if (!this.#draining) this.#schedule(this.#keepHouse());
    }, delay);
  }

  /** What is done when nothing else is: recovery, adoption of other spools, indexing, checkpoints. Gives the pause after it. */
  #keepHouse(): number {
    if (this.#spool.discover() || this.#keeper.trouble !== null) return this.#recover() ? 1 : RETRY_MS;
    try {
      this.#keeper.store?.assertInPlace();
      // Beside records that come in, indexing takes a step now and then, so that none waits for long.
      this.#keeper.tendLog();
      if (this.#keeper.stepIndex() > 0) return Date.now() - this.#lastGroup < IDLE_MS ? IDLE_MS : 1;
      this.#keeper.tendIdleLog();
    } catch (error) {
      this.#keeper.mend(error);
    }
    return HOUSEKEEPING_MS;
  }

  #indexUnderLoad(): void {
    if (this.#keeper.trouble !== null || this.#keeper.indexLag < MAX_INDEX_LAG) return;
    if (this.#indexMs > (this.#groupsMs + this.#indexMs) * INDEX_SHARE) return;
    const started = performance.now();
    this.#keeper.stepIndex();
    this.#indexMs += performance.now() - started;
  }
}

/** What the ledger notes of its own work, which deleting on a full disk needs as well. */
function isOfUpkeep(item: Work): boolean {
  return item.op === "meta" || (item.op === "system_log" && item.component === "ledger");
}
