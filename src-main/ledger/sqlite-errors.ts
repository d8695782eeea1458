import { SqliteError } from "better-sqlite3";
import { WaybillError } from "../../src-shared/errors.ts";

/**
 * What a failure means for the record in hand. `busy`, `full`, `readonly`, `io` and `gone` are
 * the store's trouble: the record goes to the spool. `corrupt` sets the file aside. `row` is the
 * record's own fault. `bug` is ours.
 */
export type StoreTrouble = "busy" | "full" | "readonly" | "io" | "gone" | "corrupt" | "row" | "newer" | "bug";

const BY_CODE: readonly (readonly [prefix: string, trouble: StoreTrouble])[] = [
  ["SQLITE_BUSY", "busy"],
  ["SQLITE_LOCKED", "busy"],
  ["SQLITE_PROTOCOL", "busy"],
  ["SQLITE_FULL", "full"],
  ["SQLITE_READONLY_DBMOVED", "gone"],
  ["SQLITE_READONLY", "readonly"],
  ["SQLITE_PERM", "readonly"],
  ["SQLITE_CANTOPEN", "gone"],
  ["SQLITE_CORRUPT", "corrupt"],
  ["SQLITE_NOTADB", "corrupt"],
  ["SQLITE_IOERR_CORRUPTFS", "corrupt"],
  ["SQLITE_IOERR", "io"],
  ["SQLITE_NOMEM", "io"],
  ["SQLITE_CONSTRAINT", "row"],
  ["SQLITE_TOOBIG", "row"],
  ["SQLITE_MISMATCH", "row"],
  ["SQLITE_RANGE", "row"],
];

const SYSTEM_CODES: Readonly<Record<string, StoreTrouble>> = {
  ENOSPC: "full",
  EDQUOT: "full",
  EROFS: "readonly",
  EACCES: "readonly",
  EPERM: "readonly",
  ENOENT: "gone",
  ENOTDIR: "gone",
  EIO: "io",
  EMFILE: "io",
  ENFILE: "io",
};

/** The store's file was moved or replaced under its handle, by a restore or by hand. */
export class StoreMovedError extends Error {
  override readonly name: string = "StoreMovedError";
}

/** The write-ahead log is not where it was while the database is in use: opening the database now would begin a second one. */
export class LogAwayError extends StoreMovedError {
  override readonly name = "LogAwayError";
}

/** The log beside the database is not what was written and synced: records in it would be lost without a word. */
export class DamagedLogError extends Error {
  override readonly name = "DamagedLogError";
}

/** SQLite read a row without an error, and it is not what was written. */
export class DamagedRowError extends Error {
  override readonly name = "DamagedRowError";
}

/** The ledger was written by a later Waybill; it must be left as it is. */
export class NewerLedgerError extends Error {
  override readonly name = "NewerLedgerError";
}

/** Sorts any thrown value; what is neither SQLite's nor the system's is a bug of ours. */
export function classifyTrouble(error: unknown): StoreTrouble {
  if (error instanceof StoreMovedError) return "gone";
  if (error instanceof NewerLedgerError) return "newer";
  if (error instanceof DamagedLogError || error instanceof DamagedRowError) return "corrupt";
  if (error instanceof SqliteError) {
    const { code } = error;
    return BY_CODE.find(([prefix]) => code.startsWith(prefix))?.[1] ?? "bug";
  }
  const code = (error as NodeJS.ErrnoException | null)?.code;
  // better-sqlite3 reports a missing directory as a TypeError without a code.
  if (error instanceof TypeError && /directory does not exist/.test(error.message)) return "gone";
  return (code === undefined ? undefined : SYSTEM_CODES[code]) ?? "bug";
}

/** The log is shorter than what connections to the database know of it: only from the log is a short read an error. */
export function isShortLog(error: unknown): boolean {
  return error instanceof SqliteError && error.code === "SQLITE_IOERR_SHORT_READ";
}

/** The words of the search index contradict each other, which says nothing about the records. */
export function isIndexDamage(error: unknown): boolean {
  return error instanceof SqliteError && error.code === "SQLITE_CORRUPT_VTAB";
}

const SENTENCES: Readonly<Record<StoreTrouble, string>> = {
  busy: "Another program holds the database's write lock. Records wait in the spool; close that program if it stays.",
  full: "The disk is full. Free some space; Waybill goes on by itself.",
  readonly: "The data folder can't be written. Give its owner write permission, or mount it read-write.",
  io: "The disk answers with errors. Check the disk; records wait in the spool.",
  gone: "The database file is not where it was or can't be opened. Put it back; or, to begin a new one, start Waybill again.",
  corrupt: "The database is damaged. Run a repair: it keeps the damaged file and brings its records back.",
  newer: "This ledger was written by a newer Waybill. Update Waybill, or use another --data-dir.",
  row: "The record breaks a rule of the database.",
  bug: "Waybill met an error it did not expect; the system log has the details.",
};

/** What the operator is told, and what to do. */
export function troubleSentence(trouble: StoreTrouble): string {
  return SENTENCES[trouble];
}

/** What a caller is told when the store can't do something now; the trouble stays with it, see `troubleOf`. */
export function unavailableError(trouble: StoreTrouble, cause: unknown): WaybillError {
  return new WaybillError("unavailable", troubleSentence(trouble), { details: { trouble }, cause });
}

/** The store's trouble as `unavailable`; our own errors, and what only a mistake of ours explains, as they are. */
export function toCallerError(error: unknown): unknown {
  if (error instanceof WaybillError) return error;
  const trouble = classifyTrouble(error);
  return trouble === "bug" || trouble === "row" ? error : unavailableError(trouble, error);
}

/** The store's trouble behind an error that came from one of the ledger's threads. */
export function troubleOf(error: unknown): StoreTrouble | undefined {
  if (!(error instanceof WaybillError)) return undefined;
  return (error.details as { trouble?: StoreTrouble } | undefined)?.trouble;
}
