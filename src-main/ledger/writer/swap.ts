import { renameSync, rmSync } from "node:fs";
import type { LedgerPaths } from "../data-dir.ts";
import { moveDatabase } from "./store.ts";
import type { Writer } from "./writer.ts";

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
