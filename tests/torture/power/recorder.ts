import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { type Round, Skipped } from "../round.ts";

const SOURCE = join(import.meta.dirname, "record-writes.c");
let built: Promise<string> | null = null;

/** What makes a host record its writes: its environment, and where the record is. Throws `Skipped` without a compiler. */
export async function recordWrites(round: Round): Promise<{ env: NodeJS.ProcessEnv; log: string }> {
  built ??= build(join(round.tools, "record-writes.so"));
  const library = await built;
  const log = join(round.folder, "writes.log");
  return {
    env: { LD_PRELOAD: library, WAYBILL_RECORD_ROOT: round.dataDir, WAYBILL_RECORD_LOG: log },
    log,
  };
}

async function build(library: string): Promise<string> {
  if (process.platform !== "linux") throw new Skipped("writes are recorded on Linux only");
  try {
    await promisify(execFile)("gcc", ["-shared", "-fPIC", "-O2", "-o", library, SOURCE, "-ldl", "-lpthread"]);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT")
      throw new Skipped("there is no gcc to build the recorder");
    throw error;
  }
  if (!existsSync(library)) throw new Error("gcc made no recorder");
  return library;
}
