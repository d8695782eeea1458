import { setTimeout as pause } from "node:timers/promises";
import type { Connection } from "rabbitmq-client";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { Output, ProcedureName } from "../../src-shared/contract/index.ts";
import { createArchive } from "../support/archive.ts";
import { bury } from "../support/bury.ts";
import { hasPostgres, type Postgres, startPostgres } from "../support/postgres.ts";
import { amqpPublish, connectionTo, hasAmqpTools, publishAll } from "../support/publish.ts";
import { hasRabbitMq, type RabbitMq } from "../support/rabbitmq.ts";
import { sharedRabbitMq } from "../support/shared-rabbitmq.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { startConsumer } from "./support/consumer.ts";
import { type Host, startHost } from "./support/host.ts";
import { eventually, runWaybill } from "./support/waybill.ts";

const QUEUE = "log_queue";
const DEAD = "log_queue.dead";
const broker = sharedRabbitMq();
let rabbit: RabbitMq;
let connection: Connection;

/** A procedure of a host; rejects with what it says. */
async function call<N extends ProcedureName>(host: Host, name: N, input: object): Promise<Output<N>> {
  const { status, json } = await host.request(`/api/${name}`, { body: input });
  if (!json.ok) throw new Error(`${status} ${json.error.message}`);
  return json.value as Output<N>;
}

/** Takes out all that is in a queue. */
async function drain(queue: string): Promise<{ body: Buffer; headers: Record<string, unknown> }[]> {
  const channel = await connection.acquire();
  const found: { body: Buffer; headers: Record<string, unknown> }[] = [];
  for (;;) {
    const message = await channel.basicGet({ queue, noAck: true });
    if (message === undefined) break;
    const body = Buffer.isBuffer(message.body) ? message.body : Buffer.from(JSON.stringify(message.body));
    found.push({ body, headers: message.headers ?? {} });
  }
  await channel.close();
  return found;
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `{"n":${index}`);

async function depth(queue: string): Promise<number> {
  return (await connection.queueDeclare({ queue, passive: true })).messageCount;
}

test("without a broker there are no dead, and asking for them is told why", async () => {
  const host = await startHost();
  expect(await call(host, "dead.queues", {})).toEqual({ configured: false, queues: [] });
  await expect(call(host, "dead.list", { queue: QUEUE })).rejects.toThrow(/^422 RabbitMQ is not connected/);
});

describe.skipIf(!hasRabbitMq)("dead messages", () => {
  let host: Host;

  beforeEach(async () => {
    rabbit = await broker();
    connection = connectionTo(rabbit);
    host = await startHost({ env: { RABBITMQ_URL: rabbit.url } });
  });
  afterEach(async () => {
    for (const queue of [QUEUE, DEAD, "other", "other.dead"]) await connection.queueDelete({ queue });
    await connection.close();
  });

  test("are counted, listed and shown, and all of them are there after it", async () => {
    expect(await call(host, "dead.queues", {})).toEqual({ configured: true, queues: [] });
    expect(await call(host, "dead.list", { queue: QUEUE })).toEqual({ total: 0, letters: [] });

    const long = `{"text":"${"ä".repeat(2_000)}"`;
    await bury(connection, QUEUE, [long, ...numbered(129)]);
    await connection.queueDeclare({ queue: "other.dead", durable: true });
    amqpPublish(rabbit, "other.dead", "by another program");
    const counts = { configured: true, queues: [{ queue: QUEUE, dead: 130 }] };
    expect(await call(host, "dead.queues", {})).toEqual(counts);
    expect(await call(host, "dead.queues", { also: ["other", "nowhere"] })).toEqual({
      configured: true,
      queues: [
        { queue: QUEUE, dead: 130 },
        { queue: "other", dead: 1 },
      ],
    });

    const { total, letters } = await call(host, "dead.list", { queue: QUEUE });
    expect([total, letters.length]).toEqual([130, 50]);
    expect(letters.map(({ preview }) => preview)).toEqual([long.slice(0, 200), ...numbered(49)]);
    expect(letters[0]).toMatchObject({
      reason: "The body is not JSON.",
      count: 1,
      queue: QUEUE,
      routing_key: QUEUE,
      message_id: "m-1",
      content_type: "application/json",
      bytes: Buffer.byteLength(long),
    });
    const last = (await call(host, "dead.list", { queue: QUEUE, limit: 1_000 })).letters.at(-1);
    expect(last?.preview).toBe('{"n":128');
    const shown = await call(host, "dead.get", { queue: QUEUE, id: letters[0]?.id });
    const { preview: _preview, ...rest } = letters[0] ?? {};
    expect(shown).toEqual({ ...rest, body: long, is_cut: false });
    await expect(call(host, "dead.get", { queue: QUEUE, id: "gone" })).rejects.toThrow(/^404/);
    expect((await call(host, "dead.list", { queue: "other" })).letters).toMatchObject([
      { id: null, reason: null, queue: null, preview: "by another program" },
    ]);

    // The CLI tells the same, and neither took anything out.
    const env = { RABBITMQ_URL: rabbit.url };
    const { stdout } = await runWaybill(["dead", "list", "--queue", QUEUE, "--json"], { env });
    expect(JSON.parse(stdout)).toEqual({ total, letters });
    expect(await depth(DEAD)).toBe(130);
    expect((await drain(DEAD)).map(({ body }) => body.toString())).toEqual([long, ...numbered(129)]);
  });

  test("are counted in the named queues alone, so that the broker notes none that is missing", async () => {
    const noted = async () => (await rabbit.log()).match(/no queue '\w+\.dead'/g)?.length ?? 0;
    await bury(connection, QUEUE, numbered(2));
    const counts = { configured: true, queues: [{ queue: QUEUE, dead: 2 }] };
    const before = await noted();
    expect(await call(host, "dead.queues", { only: [QUEUE] })).toEqual(counts);
    expect(await noted()).toBe(before);
    expect(await call(host, "dead.queues", {})).toEqual(counts);
    await eventually(async () => expect(await noted()).toBe(before + 3));
  });

  test("are found whole by looks at the same time", async () => {
    await bury(connection, QUEUE, numbered(60));
    const looks = await Promise.all([
      call(host, "dead.list", { queue: QUEUE, limit: 1_000 }),
      call(host, "dead.queues", {}),
      call(host, "dead.list", { queue: QUEUE, limit: 1_000 }),
    ]);
    expect(looks).toMatchObject([{ total: 60 }, { queues: [{ dead: 60 }] }, { total: 60 }]);
  });

  test("go back to where they came from as they were, one or all", async () => {
    const bytes = Buffer.from([0x7b, 0xff, 0xfe, 0x00]);
    await bury(connection, QUEUE, [numbered(1)[0] ?? "", bytes, "last"]);
    const { letters } = await call(host, "dead.list", { queue: QUEUE });
    const id = letters[1]?.id;
    expect(await call(host, "dead.retry", { queue: QUEUE, ids: [id] })).toEqual({ retried: 1 });
    expect(await call(host, "dead.retry", { queue: QUEUE, ids: [id] })).toEqual({ retried: 0 });
    const [back, ...others] = await drain(QUEUE);
    expect(others).toEqual([]);
    expect(back?.body).toEqual(bytes);
    expect(back?.headers).toMatchObject({ "x-waybill-id": id, "x-waybill-count": 1 });
    expect(await call(host, "dead.retry", { queue: QUEUE, ids: null })).toEqual({ retried: 2 });
    expect((await drain(QUEUE)).map(({ body }) => body.toString())).toEqual(['{"n":0', "last"]);
    expect(await depth(DEAD)).toBe(0);
  });

  test("are dropped, one or all, and never by leaving something out", async () => {
    await bury(connection, QUEUE, numbered(3));
    const { letters } = await call(host, "dead.list", { queue: QUEUE });
    await expect(call(host, "dead.drop", { queue: QUEUE })).rejects.toThrow(/^422 ids/);
    await expect(call(host, "dead.drop", { queue: QUEUE, ids: [] })).rejects.toThrow(/^422 ids/);
    expect(await call(host, "dead.drop", { queue: QUEUE, ids: [letters[1]?.id] })).toEqual({ dropped: 1 });
    expect((await call(host, "dead.list", { queue: QUEUE })).letters.map(({ preview }) => preview)).toEqual([
      '{"n":0',
      '{"n":2',
    ]);
    expect(await call(host, "dead.drop", { queue: QUEUE, ids: null })).toEqual({ dropped: 2 });
    expect(await depth(DEAD)).toBe(0);
    expect(await depth(QUEUE)).toBe(0);
  });

  test("stay among the dead where the queue that they came from is gone", async () => {
    await bury(connection, QUEUE, numbered(2));
    await connection.queueDelete({ queue: QUEUE });
    await expect(call(host, "dead.retry", { queue: QUEUE, ids: null })).rejects.toThrow(
      /^503 There is no queue log_queue at the broker/,
    );
    expect(await depth(DEAD)).toBe(2);
  });

  test("are not lost where the connection breaks in the midst of it, nor told to be done with", async () => {
    const proxy = await startTcpProxy(rabbit.port);
    const url = rabbit.url.replace(`:${rabbit.port}`, `:${proxy.port}`);
    const behind = await startHost({ env: { RABBITMQ_URL: url } });
    const bodies = numbered(60);
    const broken: string[] = [];
    proxy.faults.delayMs = 10;
    for (const name of ["dead.retry", "dead.list", "dead.retry"] as const) {
      await bury(connection, QUEUE, bodies);
      const input = { queue: QUEUE, ...(name === "dead.list" ? { limit: 1_000 } : { ids: null }) };
      const work = call(behind, name, input).catch((error: Error) => broken.push(error.message));
      await eventually(async () => expect(await depth(DEAD)).toBeLessThan(bodies.length - 5));
      proxy.cut();
      await work;
      // What was held goes back once the broker knows that the connection is gone.
      const found = await eventually(async () => {
        const ready = (await depth(QUEUE)) + (await depth(DEAD));
        expect(ready).toBeGreaterThanOrEqual(bodies.length);
        return ready;
      });
      await pause(200);
      const texts = [...(await drain(QUEUE)), ...(await drain(DEAD))].map(({ body }) => body.toString());
      expect(new Set(texts)).toEqual(new Set(bodies));
      // At most the one whose acknowledgement was on its way is in both.
      expect(found - bodies.length).toBeLessThanOrEqual(1);
    }
    expect(broken).toHaveLength(3);
    for (const message of broken) {
      expect(message).toMatch(/^503 /);
      expect(message).not.toContain(rabbit.user.password);
    }
    await proxy.stop();
  });

  test("are all there, or back, when the broker or the host is killed in the midst of it", async () => {
    const bodies = numbered(60);
    await bury(connection, QUEUE, bodies);
    for (const victim of ["broker", "host"] as const) {
      const work = call(host, "dead.retry", { queue: QUEUE, ids: null }).catch(() => null);
      await eventually(async () => expect(await depth(QUEUE)).toBeGreaterThan(5));
      // It is there: once it was not after the kill, for a reason that is not known.
      expect(await depth(DEAD)).toBeLessThan(bodies.length);
      if (victim === "host") await host.stop("SIGKILL");
      else {
        await rabbit.kill9();
        await rabbit.restart();
      }
      await work;
      const texts = await eventually(async () => {
        expect((await depth(QUEUE)) + (await depth(DEAD))).toBeGreaterThanOrEqual(bodies.length);
        return [...(await drain(QUEUE)), ...(await drain(DEAD))].map(({ body }) => body.toString());
      }).catch(async (cause: unknown) => {
        const queues = await rabbit.control("list_queues", "name", "messages", "state");
        throw new Error(`${queues}\n${(await rabbit.log()).slice(-20_000)}`, { cause });
      });
      expect(new Set(texts)).toEqual(new Set(bodies));
      await bury(connection, QUEUE, bodies);
    }
  });

  test("say in a sentence that the broker is away", async () => {
    await rabbit.kill9();
    try {
      await expect(call(host, "dead.queues", {})).rejects.toThrow(/^503 127\.0\.0\.1 refuses connections/);
      await expect(call(host, "dead.drop", { queue: QUEUE, ids: null })).rejects.toThrow(/^503 /);
    } finally {
      await rabbit.restart();
    }
    expect(await eventually(() => call(host, "dead.queues", {}))).toMatchObject({ configured: true });
  });

  test("are left alone where RabbitMQ is switched off", async () => {
    await bury(connection, QUEUE, numbered(1));
    const { sync } = await call(host, "settings.get", {});
    await call(host, "settings.set", { sync: { ...sync, rabbitmq: { ...sync.rabbitmq, enabled: false } } });
    expect(await call(host, "dead.queues", {})).toEqual({ configured: false, queues: [] });
  });
});

describe.skipIf(!hasRabbitMq || !hasPostgres || !hasAmqpTools)("a host over an archive", () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres?.stop());

  test("shows what the consumer could not store, and brings it back once that is mended", async () => {
    rabbit = await broker();
    connection = connectionTo(rabbit);
    const archive = await createArchive(postgres);
    await archive.query("alter table message_logs add constraint no_x check (message_type <> 'x')");
    const consumer = await startConsumer({ rabbit, archive, args: ["--queue", QUEUE] });
    await consumer.heard("reached", "broker");
    const host = await startHost({ args: ["--archive", archive.url], env: { RABBITMQ_URL: rabbit.url } });
    const body = '{"session_id": 1, "event_type": "x"}';
    await publishAll(connection, QUEUE, [Buffer.from(body)]);
    await eventually(async () =>
      expect(await call(host, "dead.queues", {})).toEqual({
        configured: true,
        queues: [{ queue: QUEUE, dead: 1 }],
      }),
    );
    const { letters } = await call(host, "dead.list", { queue: QUEUE });
    expect(letters).toMatchObject([{ preview: body, reason: expect.stringMatching(/^PostgreSQL refuses/) }]);

    const ids = [letters[0]?.id];
    expect(await call(host, "dead.retry", { queue: QUEUE, ids })).toEqual({ retried: 1 });
    await eventually(async () => {
      const again = await call(host, "dead.list", { queue: QUEUE });
      expect(again.letters).toMatchObject([{ id: ids[0], count: 2 }]);
    });
    await archive.query("alter table message_logs drop constraint no_x");
    expect(await call(host, "dead.retry", { queue: QUEUE, ids })).toEqual({ retried: 1 });
    await eventually(() => expect(archive.psql("select count(*) from message_logs")).toBe("1"));
    expect(await call(host, "dead.queues", {})).toMatchObject({ queues: [{ queue: QUEUE, dead: 0 }] });
    expect(await consumer.stop()).toBe(0);
    await connection.close();
    await archive.client.end();
  });
});
