import { chmodSync, mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** Only the owner may look into what an operator's systems send. */
const PRIVATE_DIRECTORY = 0o700;

function platformDataDir(): string {
  switch (process.platform) {
    case "darwin":
      return join(homedir(), "Library", "Application Support", "Waybill");
    case "win32":
      return join(process.env.LOCALAPPDATA ?? join(homedir(), "AppData", "Local"), "Waybill");
    default:
      return join(process.env.XDG_DATA_HOME || join(homedir(), ".local", "share"), "waybill");
  }
}

/** The argument, else `WAYBILL_DATA_DIR`, else the platform's per-user folder; always absolute. */
export function resolveDataDir(dataDir?: string): string {
  return resolve(dataDir || process.env.WAYBILL_DATA_DIR || platformDataDir());
}

/** Makes the folder, and makes it private where it was not. Throws the file system's error. */
export function ensurePrivateDirectory(path: string): void {
  if (mkdirSync(path, { recursive: true, mode: PRIVATE_DIRECTORY }) !== undefined) return;
  // An existing folder may belong to someone who opened it to a group on purpose or by a umask;
  // one that is not ours to change is still usable.
  try {
    chmodSync(path, PRIVATE_DIRECTORY);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") throw error;
  }
}

export type LedgerPaths = {
  dataDir: string;
  database: string;
  spool: string;
  backups: string;
  quarantine: string;
};

export function ledgerPaths(dataDir: string): LedgerPaths {
  return {
    dataDir,
    database: join(dataDir, "ledger.db"),
    spool: join(dataDir, "spool"),
    backups: join(dataDir, "backups"),
    quarantine: join(dataDir, "quarantine"),
  };
}
