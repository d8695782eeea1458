import { closeSync, existsSync, openSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ensurePrivateDirectory, type LedgerPaths } from "../data-dir.ts";
import { fileNameTime, moveDatabase } from "./database-files.ts";

/** Beside a database that was set aside, until all its readable rows came back. */
const UNFINISHED = ".unfinished";

/** Moves a damaged ledger to `quarantine/`, where nothing deletes it; gives its new path. Throws the system's error. */
export function setAside(paths: LedgerPaths): string {
  ensurePrivateDirectory(paths.quarantine);
  const target = join(paths.quarantine, `ledger-${fileNameTime()}.db`);
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
