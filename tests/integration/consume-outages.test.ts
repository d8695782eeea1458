import { setTimeout as pause } from "node:timers/promises";
import type { Connection } from "rabbitmq-client";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { archiveOptions } from "../../src-main/archive/connection.ts";
import { Worker, type WorkerListeners } from "../../src-main/consume/worker.ts";
import { rabbitmqOptions } from "../../src-main/sync/rabbitmq/config.ts";
import { rabbitmqSettingsSchema } from "../../src-shared/contract/sync-settings.ts";
import { newId } from "../../src-shared/new-id.ts";
import { type Archive, createArchive, WRONG_HOURS } from "../support/archive.ts";
import { hasPostgres, type Postgres, startPostgres } from "../support/postgres.ts";
import { connectionTo, publishAll } from "../support/publish.ts";
import { hasRabbitMq, type RabbitMq } from "../support/rabbitmq.ts";
import { sharedRabbitMq } from "../support/shared-rabbitmq.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { startConsumer } from "./support/consumer.ts";

const QUEUE = "outage";
const STATUSES = ["pending", "sending", "sent", "delivered"] as const;
const PATIENCE_MS = 60_000;

const broker = sharedRabbitMq();
let rabbit: RabbitMq;
let postgres: Postgres;
let archive: Archive;
let connection: Connection;

/** So many messages with four revisions each, all revisions of one in their order. */
function changes(messages: number): { message_uuid: string; revision: number }[] {
  const ids = Array.from({ length: messages }, () => newId());
  return STATUSES.flatMap((status, index) =>
    ids.map((message_uuid) => ({
      message_uuid,
      revision: index + 1,
      status,
      channel: "sms",
      session_id: "s",
    })),
  );
}

/** Everything is there: each message at its last revision, each revision once in its history, and the counts right. */
async function isComplete(messages: number): Promise<void> {
  const client = await postgres.connect(archive.database);
  try {
    const count = async (sql: string) =>
      (await client.query<{ n: number }>(`select count(*)::int as n ${sql}`)).rows[0]?.n;
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      const done = await count("from message_logs where revision = 4 and status = 'delivered'");
      if (done === messages || Date.now() > until) break;
      await pause(100);
    }
    expect(await count("from message_logs where revision = 4 and status = 'delivered'")).toBe(messages);
    expect(await count("from message_logs")).toBe(messages);
    expect(await count("from message_events")).toBe(4 * messages);
    expect((await client.query(WRONG_HOURS)).rows).toEqual([]);
  } finally {
    await client.end();
  }
}

async function isDrained(): Promise<void> {
  const until = Date.now() + PATIENCE_MS;
  let messages = -1;
  while (messages !== 0 && Date.now() < until) {
    const lines = (await rabbit.control("-q", "list_queues", "name", "messages")).split("\n");
    messages = Number(lines.find((line) => line.startsWith(`${QUEUE}\t`))?.split("\t")[1] ?? -1);
  }
  expect(messages).toBe(0);
}

const consume = (...args: string[]) =>
  startConsumer({ rabbit, archive, args: ["--queue", QUEUE, "--batch-size", "100", ...args] });

describe.skipIf(!hasRabbitMq || !hasPostgres)("waybill consume, while", () => {
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres?.stop());

  beforeEach(async () => {
    rabbit = await broker();
    archive = await createArchive(postgres);
    // The server is killed, and its connections with it.
    await archive.client.end();
    connection = connectionTo(rabbit);
    await connection.queueDeclare({ queue: QUEUE, durable: true });
  });
  afterEach(async () => {
    await connection.queueDelete({ queue: QUEUE });
    await connection.close();
  });

  test("PostgreSQL is killed and comes back: nothing is lost, nothing is there twice", async () => {
    const consumer = await consume();
    await publishAll(connection, QUEUE, changes(400));
    await consumer.heard("stored");
    for (let round = 0; round < 2; round += 1) {
      await postgres.kill9();
      const publishing = publishAll(connection, QUEUE, changes(200));
      await pause(500);
      await postgres.restart();
      await publishing;
    }
    await isComplete(800);
    await isDrained();
    expect(consumer.events.some(({ event, side }) => event === "trouble" && side === "archive")).toBe(true);
    expect(await consumer.stop()).toBe(0);
  });

  test("PostgreSQL ends each connection now and then: the batch goes on by another", async () => {
    const consumer = await consume();
    const admin = await postgres.connect("postgres");
    try {
      const publishing = publishAll(connection, QUEUE, changes(500));
      for (let round = 0; round < 5; round += 1) {
        await pause(150);
        await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", [
          archive.database,
        ]);
      }
      await publishing;
    } finally {
      await admin.end();
    }
    await isComplete(500);
    await isDrained();
    expect(await consumer.stop()).toBe(0);
  });

  test("the answer to a commit is lost: the batch comes again and changes nothing", async () => {
    const proxy = await startTcpProxy(postgres.port);
    try {
      const through = { url: archive.url.replace(`:${postgres.port}/`, `:${proxy.port}/`) };
      const consumer = await startConsumer({
        rabbit,
        archive: through,
        args: ["--queue", QUEUE, "--batch-size", "50"],
      });
      await consumer.heard("reached", "broker");
      const publishing = publishAll(connection, QUEUE, changes(300));
      for (const bytes of [200, 900, 2_500, 30]) {
        await Promise.race([proxy.cutAfterAnswers(bytes), pause(3_000)]);
        await pause(200);
      }
      await publishing;
      await isComplete(300);
      await isDrained();
      expect(await consumer.stop()).toBe(0);
    } finally {
      await proxy.stop();
    }
  });

  test("the broker is killed and comes back", async () => {
    const consumer = await consume();
    await publishAll(connection, QUEUE, changes(300));
    await consumer.heard("stored");
    await rabbit.kill9();
    await rabbit.restart();
    await publishAll(connection, QUEUE, changes(100));
    await isComplete(400);
    await isDrained();
    expect(await consumer.stop()).toBe(0);
  });

  test("workers are killed at any moment, and others go on", async () => {
    const publishing = publishAll(connection, QUEUE, changes(600));
    for (let round = 0; round < 4; round += 1) {
      const workers = await Promise.all([consume(), consume()]);
      await Promise.race([workers[0]?.heard("stored"), workers[1]?.heard("stored"), pause(3_000)]);
      await pause(Math.random() * 200);
      await Promise.all(workers.map((worker) => worker.stop("SIGKILL")));
    }
    await publishing;
    const last = await Promise.all([consume(), consume(), consume()]);
    await isComplete(600);
    await isDrained();
    for (const worker of last) expect(await worker.stop()).toBe(0);
  });

  test("the queue is deleted and made anew", async () => {
    const consumer = await consume();
    await publishAll(connection, QUEUE, changes(50));
    await consumer.heard("stored");
    await isComplete(50);
    await isDrained();
    await connection.queueDelete({ queue: QUEUE });
    await consumer.heard("trouble");
    await connection.queueDeclare({ queue: QUEUE, durable: true });
    await publishAll(connection, QUEUE, changes(50));
    await isComplete(100);
    expect(await consumer.stop()).toBe(0);
  });

  test("an outage outlasts the broker's patience: what was taken is given back, once, and stored in the end", async () => {
    const options = rabbitmqOptions({ RABBITMQ_URL: rabbit.url }, rabbitmqSettingsSchema.parse({}), null);
    const client = archiveOptions({ DATABASE_URL: archive.url });
    if (options === null || client === null) throw new Error("Not configured");
    const troubles: (string | null)[] = [];
    const listeners: WorkerListeners = {
      onTrouble: (side, trouble) => side === "archive" && troubles.push(trouble),
      onWarning: () => {},
      onStored: () => {},
      onBuried: () => {},
    };
    const batch = { size: 100, intervalMs: 50, bytes: 8_000_000 };
    const worker = new Worker(
      {
        broker: options,
        archive: client,
        queues: [QUEUE],
        prefetch: 200,
        heldBytes: 64 * 1024 * 1024,
        batch,
      },
      listeners,
      500,
    );
    const ending = new AbortController();
    const running = worker.run(ending.signal);
    await publishAll(connection, QUEUE, changes(20));
    await isComplete(20);
    await postgres.kill9();
    await publishAll(connection, QUEUE, changes(100));
    await pause(4_000);
    // They are ready for whoever can take them, instead of out with one who can't.
    const [, ready, unacked] =
      (await rabbit.control("-q", "list_queues", "name", "messages_ready", "messages_unacknowledged"))
        .split("\n")
        .find((line) => line.startsWith(`${QUEUE}\t`))
        ?.split("\t") ?? [];
    expect([Number(ready), Number(unacked)]).toEqual([400, 0]);
    await postgres.restart();
    await isComplete(120);
    await isDrained();
    ending.abort();
    await running;
    expect(troubles.some((trouble) => trouble !== null)).toBe(true);
  });
});
