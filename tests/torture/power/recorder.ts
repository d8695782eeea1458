import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";
import { HarnessError, type Round, Skipped } from "../round.ts";

const SOURCE = join(import.meta.dirname, "record-writes.c");
let built: Promise<string> | null = null;

/** As in `record-writes.c`: whether a call is under way, and whether no further one may begin. */
const GATE = { size: 8, busy: 0, shut: 4 };
/** A sync of a slow disk takes no longer. */
const LONGEST_CALL_MS = 20_000;

export type Recording = {
  /** What makes a host record its writes. */
  env: NodeJS.ProcessEnv;
  /** The file of the record. */
  log: string;
  /** Lets the host write no more, once all that it wrote is recorded; it must be killed then. */
  stop: () => Promise<void>;
};

/** Throws `Skipped` without a compiler. */
export async function recordWrites(round: Round): Promise<Recording> {
  built ??= build(join(round.tools, "record-writes.so"));
  const library = await built;
  const log = join(round.folder, "writes.log");
  const gate = join(round.folder, "writes.gate");
  await writeFile(gate, Buffer.alloc(GATE.size));
  return {
    env: {
      LD_PRELOAD: library,
      WAYBILL_RECORD_ROOT: round.dataDir,
      WAYBILL_RECORD_LOG: log,
      WAYBILL_RECORD_GATE: gate,
    },
    log,
    stop: () => shut(gate),
  };
}

async function shut(gate: string): Promise<void> {
  const file = await open(gate, "r+");
  try {
    await file.write(Buffer.from([1]), 0, 1, GATE.shut);
    for (const until = performance.now() + LONGEST_CALL_MS; performance.now() < until; ) {
      const { buffer } = await file.read(Buffer.alloc(1), 0, 1, GATE.busy);
      if (buffer[0] === 0) return;
      await pause(1);
    }
  } finally {
    await file.close();
  }
  throw new HarnessError(`a recorded call did not end in ${LONGEST_CALL_MS / 1_000} s`);
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
