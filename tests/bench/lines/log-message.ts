import { join } from "node:path";
import type { Bench } from "../bench.ts";
import { formatMs, type Line } from "../line.ts";
import { measureRawLoop } from "../raw-loop.ts";
import { runTask } from "../task.ts";
import type { PacedTask } from "../tasks/paced.ts";

const RATE = 5_000;
const SECONDS = 10;
const COMMITS = 1_000;
const MOST_CALL_US = 50;
const MOST_ACCEPTED_MS = 15;

/** One call at a time, as a program logs that goes about its work. */
export async function logMessage(bench: Bench): Promise<Line[]> {
  const dataDir = join(bench.newFolder("paced"), "data");
  const shape = bench.shape(RATE * SECONDS * 2);
  const { callUs, acceptedMs } = await runTask<PacedTask>("paced.ts", {
    dataDir,
    shape,
    rate: RATE,
    seconds: SECONDS,
  });
  const { commitMs } = await measureRawLoop(bench, COMMITS);
  const us = (figure: number): string => `${figure.toFixed(1)} µs`;
  return [
    {
      name: "`logMessage` on the caller's thread",
      figure: `p99 ${us(callUs.p99)}`,
      target: `p99 under ${MOST_CALL_US} µs`,
      limit: null,
      ratio: null,
      reached: callUs.p99 < MOST_CALL_US,
      notes: [`p50 ${us(callUs.p50)}, max ${us(callUs.max)}; ${callUs.count} calls at 5,000/s, without ids.`],
    },
    {
      name: "`logMessage` until accepted",
      figure: `p99 ${formatMs(acceptedMs.p99)}`,
      target: `p99 under ${MOST_ACCEPTED_MS} ms at 5,000/s`,
      limit: `p99 ${formatMs(commitMs.p99)} a commit of one record`,
      ratio: acceptedMs.p99 / commitMs.p99,
      reached: acceptedMs.p99 < MOST_ACCEPTED_MS,
      notes: [`p50 ${formatMs(acceptedMs.p50)}, max ${formatMs(acceptedMs.max)}.`],
    },
  ];
}
