import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { run } from "./programs.ts";

const DROP_ALL = "3\n";

/**
 * Makes the system forget what it has read of these folders, so that the next start reads from the disk. The whole
 * cache where that is permitted, else the folders' own files; the answer says which.
 */
export async function forgetFiles(folders: readonly string[]): Promise<string> {
  await run("sync", []);
  try {
    writeFileSync("/proc/sys/vm/drop_caches", DROP_ALL);
    return "the whole file cache dropped";
  } catch {
    for (const folder of folders) {
      for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
        if (entry.isFile())
          await run("dd", [`if=${join(entry.parentPath, entry.name)}`, "iflag=nocache", "count=0"]);
      }
    }
    return "the ledger's and the program's files dropped from the cache";
  }
}
