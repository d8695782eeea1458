import { existsSync, statSync } from "node:fs";
import Database, { type Statement } from "better-sqlite3";
import { ensurePrivateDirectory, type LedgerPaths } from "../data-dir.ts";
import { assertNotNewer } from "../migrate.ts";
import {
  assertSameFile,
  type FileIdentity,
  identify,
  inodeOf,
  openWritable,
  type WritableDatabase,
} from "../open.ts";
import {
  classifyTrouble,
  DamagedLogError,
  isShortLog,
  LogAwayError,
  StoreMovedError,
} from "../sqlite-errors.ts";
import { EntryApplier } from "./apply.ts";
import { HeadFile, readHead } from "./head-file.ts";
import { assertLogHolds, assertLogNotAway, isNoLog, LogWatch } from "./wal-file.ts";

/** The open ledger: its only read-write connection, with what is prepared for that connection. */
export class Store {
  readonly database: WritableDatabase;
  readonly applier: EntryApplier;
  readonly #identity: FileIdentity;
  readonly #log: LogWatch;
  readonly #measureLog: Statement<[], number[]>;
  readonly #head: HeadFile;
  readonly #countPages: Statement;
  readonly #pageBytes: number;

  private constructor(database: WritableDatabase, identity: FileIdentity) {
    this.database = database;
    this.#identity = identity;
    this.applier = new EntryApplier(database);
    this.#head = new HeadFile(identity.file);
    this.#countPages = database.prepare("PRAGMA page_count").pluck();
    this.#pageBytes = Number(database.pragma("page_size", { simple: true }));
    // A checkpoint that moves nothing tells how long the log is.
    this.#measureLog = database.prepare("PRAGMA wal_checkpoint(NOOP)").raw() as Statement<[], number[]>;
    this.#log = new LogWatch(identity.file, () => this.log().frames);
  }

  /**
   * `patience` is how long a statement waits for another program's lock. A log that is not where it was may come back:
   * while it is awaited no second one is begun, nor the database taken to be damaged. Throws what `openWritable`
   * throws, `StoreMovedError`, `LogAwayError`, `DamagedLogError`, or the file system's error.
   */
  static open(paths: LedgerPaths, patience: number, isLogAwaited = true): Store {
    const file = paths.database;
    ensurePrivateDirectory(paths.dataDir);
    const before = inodeOf(file);
    if (isLogAwaited || isInUse(file)) assertLogNotAway(file);
    const logBefore = inodeOf(`${file}-wal`);
    assertLogHolds(file);
    const told = readHead(file);
    let database: WritableDatabase | null = null;
    try {
      database = openWritable(file, patience);
      const identity = identify(file);
      // Else the handle may be on the file that was there before.
      if (before !== undefined && before !== identity.inode)
        throw new StoreMovedError(`${file} was replaced while it was opened`);
      const store = new Store(database, identity);
      if (logBefore !== undefined && logBefore !== store.#log.inode)
        throw new LogAwayError(`${file}-wal was replaced while it was opened`);
      const reached = store.applier.chainHead()?.group ?? 0;
      if (told !== null && told.group > reached) {
        const message = `${file} had ${told.group} commit groups and has ${reached}`;
        throw logBefore === undefined && isLogAwaited
          ? new LogAwayError(message)
          : new DamagedLogError(message);
      }
      return store;
    } catch (error) {
      if (database !== null) closeUnmoved(database, file);
      if (!isShortLog(error)) throw error;
      // An empty one in its place is not what was written, which may be put back.
      if (isNoLog(file) && isLogAwaited) throw new LogAwayError(`${file}-wal is empty`, { cause: error });
      throw new DamagedLogError(`${file}-wal lost its end`, { cause: error });
    }
  }

  /** Which file it is. */
  get inode(): bigint {
    return this.#identity.inode;
  }

  /** After a commit: tells beside the database how far it got. */
  keepHead(): void {
    const reached = this.applier.reached();
    if (reached !== null) this.#head.write(reached);
  }

  /** Throws `StoreMovedError` when another file has taken the ledger's place. */
  assertInPlace(): void {
    assertSameFile(this.#identity);
  }

  /** Before a transaction: throws `DamagedLogError` when the log lost commits that were told, or `LogAwayError`. */
  assertLogWhole(): void {
    this.#log.assertWhole();
  }

  /**
   * A log that was taken away is still this connection's to read: with all of it in the database nothing depends on its
   * return. Where another is in its place, someone may have written there. Throws SQLite's error.
   */
  rescueLog(): void {
    if (this.#log.isMissing()) this.emptyLog(0);
  }

  isInPlace(): boolean {
    try {
      this.assertInPlace();
      return true;
    } catch {
      return false;
    }
  }

  /** Inside a transaction: throws `NewerLedgerError` when a newer Waybill has migrated the ledger meanwhile. */
  assertNotMigrated(): void {
    assertNotNewer(this.database);
  }

  /** How many frames the write-ahead log has, and how many of them are in the database. Throws SQLite's error. */
  log(): { frames: number; moved: number } {
    const [, frames = 0, moved = 0] = this.#measureLog.get() ?? [];
    return { frames: Math.max(0, frames), moved: Math.max(0, moved) };
  }

  /** Moves the log into the database as far as readers let it. Throws SQLite's error. */
  moveLog(): void {
    this.database.pragma("wal_checkpoint(PASSIVE)");
  }

  /** Also gives the room of the log's file back, where no reader is in the way for longer. Throws SQLite's error. */
  emptyLog(patienceMs: number): void {
    const before = Number(this.database.pragma("busy_timeout", { simple: true }));
    this.setPatience(patienceMs);
    try {
      this.database.pragma("wal_checkpoint(TRUNCATE)");
    } finally {
      this.setPatience(before);
    }
  }

  /** What the file has yet to grow by, once the write-ahead log is in it. Throws SQLite's or the system's error. */
  unwrittenBytes(): number {
    const size = Number(this.#countPages.get()) * this.#pageBytes;
    return Math.max(0, size - (statSync(this.#identity.file, { throwIfNoEntry: false })?.size ?? 0));
  }

  /** How long a statement waits for another program's lock. */
  setPatience(ms: number): void {
    this.database.pragma(`busy_timeout = ${ms}`);
  }

  close(): void {
    this.#head.close();
    this.database.close();
  }

  /** Ends tidily: statistics for the planner, an empty WAL. Trouble on the way is left to the next start. */
  closeTidily(): void {
    try {
      this.database.pragma("optimize");
      this.database.pragma("wal_checkpoint(TRUNCATE)");
    } catch {
      // Full, locked or gone: what is committed is in the WAL and is found there.
    }
    this.close();
  }
}

/**
 * Closes a connection to files that are not as they were told to be, and leaves both as they are: whoever closes last
 * moves the log into the database, where newer pages may be than a log has that lost its end. A connection that only
 * reads moves nothing.
 */
function closeUnmoved(database: WritableDatabase, file: string): void {
  let last: Database.Database | null = null;
  try {
    last = new Database(file, { readonly: true, fileMustExist: true });
    last.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get();
  } catch {
    // What can't be read is not moved either.
  }
  database.close();
  last?.close();
}

/** Whether a connection to the database is open anywhere; asked without touching its log. Throws SQLite's error. */
function isInUse(file: string): boolean {
  if (!existsSync(file)) return false;
  const database = new Database(file, { fileMustExist: true, timeout: 0 });
  try {
    // Every connection keeps a lock that is at odds with it, and it is asked for before the log is opened.
    database.pragma("locking_mode = EXCLUSIVE");
    database.prepare("SELECT 1 FROM sqlite_schema LIMIT 1").get();
    return false;
  } catch (error) {
    if (classifyTrouble(error) === "busy") return true;
    throw error;
  } finally {
    database.close();
  }
}
