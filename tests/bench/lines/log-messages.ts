import { join } from "node:path";
import type { Bench } from "../bench.ts";
import { formatCount, formatRate, type Line, perSecond } from "../line.ts";
import { median } from "../percentiles.ts";
import { measureRawLoop } from "../raw-loop.ts";
import { runTask } from "../task.ts";
import type { FloodTask } from "../tasks/flood.ts";

const MOST_RECORDS = 500_000;
const ROUNDS = 3;
const SHARE = 0.6;
/** Where the raw loop reaches the second, Waybill never falls below the first. */
const FLOOR = { waybill: 100_000, rawLoop: 250_000 };

/** In turns, so that both meet the same machine. */
export async function logMessages(bench: Bench): Promise<Line[]> {
  const count = Math.min(MOST_RECORDS, bench.options.records);
  const shape = bench.shape(count);
  const raw: number[] = [];
  const flood: number[] = [];
  let catchUpMs: number | null = null;
  for (let round = 0; round < ROUNDS; round += 1) {
    raw.push((await measureRawLoop(bench, count)).rate);
    const dataDir = join(bench.newFolder("flood"), "data");
    const result = await runTask<FloodTask>("flood.ts", { dataDir, shape, count });
    flood.push(perSecond(count, result.ms));
    catchUpMs = result.catchUpMs;
  }
  const rate = median(flood);
  const limit = median(raw);
  const ratio = rate / limit;
  return [
    {
      name: "`logMessages` in process",
      figure: formatRate(rate),
      target: `${SHARE} of the raw loop; 100,000/s where that does 250,000/s`,
      limit: `${formatRate(limit)} raw loop`,
      ratio,
      reached: ratio >= SHARE && (limit < FLOOR.rawLoop || rate >= FLOOR.waybill),
      notes: [
        `Lists of 1,000, eight in flight, ${formatCount(count)} records; medians of ${ROUNDS} rounds in turns.`,
        `Rounds: Waybill ${flood.map(formatRate).join(", ")}; raw loop ${raw.map(formatRate).join(", ")}.`,
        catchUpMs === null
          ? "The ledger does not tell when its search index is complete."
          : `The search index was complete ${(catchUpMs / 1_000).toFixed(1)} s after the last record.`,
      ],
    },
  ];
}
