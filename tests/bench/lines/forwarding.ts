import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { SinkStatus, SyncStatus } from "../../../src-shared/contract/sync.ts";
import type { SinkName } from "../../../src-shared/contract/sync-counts.ts";
import { hasPostgres, startPostgres } from "../../support/postgres.ts";
import { startProject } from "../../support/postgrest/project.ts";
import { hasRabbitMq, startRabbitMq } from "../../support/rabbitmq.ts";
import { startTcpProxy } from "../../support/tcp-proxy.ts";
import type { Bench } from "../bench.ts";
import type { Host } from "../host.ts";
import { formatCount, formatRate, type Line, perSecond } from "../line.ts";
import { runTask } from "../task.ts";
import type { PostBodiesTask } from "../tasks/post-bodies.ts";
import type { PublishLoopTask } from "../tasks/publish-loop.ts";

const MOST_RECORDS = 50_000;
const PER_BODY = 5_000;
/** So many times as many are logged with and without a sink, so that the start of the host counts for little. */
const LOGGED = 4;
const LEAST_SHARE = 0.8;
/** Logging with a sink beside it, in a noisy run. */
const LEAST_LOGGING = 0.95;
/** Asking more often would itself slow the host. */
const ASK_MS = 100;
const DRAIN_MS = 300_000;
/** Whoever was offline has made its search index by the time it is online again. */
const INDEXED_MS = 4_000;

type Sample = { ms: number; delivered: number };

/** Logged while the broker is out of reach, then drained; and logging with the broker there. */
export async function forwarding(bench: Bench): Promise<Line[]> {
  if (!hasRabbitMq || !hasPostgres) throw new Error("RabbitMQ or PostgreSQL is not installed");
  const count = Math.min(MOST_RECORDS, bench.options.records);
  const broker = await startRabbitMq();
  const proxy = await startTcpProxy(broker.port);
  const postgres = await startPostgres();
  try {
    const shape = bench.shape(LOGGED * count);
    const post = async (host: Host, records: number): Promise<number> => {
      const { startedMs, endedMs } = await runTask<PostBodiesTask>("post-bodies.ts", {
        url: host.url,
        token: host.token,
        shape,
        first: 0,
        count: records,
        perBody: PER_BODY,
        connections: 2,
      });
      return perSecond(records, endedMs - startedMs);
    };
    const at = (port: number): Record<string, string> => ({
      RABBITMQ_URL: broker.url.replace(`:${broker.port}`, `:${port}`),
    });

    proxy.faults.refuse = true;
    const drained = await withHost(bench, at(proxy.port), async (host) => {
      await post(host, count);
      await pause(INDEXED_MS);
      proxy.faults.refuse = false;
      await host.call("sync.retry", { sink: "rabbitmq" });
      return rateOf(await watchDrain(host, "rabbitmq"));
    });
    for (const queue of ["message_storage", "message_processing"]) await broker.control("purge_queue", queue);
    const bare = await runTask<PublishLoopTask>("publish-loop.ts", {
      host: "127.0.0.1",
      // The way that the drained ones go, too.
      port: proxy.port,
      user: broker.user,
      shape,
      count,
    });

    const project = await startProject(postgres);
    const env = { SUPABASE_URL: project.options.url, SUPABASE_KEY: project.options.key };
    const upserted = await withHost(bench, env, async (host) => {
      await host.call("sync.pause", { sink: "supabase" });
      await post(host, count);
      await host.call("sync.resume", { sink: "supabase" });
      return rateOf(await watchDrain(host, "supabase"));
    }).finally(() => project.stop());

    const alone = await withHost(bench, {}, (host) => post(host, LOGGED * count));
    const beside = await withHost(bench, at(broker.port), (host) => post(host, LOGGED * count));
    const limit = perSecond(count, bare.ms);
    return [
      {
        name: `RabbitMQ: ${formatCount(count)} logged offline, then drained`,
        figure: `${formatRate(drained)} confirmed`,
        target: `${LEAST_SHARE} of the bare loop`,
        limit: `${formatRate(limit)} rabbitmq-client in a bare loop`,
        ratio: drained / limit,
        reached: drained >= LEAST_SHARE * limit,
        notes: [
          "Both queues are quorum queues; the loop has the same window, bodies and topology, and nothing else to do.",
        ],
      },
      {
        name: `Supabase: ${formatCount(count)} drained`,
        figure: formatRate(upserted),
        target: "",
        limit: null,
        ratio: null,
        reached: null,
        notes: [
          "A double of PostgREST over a real PostgreSQL on the same two cores, which do most of the work.",
        ],
      },
      {
        name: "`POST /messages` NDJSON while RabbitMQ gets it",
        figure: `${formatRate(beside)} accepted`,
        target: "no slower than without sync",
        limit: `${formatRate(alone)} without sync`,
        ratio: beside / alone,
        reached: beside >= LEAST_LOGGING * alone,
        notes: [
          "The broker and the host share the two cores with the client that posts; a relay sends little while more comes in than can go out.",
        ],
      },
    ];
  } finally {
    await Promise.all([proxy.stop(), broker.stop(), postgres.stop()]);
  }
}

function withHost<T>(bench: Bench, env: NodeJS.ProcessEnv, work: (host: Host) => Promise<T>): Promise<T> {
  const dataDir = join(bench.newFolder("forwarding"), "data");
  return bench.withHost(dataDir, "forwarding", work, env);
}

/** What was delivered by when, until nothing waits. */
async function watchDrain(host: Host, name: SinkName): Promise<Sample[]> {
  const samples: Sample[] = [];
  const started = performance.now();
  for (;;) {
    const { sinks } = JSON.parse((await host.client.get("/sync")).body.toString()) as SyncStatus;
    const sink = sinks.find((each): each is SinkStatus => each.sink === name);
    const ms = performance.now() - started;
    if (sink !== undefined) {
      samples.push({ ms, delivered: sink.counts.delivered });
      if (sink.counts.accepted > 0 && sink.counts.pending === 0) return samples;
    }
    if (ms > DRAIN_MS) throw new Error(`${name} was not drained: ${JSON.stringify(sink)}`);
    await pause(ASK_MS);
  }
}

/** From the first sample with something delivered to the last. */
function rateOf(samples: readonly Sample[]): number {
  const first = samples.find(({ delivered }) => delivered > 0);
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.ms === first.ms)
    throw new Error("It was drained before it could be measured");
  return perSecond(last.delivered - first.delivered, last.ms - first.ms);
}
