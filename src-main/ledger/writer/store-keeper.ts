import { statSync } from "node:fs";
import { WaybillError } from "../../../src-shared/errors.ts";
import { MAX_RECORD_BYTES } from "../../../src-shared/record.ts";
import type { Level } from "../../../src-shared/system-log.ts";
import type { LedgerPaths } from "../data-dir.ts";
import { assertRoomFor, roomOf } from "../disk-room.ts";
import { BUSY_TIMEOUT_MS, identify, inodeOf } from "../open.ts";
import {
  classifyTrouble,
  isIndexDamage,
  LogAwayError,
  type StoreTrouble,
  troubleSentence,
} from "../sqlite-errors.ts";
import { Checkpointer } from "./checkpointer.ts";
import { IndexKeeper } from "./index-keeper.ts";
import { listUnfinished, markFinished, setAside } from "./quarantine.ts";
import { Store } from "./store.ts";
import { undoInterruptedSwap } from "./swap.ts";

/** A probe must not hold up the records that go to the spool meanwhile. */
const PROBE_TIMEOUT_MS = 20;
/** A record at its largest with all that is written for it: with less, small ones would fit and others not. */
const ROOM_BYTES = 2 * MAX_RECORD_BYTES;
/** On a small disk that much may be more than deleting can ever free. */
const ROOM_SHARE = 1 / 32;
/** On a disk that damages whatever is written, a database is not set aside with every record. */
const REPLACE_AGAIN_MS = 10_000;
/** A log that a reader holds on to is left for a while, and a short one is not worth it. */
const EMPTY_AGAIN_MS = 250;
const EMPTIED_BYTES = 256 * 1024;
/** A log that was taken away may be put back; by then a database without it is taken as it is. */
const LOG_AWAITED_MS = 10_000;

export type Trouble = { kind: StoreTrouble; since: number; message: string };

type Listeners = {
  /** The trouble, or what is incomplete, changed. */
  onChange: () => void;
  /** A damaged database was set aside, and its rows are to be brought back. */
  onDamage: (file: string) => void;
  log: (level: Level, message: string, details: Record<string, unknown>) => void;
};

/**
 * Keeps the one store open. Knows what is wrong when it can't be, sets a damaged one aside and
 * opens a moved one anew. Trouble ends when a write has gone through, not before.
 */
export class StoreKeeper {
  readonly #paths: LedgerPaths;
  readonly #listeners: Listeners;
  /** Set aside, and not all of their rows are back. */
  readonly #returning = new Set<string>();
  readonly #checkpointer: Checkpointer;
  readonly #index: IndexKeeper;
  #store: Store | null = null;
  #trouble: Trouble | null = null;
  #hadStore = false;
  #replacedAt = 0;
  #emptyAgainAt = 0;
  /** Since when the log is not where it was. */
  #logAwaySince: number | null = null;
  #closed = false;

  constructor(paths: LedgerPaths, listeners: Listeners) {
    this.#paths = paths;
    this.#listeners = listeners;
    this.#checkpointer = new Checkpointer(paths);
    this.#index = new IndexKeeper(listeners.log);
  }

  get store(): Store | null {
    return this.#store;
  }

  /** Records that the search index does not have yet. */
  get indexLag(): number {
    return this.#index.lag;
  }

  /** Forgets the search index; it is made anew in the background. Throws SQLite's error. */
  resetIndex(): void {
    this.#index.reset();
  }

  get trouble(): Trouble | null {
    return this.#trouble;
  }

  /** While rows come back from a damaged database, a message that is not found may still be among them. */
  get isIncomplete(): boolean {
    return this.#returning.size > 0;
  }

  /** Opens the store if it is not; null, with the trouble noted, where that can't be done. */
  open(): Store | null {
    if (this.#store !== null || this.#closed) return this.#store;
    const { database } = this.#paths;
    let tried: bigint | undefined;
    try {
      this.#undoSwap();
      tried = inodeOf(database);
      // A file taken away while we ran may come back: a new one in its place would be overwritten then.
      if (this.#hadStore) identify(database);
      this.#adopt(this.#openStore());
    } catch (error) {
      if (error instanceof LogAwayError) this.#logAwaySince ??= Date.now();
      // Another process may have set the damaged one aside already, and what is there now is sound.
      const isDamaged = classifyTrouble(error) === "corrupt" && inodeOf(database) === tried;
      if (isDamaged) this.#replace(error);
      else this.note(error);
    }
    return this.#store;
  }

  /** Throws `unavailable`. */
  require(): Store {
    const store = this.open();
    if (store !== null) return store;
    const message = this.#closed ? "The ledger is closing." : this.#trouble?.message;
    throw new WaybillError("unavailable", message ?? troubleSentence("gone"));
  }

  /** Deals with a failure of the store; true where a sound one is open now and the work can be done again. */
  mend(error: unknown): boolean {
    const kind = classifyTrouble(error);
    if (error instanceof LogAwayError) this.#rescueLog();
    if (kind === "busy" || kind === "full" || error instanceof LogAwayError) {
      this.note(error);
      return false;
    }
    if (isIndexDamage(error) && this.#index.renew(error)) return true;
    // A process beside us may have set the damaged one aside already.
    const isOurs = this.#store?.isInPlace() ?? true;
    // A handle that failed once may fail for ever: one opened on a disk that was read-only stays so.
    this.#closeBroken();
    if (kind === "corrupt" && isOurs) this.#replace(error);
    else if (kind === "gone" || kind === "corrupt") this.open();
    else this.note(error);
    return this.#store !== null;
  }

  /** Indexes one step; how many rows it took. Its failures are dealt with here. */
  stepIndex(): number {
    if (!this.#index.isDue || this.isShortOfRoom()) return 0;
    try {
      // Whatever is written behind a gap would hide it from the next look.
      this.#store?.assertLogWhole();
      return this.#index.step();
    } catch (error) {
      // A lock that another Waybill holds for a moment is no trouble: nobody waits for the index.
      if (classifyTrouble(error) !== "busy" && !this.#index.meetFailure(error)) this.mend(error);
      return 0;
    }
  }

  /** Keeps the write-ahead log short, between two commits. Its failures are dealt with here. */
  tendLog(): void {
    if (this.#store === null) return;
    try {
      this.#store.assertLogWhole();
      this.#checkpointer.tend(this.#store);
    } catch (error) {
      this.#meetLogFailure(error);
    }
  }

  /** Empties the log when nothing else is to be done. Its failures are dealt with here. */
  tendIdleLog(): void {
    if (this.#store === null) return;
    try {
      this.#store.assertLogWhole();
      this.#checkpointer.tendIdle(this.#store, this.#logBytes());
    } catch (error) {
      this.#meetLogFailure(error);
    }
  }

  /** Someone else's lock is no trouble: the log is moved the next time. */
  #meetLogFailure(error: unknown): void {
    if (classifyTrouble(error) !== "busy") this.mend(error);
  }

  /** The handle is kept: it alone leads to a log that was taken away, and it is sound again once that is put back. */
  #rescueLog(): void {
    try {
      this.#store?.rescueLog();
    } catch {
      // Someone reads it: tried again with the next record.
    }
  }

  note(error: unknown): void {
    const kind = classifyTrouble(error);
    this.#store?.setPatience(PROBE_TIMEOUT_MS);
    if (this.#trouble?.kind === kind) return;
    this.#trouble = { kind, since: this.#trouble?.since ?? Date.now(), message: troubleSentence(kind) };
    this.#listeners.onChange();
    this.#listeners.log("error", this.#trouble.message, { kind, cause: String(error) });
  }

  /** Throws `ENOSPC` where new records would take what is kept for upkeep; after a full disk, until there is room for more. */
  assertRoom(): void {
    const room = this.#trouble?.kind === "full" ? roomOf(this.#paths.dataDir) : null;
    this.#assertRoomFor(room === null ? 0 : Math.min(ROOM_BYTES, room.total_bytes * ROOM_SHARE));
  }

  /**
   * Throws `ENOSPC`. What waits in the data folder's spool may come in with half of what is kept for upkeep, and gives it
   * back with its file: else it could neither come in nor be deleted, and the disk would stay full.
   */
  assertRoomToReplay(): void {
    const room = roomOf(this.#paths.dataDir);
    this.#assertRoomFor(room === null ? 0 : -room.reserved_bytes / 2);
  }

  #assertRoomFor(wanted: number): void {
    const assertAll = (): void =>
      assertRoomFor(this.#paths.dataDir, wanted + (this.#store?.unwrittenBytes() ?? 0));
    try {
      assertAll();
    } catch (error) {
      if (!this.#emptyLog()) throw error;
      assertAll();
    }
  }

  #logBytes(): number {
    return statSync(`${this.#paths.database}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** What the write-ahead log takes is room as well; false where that is little, or can't be had now. */
  #emptyLog(): boolean {
    const before = this.#logBytes();
    if (this.#store === null || before < EMPTIED_BYTES || Date.now() < this.#emptyAgainAt) return false;
    try {
      this.#checkpointer.settle();
      this.#store.emptyLog(PROBE_TIMEOUT_MS);
    } catch {
      // What fails here fails again where it is dealt with.
    }
    const isEmptied = this.#logBytes() < before;
    if (!isEmptied) this.#emptyAgainAt = Date.now() + EMPTY_AGAIN_MS;
    return isEmptied;
  }

  /** Whether upkeep has to get by with what is kept for it. */
  isShortOfRoom(): boolean {
    if (this.#trouble?.kind === "full") return true;
    const room = roomOf(this.#paths.dataDir);
    // Twice as much, so that nothing runs into it between two looks.
    return room !== null && room.free_bytes < 2 * room.reserved_bytes;
  }

  /** A write has gone through. */
  clearTrouble(): void {
    this.#store?.setPatience(BUSY_TIMEOUT_MS);
    if (this.#trouble === null) return;
    this.#trouble = null;
    this.#listeners.onChange();
  }

  /** Closes the handle; the next use opens what is at the path then. */
  release(): void {
    this.#checkpointer.settle();
    this.#store?.closeTidily();
    this.#store = null;
    this.#index.follow(null);
  }

  /** Sets a damaged database aside and begins a new one; gives where the old one is. Throws `unavailable`. */
  replaceDamaged(): string {
    this.#closeBroken();
    const file = this.#setAside();
    // Whoever asked for it brings its rows back.
    this.#returning.add(file);
    try {
      this.require();
    } catch (error) {
      this.#returning.delete(file);
      throw error;
    }
    this.#listeners.onChange();
    return file;
  }

  /** Whether another database was set aside besides, whose rows are not all back either. */
  isReturningBeside(file: string): boolean {
    return this.#returning.size > (this.#returning.has(file) ? 1 : 0);
  }

  /** The rows of a database that was set aside are back, or some of them wait for the next start. */
  brought(file: string, all: boolean): void {
    this.#returning.delete(file);
    if (all) markFinished(file);
    this.#listeners.onChange();
  }

  close(): void {
    this.#closed = true;
    this.release();
    this.#checkpointer.close();
  }

  #undoSwap(): void {
    const kept = undoInterruptedSwap(this.#paths);
    if (kept === null) return;
    const message =
      "A restore was cut short. The ledger as it was before is back; restore again if you want to.";
    this.#listeners.log("warning", message, { kept });
  }

  #replace(cause: unknown): void {
    if (Date.now() - this.#replacedAt < REPLACE_AGAIN_MS) {
      this.note(cause);
      return;
    }
    try {
      const file = this.#setAside();
      this.#listeners.log("error", "The database was damaged. It was set aside and a new one begun.", {
        file,
        cause: String(cause),
      });
      this.#adopt(this.#openStore());
    } catch (error) {
      this.note(error);
    }
  }

  #setAside(): string {
    const file = setAside(this.#paths);
    this.#hadStore = false;
    this.#replacedAt = Date.now();
    return file;
  }

  #openStore(): Store {
    const patience = this.#trouble === null ? BUSY_TIMEOUT_MS : PROBE_TIMEOUT_MS;
    const isLogAwaited = Date.now() - (this.#logAwaySince ?? Date.now()) < LOG_AWAITED_MS;
    return Store.open(this.#paths, patience, isLogAwaited);
  }

  #adopt(store: Store): void {
    this.#store = store;
    this.#logAwaySince = null;
    this.#hadStore = true;
    this.#index.follow(store.database);
    for (const file of listUnfinished(this.#paths)) {
      if (this.#returning.has(file)) continue;
      this.#returning.add(file);
      this.#listeners.onChange();
      this.#listeners.onDamage(file);
    }
  }

  #closeBroken(): void {
    this.#checkpointer.settle();
    try {
      this.#store?.close();
    } catch {
      // A handle on a broken file may not even close; it is given up.
    }
    this.#store = null;
    this.#index.follow(null);
  }
}
