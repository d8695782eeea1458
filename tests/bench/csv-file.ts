import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Bench } from "./bench.ts";
import { run, runWaybill } from "./programs.ts";

/** The records of the ledger nearest to a million as a CSV file, exported when first asked for. */
export async function csvFile(bench: Bench): Promise<string> {
  const { dataDir, shape } = await bench.million();
  const file = join(dataDir, "..", `messages-${shape.records}.csv`);
  if (!existsSync(file))
    await runWaybill(["export", "--format", "csv", "--out", file, "--data-dir", dataDir]);
  return file;
}

/** Lines, and how long `wc -l` takes for them: nothing reads a file faster. */
export async function countLines(file: string): Promise<{ lines: number; ms: number }> {
  const { stdout, ms } = await run("wc", ["-l", file]);
  return { lines: Number.parseInt(stdout, 10), ms };
}
