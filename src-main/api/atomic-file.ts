import { randomUUID } from "node:crypto";
import { link, open, rename, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";

/** What only the owner may read: settings, tokens, reports. */
export const PRIVATE_FILE = 0o600;

async function writeSynced(directory: string, text: string): Promise<string> {
  const path = join(directory, `.${randomUUID()}.tmp`);
  const file = await open(path, "wx", PRIVATE_FILE);
  try {
    await file.writeFile(text);
    await file.sync();
  } catch (error) {
    await file.close();
    await unlink(path);
    throw error;
  }
  await file.close();
  return path;
}

/** Puts a private file in place whole or not at all, replacing one that is there. Throws the system's error. */
export async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = await writeSynced(dirname(path), text);
  try {
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary);
    throw error;
  }
}

/** As `replaceFile`, but of several that try at once exactly one succeeds: the others throw `EEXIST`. */
export async function createFile(path: string, text: string): Promise<void> {
  const temporary = await writeSynced(dirname(path), text);
  try {
    // A link, unlike a rename, never takes the place of what is there.
    await link(temporary, path);
  } finally {
    await unlink(temporary);
  }
}

export function errnoOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | null)?.code;
}
