import { open, stat, unlink } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import { errnoOf, PRIVATE_FILE } from "./atomic-file.ts";

const RETRY_MS = 15;
/** Whoever holds the lock writes one small file: what is older was left behind by a process that died. */
const STALE_MS = 5_000;

/**
 * Runs while no other process that asks for the same lock does; `path` is the lock's own file. Throws
 * what `run` throws, or the system's error where the lock can't be made.
 */
export async function withFileLock<T>(path: string, run: () => Promise<T>): Promise<T> {
  while (!(await tryLock(path))) {
    await removeStale(path);
    await pause(RETRY_MS);
  }
  try {
    return await run();
  } finally {
    await removeIfThere(path);
  }
}

async function tryLock(path: string): Promise<boolean> {
  try {
    const file = await open(path, "wx", PRIVATE_FILE);
    await file.close();
    return true;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    throw error;
  }
}

async function removeStale(path: string): Promise<void> {
  const found = await stat(path).catch(() => null);
  // A clock that was set back makes a file of the future, which would never grow old.
  if (found !== null && Math.abs(Date.now() - found.mtimeMs) > STALE_MS) await removeIfThere(path);
}

async function removeIfThere(path: string): Promise<void> {
  await unlink(path).catch((error: unknown) => {
    if (errnoOf(error) !== "ENOENT") throw error;
  });
}
