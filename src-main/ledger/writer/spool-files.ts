import { existsSync, readdirSync, renameSync, rmSync, statSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { mayBeAlive } from "./may-be-alive.ts";

const SPOOL_FILE = /^(\d{15})-(\d+)-([0-9a-f]{8})-([0-9a-f]{8})\.ndjson$/;
/** The process id in the name of a file whose writer has closed. */
const NOBODY = 0;
/** A living writer touches its files many times in this; it matters where process ids tell nothing. */
const STALE_MS = 15_000;

export type SpoolFile = {
  path: string;
  directory: string;
  /** Stays the same when the file changes hands. */
  key: string;
  created: number;
  pid: number;
  owner: string;
  touched: number;
};

/** Sorts by time and tells whose the file is. */
export function spoolName(created: number, pid: number, owner: string, unique: string): string {
  return `${String(created).padStart(15, "0")}-${pid}-${owner}-${unique}.ndjson`;
}

/** The spool's files, oldest first; none where there is no such folder. Throws the system's error. */
export function listSpool(directory: string): SpoolFile[] {
  if (!existsSync(directory)) return [];
  const files: SpoolFile[] = [];
  for (const name of readdirSync(directory).sort()) {
    const [, created, pid, owner, unique] = SPOOL_FILE.exec(name) ?? [];
    if (created === undefined || owner === undefined || unique === undefined) continue;
    const path = join(directory, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    files.push({
      path,
      directory,
      key: `${created}-${unique}`,
      created: Number(created),
      pid: Number(pid),
      owner,
      touched: stat.mtimeMs,
    });
  }
  return files;
}

/**
 * Whether nobody will replay a file of another writer. A wrong guess does no harm: taking it over
 * is a rename, which its writer notices before it tells anyone that something was accepted.
 */
export function isAbandoned({ pid, created, touched }: SpoolFile, now = Date.now()): boolean {
  if (pid === NOBODY || now - touched > STALE_MS) return true;
  // Our own number may have been that of a process before us, as in a container.
  if (pid === process.pid) return created < now - process.uptime() * 1000;
  return !mayBeAlive(pid);
}

/** Takes a file over; null where someone was faster, or the folder can't be written. */
export function takeOver(file: SpoolFile, owner: string): SpoolFile | null {
  return rename(file, process.pid, owner);
}

/** Leaves a file to whoever comes next. */
export function release(file: SpoolFile): void {
  rename(file, NOBODY, file.owner);
}

function rename(file: SpoolFile, pid: number, owner: string): SpoolFile | null {
  const unique = file.key.split("-")[1] ?? "";
  const path = join(file.directory, spoolName(file.created, pid, owner, unique));
  try {
    renameSync(file.path, path);
    return touch({ ...file, path, pid, owner });
  } catch {
    return null;
  }
}

/** Shows that the file's owner lives. */
export function touch(file: SpoolFile): SpoolFile {
  const now = new Date();
  try {
    utimesSync(file.path, now, now);
  } catch {
    // Taken over or out of reach: the next look at the folder tells.
  }
  return { ...file, touched: now.getTime() };
}

export function removeSpoolFile(path: string): void {
  rmSync(path, { force: true });
}
