import { open } from "node:fs/promises";

/** Makes renames in a folder survive a loss of power. Throws the system's error. */
export async function syncDirectory(directory: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(directory, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
