import { closeSync, existsSync, openSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
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
import { StoreMovedError } from "../sqlite-errors.ts";
import { EntryApplier } from "./apply.ts";

/** SQLite's files of one database; the two beside it belong to it and move with it. */
export const COMPANIONS = ["", "-wal", "-shm"] as const;
/** Beside a database that was set aside, until all its readable rows came back. */
const UNFINISHED = ".unfinished";

/** `2026-01-31T09-30-00-000Z`: sorts by time and is a file name everywhere. */
export function fileStamp(now = Date.now()): string {
  return new Date(now).toISOString().replaceAll(":", "-").replace(".", "-");
}

/** Renames a database with what belongs to it. Throws the system's error. */
export function moveDatabase(from: string, to: string): void {
  for (const companion of COMPANIONS) {
    if (existsSync(from + companion)) renameSync(from + companion, to + companion);
  }
}

/** The open ledger: its only read-write connection, with what is prepared for that connection. */
export class Store {
  readonly database: WritableDatabase;
  readonly applier: EntryApplier;
  readonly #identity: FileIdentity;

  private constructor(database: WritableDatabase, identity: FileIdentity) {
    this.database = database;
    this.#identity = identity;
    this.applier = new EntryApplier(database);
  }

  /** `patience` is how long a statement waits for another program's lock. Throws what `openWritable` throws, `StoreMovedError`, or the file system's error. */
  static open(paths: LedgerPaths, patience: number): Store {
    ensurePrivateDirectory(paths.dataDir);
    const before = inodeOf(paths.database);
    const database = openWritable(paths.database, patience);
    try {
      const identity = identify(paths.database);
      // Else the handle may be on the file that was there before.
      if (before !== undefined && before !== identity.inode)
        throw new StoreMovedError(`${paths.database} was replaced while it was opened`);
      return new Store(database, identity);
    } catch (error) {
      database.close();
      throw error;
    }
  }

  /** Throws `StoreMovedError` when another file has taken the ledger's place. */
  assertInPlace(): void {
    assertSameFile(this.#identity);
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

  /** How long a statement waits for another program's lock. */
  setPatience(ms: number): void {
    this.database.pragma(`busy_timeout = ${ms}`);
  }

  close(): void {
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

/** Moves a damaged ledger to `quarantine/`, where nothing deletes it; gives its new path. Throws the system's error. */
export function setAside(paths: LedgerPaths): string {
  ensurePrivateDirectory(paths.quarantine);
  const target = join(paths.quarantine, `ledger-${fileStamp()}.db`);
  // First, so that a crash in between forgets no rows; without its database a mark means nothing.
  closeSync(openSync(target + UNFINISHED, "w", 0o600));
  try {
    moveDatabase(paths.database, target);
  } catch (error) {
    markFinished(target);
    throw error;
  }
  return target;
}

/** Databases that were set aside and whose rows have not all come back. Throws the system's error. */
export function listUnfinished(paths: LedgerPaths): string[] {
  if (!existsSync(paths.quarantine)) return [];
  return readdirSync(paths.quarantine)
    .filter((name) => name.endsWith(UNFINISHED))
    .map((name) => join(paths.quarantine, name.slice(0, -UNFINISHED.length)))
    .filter((file) => existsSync(file));
}

export function markFinished(file: string): void {
  rmSync(file + UNFINISHED, { force: true });
}
