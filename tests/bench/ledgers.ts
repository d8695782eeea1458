import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Shape } from "./data/records.ts";
import { formatCount, formatRate, perSecond } from "./line.ts";
import { runTask } from "./task.ts";
import type { BuildTask } from "./tasks/build.ts";

export type BuiltLedger = {
  dataDir: string;
  shape: Shape;
  /** A sentence about how it was filled. */
  story: string;
};

/** What lies beside a ledger that was kept, so that it can be used again. */
type Kept = { shape: Shape; story: string };

/** Fills a ledger, or takes the one that `--keep` left. Rejects where that is not there or holds other records. */
export async function buildLedger(folder: string, shape: Shape, isReused: boolean): Promise<BuiltLedger> {
  const home = join(folder, `ledger-${shape.records}`);
  const dataDir = join(home, "data");
  const note = join(home, "bench.json");
  if (isReused) {
    if (!existsSync(note)) throw new Error(`There is no ledger of ${shape.records} records in ${folder}.`);
    const kept = JSON.parse(readFileSync(note, "utf8")) as Kept;
    if (kept.shape.seed !== shape.seed)
      throw new Error(`The ledger in ${home} was made with the seed ${kept.shape.seed}.`);
    return { dataDir, ...kept };
  }
  rmSync(home, { recursive: true, force: true });
  mkdirSync(home, { recursive: true });
  console.log(`Filling a ledger with ${formatCount(shape.records)} records.`);
  const { ms, lastMs, changes, catchUpMs } = await runTask<BuildTask>("build.ts", { dataDir, shape });
  const indexed = catchUpMs === null ? "" : `, its search index ${(catchUpMs / 1_000).toFixed(1)} s later`;
  const story = [
    `${formatCount(shape.records)} records and ${formatCount(changes)} later status changes in`,
    `${(ms / 1_000).toFixed(1)} s${indexed}; the last tenth at ${formatRate(perSecond(shape.records / 10, lastMs))}`,
  ].join(" ");
  console.log(`    ${story}`);
  const kept: Kept = { shape, story };
  writeFileSync(note, JSON.stringify(kept));
  return { dataDir, ...kept };
}
