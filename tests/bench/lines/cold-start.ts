import { dirname } from "node:path";
import type { Bench } from "../bench.ts";
import { forgetFiles } from "../file-cache.ts";
import { Host } from "../host.ts";
import { formatCount, formatMs, type Line } from "../line.ts";
import { spreadOf } from "../percentiles.ts";
import { CLI } from "../product.ts";
import { run } from "../programs.ts";

const WARM_ROUNDS = 5;
const COLD_ROUNDS = 3;
const MOST_MS = 500;

type Start = { listeningMs: number; answeredMs: number };

/** From the start of the process to the line that says it listens; then to the first figures of a page. */
export async function coldStart(bench: Bench): Promise<Line[]> {
  const { dataDir, shape } = await bench.big();
  const size = `a ledger of ${formatCount(shape.records)}`;
  // What any program on Node needs.
  const bare = await run(process.execPath, ["-e", "0"]);
  await startOnce(dataDir);
  const warm: Start[] = [];
  for (let round = 0; round < WARM_ROUNDS; round += 1) warm.push(await startOnce(dataDir));
  let how = "";
  const cold: Start[] = [];
  for (let round = 0; round < COLD_ROUNDS; round += 1) {
    how = await forgetFiles([dataDir, dirname(CLI)]);
    cold.push(await startOnce(dataDir));
  }
  const limit = `${formatMs(bare.ms)} \`node -e 0\``;
  return [
    toLine(`cold start with ${size}`, warm, { limit, bareMs: bare.ms, how: "files in the cache" }),
    toLine(`cold start with ${size}, from the disk`, cold, { limit: null, bareMs: null, how }),
  ];
}

async function startOnce(dataDir: string): Promise<Start> {
  const started = performance.now();
  const host = await Host.start(dataDir, { isWatched: false });
  try {
    await host.call("stats.quick", {});
    return { listeningMs: host.listeningMs, answeredMs: performance.now() - started };
  } finally {
    await host.stop();
  }
}

type Around = { limit: string | null; bareMs: number | null; how: string };

function toLine(name: string, starts: readonly Start[], { limit, bareMs, how }: Around): Line {
  const listening = spreadOf(starts.map(({ listeningMs }) => listeningMs));
  const answered = spreadOf(starts.map(({ answeredMs }) => answeredMs));
  return {
    name,
    figure: formatMs(listening.max),
    target: `under ${MOST_MS} ms`,
    limit,
    ratio: bareMs === null ? null : listening.max / bareMs,
    reached: listening.max < MOST_MS,
    notes: [
      `The slowest of ${starts.length}, ${how}; p50 ${formatMs(listening.p50)}; first figures after ${formatMs(answered.max)}.`,
    ],
  };
}
