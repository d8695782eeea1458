import { join } from "node:path";
import type { Bench } from "./bench.ts";
import { perSecond } from "./line.ts";
import type { Spread } from "./percentiles.ts";
import { runTask } from "./task.ts";
import type { RawLoopTask } from "./tasks/raw-loop.ts";

/** What the disk and SQLite do at most: records a second in transactions of 1,000, and the time of one with one. */
export async function measureRawLoop(
  bench: Bench,
  count: number,
): Promise<{ rate: number; commitMs: Spread }> {
  const file = join(bench.newFolder("raw"), "bare.db");
  const { ms, commitMs } = await runTask<RawLoopTask>("raw-loop.ts", {
    file,
    shape: bench.shape(count),
    count,
  });
  return { rate: perSecond(count, ms), commitMs };
}
