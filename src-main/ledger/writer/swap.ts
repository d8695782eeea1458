import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { LedgerPaths } from "../data-dir.ts";
import { StoreMovedError } from "../sqlite-errors.ts";
import { COMPANIONS, moveDatabase } from "./database-files.ts";
import type { Writer } from "./writer.ts";

const INCOMING = ".restoring-";
/** A swap that another process is at is over long before. */
const UNDER_WAY_MS = 2_000;

/** Where a restore puts the database that comes and the one that goes: of one stamp, so that they are known to belong together. */
export function swapFiles(paths: LedgerPaths, stamp: string): { incoming: string; kept: string } {
  return {
    incoming: join(paths.dataDir, `${INCOMING}${stamp}.db`),
    kept: join(paths.backups, `before-restore-${stamp}.db`),
  };
}

/**
 * A swap that was cut short between its renames has left no ledger, and both databases: the one that was there is put
 * back, as nobody was told that it was replaced. Gives its path meanwhile, or null where there is nothing to undo. Throws
 * `StoreMovedError` where another process may be at it just now, or the system's error.
 */
export function undoInterruptedSwap(paths: LedgerPaths): string | null {
  if (existsSync(paths.database) || !existsSync(paths.dataDir)) return null;
  for (const name of readdirSync(paths.dataDir)) {
    if (!name.startsWith(INCOMING) || !name.endsWith(".db")) continue;
    const { incoming, kept } = swapFiles(paths, name.slice(INCOMING.length, -".db".length));
    const found = statSync(kept, { throwIfNoEntry: false });
    if (found === undefined) continue;
    if (Date.now() - found.ctimeMs < UNDER_WAY_MS)
      throw new StoreMovedError(`${paths.database} is being replaced`);
    // Its companions may still be where they were.
    moveDatabase(kept, paths.database);
    for (const companion of COMPANIONS) rmSync(incoming + companion, { force: true });
    return kept;
  }
  return null;
}

/**
 * Puts another database in the ledger's place and keeps the one that was there. Under the write
 * lock, so that no process commits between the renames; one that has the old file open sees at
 * its next commit that it was moved, and commits to the new one. Throws SQLite's or the system's
 * error; the ledger is as it was then.
 */
export function swapDatabase(writer: Writer, paths: LedgerPaths, incoming: string, kept: string): void {
  const database = writer.store?.database;
  const before = writer.store?.applier.chainHead() ?? null;
  // With no sound database open there is no lock to take, and nobody can commit to it either.
  database?.pragma("wal_checkpoint(TRUNCATE)");
  database?.exec("BEGIN IMMEDIATE");
  try {
    moveDatabase(paths.database, kept);
    try {
      // A process that starts at this very moment may have begun a log here, which is not the new database's.
      for (const companion of ["-wal", "-shm"]) rmSync(paths.database + companion, { force: true });
      renameSync(incoming, paths.database);
    } catch (error) {
      moveDatabase(kept, paths.database);
      throw error;
    }
  } finally {
    if (database?.inTransaction) database.exec("ROLLBACK");
  }
  writer.releaseStore();
  const end =
    before === null ? "" : ` The ledger before it ended with group ${before.group}, ${before.sha256}.`;
  writer.note(`A backup was restored.${end}`);
}
