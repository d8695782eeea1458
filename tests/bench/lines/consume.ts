import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { type Archive, createArchive } from "../../support/archive.ts";
import { hasPostgres, type Postgres, startPostgres } from "../../support/postgres.ts";
import { hasRabbitMq, type RabbitMq, startRabbitMq } from "../../support/rabbitmq.ts";
import type { Bench } from "../bench.ts";
import { formatCount, formatRate, formatRatio, type Line, perSecond } from "../line.ts";
import { CLI } from "../product.ts";
import { runTask, startTask } from "../task.ts";
import type { ConsumeLoopTask } from "../tasks/consume-loop.ts";
import type { PublishLoopTask } from "../tasks/publish-loop.ts";

const MOST_MESSAGES = 20_000;
const BATCH = 500;
const QUEUE = "message_storage";
const WORKERS = [1, 2, 3, 4] as const;
const LEAST_SHARE = 0.7;
const LOOK_MS = 20;
const READY_MS = 60_000;
const running = new Set<ChildProcess>();

/** What a queue holds, taken into PostgreSQL by a bare loop and by 1, 2 and 4 workers. */
export async function consume(bench: Bench): Promise<Line[]> {
  if (!hasRabbitMq || !hasPostgres) throw new Error("RabbitMQ or PostgreSQL is not installed");
  const count = Math.min(MOST_MESSAGES, bench.options.records);
  const rabbit = await startRabbitMq();
  const postgres = await startPostgres();
  try {
    const shape = bench.shape(count);
    const fill = async (): Promise<Archive> => {
      for (const queue of [QUEUE, "message_processing"])
        await rabbit.control("purge_queue", queue).catch(() => "There is none yet.");
      const { port, user } = rabbit;
      await runTask<PublishLoopTask>("publish-loop.ts", { host: "127.0.0.1", port, user, shape, count });
      return createArchive(postgres);
    };
    const bare = await rateOf(postgres, await fill(), 1, count, ({ url }) => bareLoop(rabbit, url, count));
    const rates = new Map<number, number>();
    for (const workers of WORKERS) {
      const rate = await rateOf(postgres, await fill(), workers, count, ({ url }) => {
        for (let worker = 0; worker < workers; worker += 1) startWorker(bench, rabbit, url);
        return null;
      });
      rates.set(workers, rate);
      await Promise.all([...running].map(stopWorker));
    }
    return lines(count, bare, rates);
  } finally {
    for (const child of running) child.kill("SIGKILL");
    await Promise.all([rabbit.stop(), postgres.stop()]);
  }
}

function lines(count: number, bare: number, rates: ReadonlyMap<number, number>): Line[] {
  const one = rates.get(1) ?? 0;
  return WORKERS.map((workers) => {
    const rate = rates.get(workers) ?? 0;
    const isFirst = workers === 1;
    return {
      name: `waybill consume: ${formatCount(count)} from a queue to PostgreSQL, ${workers === 1 ? "1 worker" : `${workers} workers`}`,
      figure: `${formatRate(rate)} stored`,
      target: isFirst ? `${LEAST_SHARE} of the bare loop` : "no slower than one",
      limit: isFirst ? `${formatRate(bare)} in a bare loop of the same batches` : `${formatRate(one)} by one`,
      ratio: isFirst ? rate / bare : rate / one,
      reached: isFirst ? rate >= LEAST_SHARE * bare : rate >= one,
      notes: isFirst
        ? [
            `Batches of ${BATCH} into message_logs and message_events with all their indexes. The loop does nothing else; the worker also reads foreign bodies, keeps revisions in order, begins sessions, counts for the statistics and tells listeners.`,
            "RabbitMQ, PostgreSQL (fsync off) and the workers share the cores: more workers have none of their own.",
          ]
        : [`${formatRatio(rate / bare)} of the bare loop.`],
    };
  });
}

/**
 * From the moment that everything may begin to the last message: until then the table is locked, and all who take part
 * stand before it with their first batch.
 */
async function rateOf(
  postgres: Postgres,
  archive: Archive,
  takers: number,
  count: number,
  start: (archive: Archive) => Promise<unknown> | null,
): Promise<number> {
  const watch = await postgres.connect(archive.database);
  try {
    await archive.query("begin");
    await archive.query("lock table message_logs in access exclusive mode");
    const done = start(archive);
    await until(async () => {
      const sql =
        "select count(*)::int as n from pg_stat_activity where datname = $1 and wait_event_type = 'Lock'";
      return ((await watch.query<{ n: number }>(sql, [archive.database])).rows[0]?.n ?? 0) >= takers;
    });
    const started = performance.now();
    await archive.query("commit");
    if (done === null) {
      // The counts by hour are few rows, and right in every transaction.
      const sql = "select sum(messages)::int as n from message_hours";
      await until(async () => ((await watch.query<{ n: number | null }>(sql)).rows[0]?.n ?? 0) >= count);
    } else await done;
    return perSecond(count, performance.now() - started);
  } finally {
    await watch.end();
    await archive.client.end();
  }
}

function bareLoop({ port, user }: RabbitMq, archive: string, count: number): Promise<unknown> {
  const input = { host: "127.0.0.1", port, user, queue: QUEUE, archive, batch: BATCH, count };
  return startTask<ConsumeLoopTask>("consume-loop.ts", input).result;
}

function startWorker(bench: Bench, rabbit: RabbitMq, archive: string): void {
  const args = ["consume", "--json", "--batch-size", String(BATCH), "--data-dir", bench.newFolder("consume")];
  const child = spawn(process.execPath, [CLI, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, RABBITMQ_URL: rabbit.url, DATABASE_URL: archive },
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  // Read, so that it never waits for its reader.
  createInterface({ input: child.stdout }).resume();
}

async function stopWorker(child: ChildProcess): Promise<void> {
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  await ended;
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  const end = performance.now() + READY_MS;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error("The workers did not come so far in time");
    await pause(LOOK_MS);
  }
}

/** For the end of the bench: nothing that it started outlives it. */
export function killWorkers(): void {
  for (const child of running) child.kill("SIGKILL");
}
