import { join } from "node:path";
import type { Bench } from "../bench.ts";
import type { Host } from "../host.ts";
import { formatCount, formatMiB, formatMs, formatRate, type Line, perSecond } from "../line.ts";
import { spreadOf } from "../percentiles.ts";
import { measureRawLoop } from "../raw-loop.ts";
import { runTask, startTask } from "../task.ts";
import type { PostBodiesTask } from "../tasks/post-bodies.ts";
import type { PostSinglesTask } from "../tasks/post-singles.ts";

const MOST_RECORDS = 500_000;
const PER_BODY = 5_000;
const CONNECTIONS = 2;
const LEAST_RATE = 50_000;
const SINGLES_RATE = 1_000;
const MOST_SINGLE_MS = 20;

/** First the bodies alone, then again with single records beside them, into the same ledger. */
export async function postMessages(bench: Bench): Promise<Line[]> {
  const count = Math.min(MOST_RECORDS, bench.options.records);
  // Room for a warm-up, both runs and the singles, each with records of its own.
  const shape = bench.shape(count * 4);
  const dataDir = join(bench.newFolder("post"), "data");
  const sendBodies = (host: Host, first: number, records: number) =>
    runTask<PostBodiesTask>("post-bodies.ts", {
      url: host.url,
      token: host.token,
      shape,
      first,
      count: records,
      perBody: PER_BODY,
      connections: CONNECTIONS,
    });
  const { rate: limit, commitMs } = await measureRawLoop(bench, count);
  return bench.withHost(dataDir, "POST /messages", async (host) => {
    await sendBodies(host, 0, Math.min(count, 4 * PER_BODY));
    const alone = await sendBodies(host, count, count);
    const singles = startTask<PostSinglesTask>("post-singles.ts", {
      url: host.url,
      token: host.token,
      shape,
      first: 3 * count,
      rate: SINGLES_RATE,
    });
    // What it rejects with is met below.
    singles.result.catch(() => {});
    const beside = await sendBodies(host, 2 * count, count);
    singles.stop();
    // Only those that had the bodies beside them.
    const measured = (await singles.result).filter(
      ({ dueMs }) => dueMs >= beside.startedMs && dueMs < beside.endedMs,
    );
    const spread = spreadOf(measured.map(({ tookMs }) => tookMs));
    const rate = perSecond(count, alone.endedMs - alone.startedMs);
    return [
      {
        name: "`POST /messages` NDJSON",
        figure: `${formatRate(rate)} accepted`,
        target: `${formatCount(LEAST_RATE)}/s`,
        limit: `${formatRate(limit)} raw loop`,
        ratio: rate / limit,
        reached: rate >= LEAST_RATE,
        notes: [
          `${formatCount(count)} records in bodies of ${formatCount(PER_BODY)}, ${formatMiB(alone.bytes)}, ${CONNECTIONS} connections.`,
        ],
      },
      {
        name: "single `POST /messages` beside it",
        figure: `p99 ${formatMs(spread.p99)}`,
        target: `p99 under ${MOST_SINGLE_MS} ms at 1,000/s`,
        limit: `p99 ${formatMs(commitMs.p99)} a commit of one record`,
        ratio: spread.p99 / commitMs.p99,
        reached: spread.p99 < MOST_SINGLE_MS,
        notes: [
          `p50 ${formatMs(spread.p50)}, max ${formatMs(spread.max)} of ${formatCount(spread.count)}, from when each was due.`,
          `NDJSON beside it: ${formatRate(perSecond(count, beside.endedMs - beside.startedMs))} accepted.`,
        ],
      },
    ];
  });
}
