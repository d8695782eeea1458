import { statSync } from "node:fs";
import Database from "better-sqlite3";
import { assertNotNewer, latestVersion, migrate, schemaVersion } from "./migrate.ts";
import { StoreMovedError } from "./sqlite-errors.ts";
import { assertLogNotAway } from "./writer/wal-file.ts";

export type ReadableDatabase = Database.Database & { readonly __readable?: true };
/** Branded, so that what only reads can't be handed the writer's connection by mistake, nor the reverse. */
export type WritableDatabase = Database.Database & { readonly __writable: true };

/** Up to 3.51.2 two connections could corrupt a WAL that both reset at the same moment. */
const OLDEST_SQLITE = [3, 51, 3] as const;
/** Long enough for another Waybill's commit, short enough that a caller does not notice. */
export const BUSY_TIMEOUT_MS = 1_000;
const CACHE_KIB = 64 * 1024;
const READER_CACHE_KIB = 32 * 1024;

export function assertSqliteVersion(version: string): void {
  const parts = version.split(".").map(Number);
  for (const [index, oldest] of OLDEST_SQLITE.entries()) {
    const part = parts[index] ?? 0;
    if (part > oldest) return;
    if (part < oldest) {
      throw new Error(
        `SQLite ${version} can corrupt a shared ledger; Waybill needs ${OLDEST_SQLITE.join(".")} or later.`,
      );
    }
  }
}

/**
 * Opens the ledger for its one writer, makes or migrates it, and proves it with a read.
 * Throws SQLite's error, `NewerLedgerError`, or an error about the SQLite version.
 */
export function openWritable(file: string, timeout = BUSY_TIMEOUT_MS): WritableDatabase {
  const database = new Database(file, { timeout }) as unknown as WritableDatabase;
  try {
    assertSqliteVersion(String(database.prepare("SELECT sqlite_version()").pluck().get()));
    // No commit moves the log into the file: see writer/checkpointer.ts. Of a log that lost its end, it would do so
    // over newer pages.
    database.pragma("wal_autocheckpoint = 0");
    // Before anything that could change the file.
    assertNotNewer(database);
    // Before the first table, or it has no effect but a commit: lets deleted pages go back to the disk in small steps.
    if (database.pragma("page_count", { simple: true }) === 0) database.pragma("auto_vacuum = INCREMENTAL");
    database.pragma("journal_mode = WAL");
    // FULL: a commit is on the disk when it returns. It is what "accepted" means.
    database.pragma("synchronous = FULL");
    database.pragma("foreign_keys = ON");
    database.pragma(`cache_size = -${CACHE_KIB}`);
    database.pragma("temp_store = MEMORY");
    database.pragma("checkpoint_fullfsync = ON");
    migrate(database);
    database.prepare("SELECT seq FROM message_logs ORDER BY seq DESC LIMIT 1").get();
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

/** Opens an existing ledger for reading only. Throws SQLite's error, `NewerLedgerError` or `LogAwayError`. */
export function openReadable(file: string): ReadableDatabase {
  assertLogNotAway(file);
  const database = new Database(file, { readonly: true, fileMustExist: true, timeout: BUSY_TIMEOUT_MS });
  try {
    assertNotNewer(database);
    // One that its writer is still making, or bringing to the present version.
    if (schemaVersion(database) < latestVersion()) throw new StoreMovedError(`${file} is not ready yet`);
    database.pragma(`cache_size = -${READER_CACHE_KIB}`);
    database.pragma("temp_store = MEMORY");
    database.pragma("query_only = ON");
    database.prepare("SELECT seq FROM message_logs ORDER BY seq DESC LIMIT 1").get();
  } catch (error) {
    database.close();
    throw error;
  }
  return database;
}

/** Which file a handle has open: a restore or a quarantine puts another one in its place. */
export type FileIdentity = { file: string; inode: bigint };

/** Throws the system's error where there is no such file. */
export function identify(file: string): FileIdentity {
  return { file, inode: statSync(file, { bigint: true }).ino };
}

/** Undefined where there is no such file. Throws the system's error. */
export function inodeOf(file: string): bigint | undefined {
  return statSync(file, { bigint: true, throwIfNoEntry: false })?.ino;
}

/** Throws `StoreMovedError` when the path no longer leads to the file that was opened. */
export function assertSameFile({ file, inode }: FileIdentity): void {
  if (inodeOf(file) !== inode) throw new StoreMovedError(`${file} is no longer the file that was opened`);
}
