import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { newId } from "../../src-shared/new-id.ts";
import { type Archive, createArchive, WRONG_HOURS } from "../support/archive.ts";
import { hasPostgres, type Postgres, startPostgres } from "../support/postgres.ts";
import { amqpPublish, connectionTo, hasAmqpTools, publishAll } from "../support/publish.ts";
import { hasRabbitMq, type RabbitMq } from "../support/rabbitmq.ts";
import { sharedRabbitMq } from "../support/shared-rabbitmq.ts";
import { type RunningConsumer, startConsumer } from "./support/consumer.ts";
import { startHost } from "./support/host.ts";
import { eventually, runWaybill } from "./support/waybill.ts";

const broker = sharedRabbitMq();
let rabbit: RabbitMq;
let postgres: Postgres;
let archive: Archive;
const QUEUES = ["message_storage", "message_processing", "log_queue", "chat_history"];

function consume(...args: string[]): Promise<RunningConsumer> {
  return startConsumer({ rabbit, archive, args });
}

/** `waybill dead …` with its JSON. */
async function dead<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await runWaybill(["dead", ...args, "--json"], {
    env: { RABBITMQ_URL: rabbit.url },
  });
  if (code !== 0) throw new Error(`waybill dead ${args.join(" ")} ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as T;
}

type Letters = { total: number; letters: { id: string; reason: string; count: number; queue: string }[] };

async function isStored(count: number): Promise<void> {
  await eventually(() => expect(archive.psql("select count(*) from message_logs")).toBe(String(count)));
}

/** How many messages wait or are out of a queue. */
async function depthOf(queue: string): Promise<number> {
  const lines = (await rabbit.control("-q", "list_queues", "name", "messages")).split("\n");
  return Number(lines.find((line) => line.startsWith(`${queue}\t`))?.split("\t")[1] ?? 0);
}

describe.skipIf(!hasRabbitMq || !hasPostgres || !hasAmqpTools)("waybill consume", () => {
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres?.stop());

  beforeEach(async () => {
    rabbit = await broker();
    archive = await createArchive(postgres, true);
  });
  afterEach(async () => {
    await archive.client.end();
    const connection = connectionTo(rabbit);
    for (const queue of QUEUES.flatMap((each) => [each, `${each}.dead`]))
      await connection.queueDelete({ queue });
    await connection.close();
  });

  test("takes the bodies of four systems, put in by amqp-publish and read out by psql", async () => {
    const consumer = await consume(
      "--queue",
      "log_queue",
      "--queue",
      "chat_history",
      "--queue",
      "message_storage",
    );
    await consumer.heard("reached", "broker");
    const audit =
      '{"session_id": 123, "event_type": "review_started", "payload": {"code_language": "python", "file_count": 3}, "timestamp": "2026-11-01T10:00:00Z"}';
    const history =
      '{"user_id": 7, "message": "Hi", "response": "Hello!", "timestamp": "2025-05-27T10:30:00.123456"}';
    const weather =
      '{"email": "user@example.com", "bot_id": "delhi", "user_message": "Rain?", "bot_response": "No.", "requested_time": "2026-11-01T10:00:00+05:30", "platform": "web", "created_at": "2026-11-01T10:00:00+05:30"}';
    const exchange =
      '{"message_uuid": "123e4567-e89b-12d3-a456-426614174000", "origin_ts": "2025-05-27T10:30:00Z", "ack_ts": "2025-05-27T10:30:01Z", "message_data": {"text": "hello"}, "source_subject_id": "subject-A", "destination_subject_ids": ["subject-B"], "topic": "greetings", "message_type": "chat", "message_metadata": {"priority": "high"}}';
    amqpPublish(rabbit, "log_queue", audit);
    amqpPublish(rabbit, "chat_history", history);
    amqpPublish(rabbit, "message_storage", weather);
    amqpPublish(rabbit, "message_storage", exchange, ["--content-type", "application/json"]);
    // The same again, as after a publisher's retry: no second row.
    amqpPublish(rabbit, "log_queue", audit);
    await isStored(4);

    expect(archive.psql("select session_id, event_type, payload ->> 'file_count' from log_events")).toBe(
      "123|review_started|3",
    );
    expect(archive.psql("select user_id, message, response from chat_history order by user_id")).toBe(
      "7|Hi|Hello!\nuser@example.com:delhi|Rain?|No.",
    );
    expect(
      archive.psql(
        "set time zone 'UTC'; select origin_ts, ack_ts, source_subject_id, destination_subject_ids, topic from message_exchange where message_uuid = '123e4567-e89b-12d3-a456-426614174000'",
      ),
    ).toBe("2025-05-27 10:30:00+00|2025-05-27 10:30:01+00|subject-A|{subject-B}|greetings");
    expect(archive.psql("select session_id from sessions")).toBe("123");
    await eventually(async () => expect(await depthOf("log_queue")).toBe(0));
    expect(await consumer.stop()).toBe(0);
    expect(archive.psql("select count(*) from message_logs")).toBe("4");
  });

  test("takes what Waybill's host forwards, each change in its order", async () => {
    const host = await startHost({ env: { RABBITMQ_URL: rabbit.url } });
    const consumer = await consume();
    const records = Array.from({ length: 40 }, () => ({
      message_uuid: newId(),
      channel: "email",
      session_id: "s",
    }));
    expect((await host.request("/messages", { method: "POST", body: records })).status).toBe(202);
    for (const status of ["sending", "sent", "delivered"]) {
      for (const { message_uuid } of records)
        await host.request(`/messages/${message_uuid}`, {
          method: "PATCH",
          body: { status, external_id: "x" },
        });
    }
    await eventually(() =>
      expect(archive.psql("select status, revision, count(*) from message_logs group by 1, 2")).toBe(
        "delivered|4|40",
      ),
    );
    expect(
      archive.psql("select revision, status, count(*) from message_events group by 1, 2 order by 1"),
    ).toBe("1|pending|40\n2|sending|40\n3|sent|40\n4|delivered|40");
    expect(await archive.query(WRONG_HOURS)).toEqual([]);
    await host.stop();
    expect(await consumer.stop()).toBe(0);
  });

  test("puts what it can't store among the dead, alone, and the rest of the batch goes on", async () => {
    const connection = connectionTo(rabbit);
    await connection.queueDeclare({ queue: "log_queue", durable: true });
    const event = (index: number) => ({
      session_id: index,
      event_type: "user_action",
      timestamp: "2026-11-01T10:00:00Z",
    });
    const bodies: unknown[] = Array.from({ length: 300 }, (_, index) => event(index));
    // Unreadable, and readable but refused by PostgreSQL: the revision is too large for its column.
    bodies[100] = Buffer.from('{"session_id": 1,');
    bodies[150] = { message_uuid: newId(), channel: "sms", revision: 9_000_000_000 };
    bodies[299] = { hello: "world" };
    await publishAll(connection, "log_queue", bodies);
    await connection.close();

    const consumer = await consume("--queue", "log_queue", "--batch-size", "300");
    await isStored(297);
    await eventually(async () => expect(await depthOf("log_queue.dead")).toBe(3));
    await eventually(async () => expect(await depthOf("log_queue")).toBe(0));
    expect(consumer.events.filter(({ event: name }) => name === "dead")).toHaveLength(3);

    const { total, letters } = await dead<Letters>("list", "--queue", "log_queue");
    expect(total).toBe(3);
    expect(letters.map(({ reason }) => reason).sort()).toEqual([
      expect.stringMatching(/^PostgreSQL refuses it: .*out of range.*22003/),
      expect.stringMatching(/^The body is none that Waybill knows/),
      expect.stringMatching(/^The body is not JSON in UTF-8/),
    ]);
    expect(letters.every(({ count, queue }) => count === 1 && queue === "log_queue")).toBe(true);
    const broken = letters.find(({ reason }) => reason.includes("not JSON"))?.id ?? "";
    expect(await dead("show", broken, "--queue", "log_queue")).toMatchObject({
      id: broken,
      body: '{"session_id": 1,',
      exchange: "",
      routing_key: "log_queue",
    });

    // Brought back it dies once more, under the same name.
    expect(await dead("retry", broken, "--queue", "log_queue")).toEqual({ retried: 1 });
    await eventually(async () => {
      const again = (await dead<Letters>("list", "--queue", "log_queue")).letters;
      expect(again.find(({ id }) => id === broken)?.count).toBe(2);
    });
    expect(await dead("drop", broken, "--queue", "log_queue")).toEqual({ dropped: 1 });
    expect((await dead<Letters>("list", "--queue", "log_queue")).total).toBe(2);
    expect(await dead("drop", "--all", "--queue", "log_queue")).toEqual({ dropped: 2 });
    expect((await dead<Letters>("list", "--queue", "log_queue")).total).toBe(0);
    expect(await consumer.stop()).toBe(0);
  });

  test("stores a dead message once what kept it from it is mended", async () => {
    const consumer = await consume("--queue", "log_queue");
    await consumer.heard("reached", "broker");
    await archive.query("alter table message_logs add constraint no_x check (message_type <> 'x')");
    amqpPublish(rabbit, "log_queue", '{"session_id": 1, "event_type": "x"}');
    await eventually(async () => expect(await depthOf("log_queue.dead")).toBe(1));
    await archive.query("alter table message_logs drop constraint no_x");
    expect(await dead("retry", "--all", "--queue", "log_queue")).toEqual({ retried: 1 });
    await isStored(1);
    expect(await consumer.stop()).toBe(0);
  });

  test("keeps in hand what the broker does not take among the dead, and goes on with the rest", async () => {
    const connection = connectionTo(rabbit);
    await connection.queueDeclare({ queue: "log_queue", durable: true });
    const { name, password } = rabbit.writer;
    const url = `amqp://${name}:${password}@127.0.0.1:${rabbit.port}`;
    // Who may declare nothing can't make the queue of the dead.
    const consumer = await startConsumer({ rabbit: { url }, archive, args: ["--queue", "log_queue"] });
    const event = (index: number) => ({ session_id: index, event_type: "x" });
    await publishAll(connection, "log_queue", [event(1), { hello: "world" }, event(2)]);
    expect(await consumer.heard("trouble", "broker")).toMatchObject({
      message: expect.stringContaining("may not"),
    });
    await publishAll(connection, "log_queue", [event(3), event(4)]);
    await isStored(4);
    await eventually(async () => expect(await depthOf("log_queue")).toBe(1));
    await connection.queueDeclare({ queue: "log_queue.dead", durable: true });
    await eventually(async () => {
      await publishAll(connection, "log_queue", [event(5)]);
      expect(await depthOf("log_queue.dead")).toBe(1);
    });
    await eventually(async () => expect(await depthOf("log_queue")).toBe(0));
    await connection.close();
    expect(await consumer.stop()).toBe(0);
  });

  test("keeps all on the queue where the tables take nothing at all", async () => {
    const consumer = await consume("--queue", "log_queue");
    await consumer.heard("reached", "broker");
    await archive.query("alter table message_logs add constraint nothing check (user_id = 'nobody')");
    amqpPublish(rabbit, "log_queue", '{"session_id": 1, "event_type": "x"}');
    await eventually(() =>
      expect(consumer.events.at(-1)?.message).toMatch(/takes nothing, not even a plain message/),
    );
    expect(await depthOf("log_queue")).toBe(1);
    expect(await depthOf("log_queue.dead")).toBe(0);
    expect(await consumer.stop()).toBe(0);
  });

  test("finishes the batch in hand when it is told to end, and leaves the rest", async () => {
    const connection = connectionTo(rabbit);
    await connection.queueDeclare({ queue: "log_queue", durable: true });
    const bodies = Array.from({ length: 4_000 }, (_, session_id) => ({ session_id, event_type: "x" }));
    await publishAll(connection, "log_queue", bodies);
    await connection.close();
    const consumer = await consume("--queue", "log_queue", "--batch-size", "100");
    await consumer.heard("stored");
    expect(await consumer.stop()).toBe(0);
    const stored = Number(archive.psql("select count(*) from message_logs"));
    expect(stored).toBeGreaterThan(0);
    // What is stored is acknowledged, and nothing else.
    await eventually(async () => expect(await depthOf("log_queue")).toBe(4_000 - stored));
  });

  test("tells of its health and work on a port", async () => {
    const consumer = await consume("--queue", "log_queue", "--metrics-port", "0");
    const { metrics_port } = await consumer.heard("consuming");
    const get = async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${metrics_port}${path}`);
      return { status: response.status, text: await response.text() };
    };
    await eventually(async () =>
      expect(await get("/health")).toEqual({
        status: 200,
        text: '{"status":"ok","checks":{"broker":"ok","archive":"ok"}}',
      }),
    );
    amqpPublish(rabbit, "log_queue", '{"session_id": 1, "event_type": "x"}');
    amqpPublish(rabbit, "log_queue", "{");
    await isStored(1);
    await eventually(async () => {
      const { text } = await get("/metrics");
      expect(text).toContain('waybill_consume_messages_total{outcome="inserted"} 1');
      expect(text).toContain('waybill_consume_dead_total{queue="log_queue"} 1');
      expect(text).toContain('waybill_consume_up{side="archive"} 1');
      expect(text).toMatch(/waybill_consume_batch_seconds_count [1-9]/);
    });
    expect((await get("/other")).status).toBe(404);
    expect(await consumer.stop()).toBe(0);
  });

  test("takes payloads of 1 MiB, and ids that are large numbers", async () => {
    const consumer = await consume("--queue", "chat_history");
    await consumer.heard("reached", "broker");
    const message = "ä".repeat(500_000);
    const body = `{"user_id": 12345678901234567890, "message": ${JSON.stringify(message)}, "response": "\\u0000", "timestamp": "1969-12-31T23:59:59"}`;
    amqpPublish(rabbit, "chat_history", body);
    await isStored(1);
    expect(archive.psql("select user_id, length(message), response from chat_history")).toBe(
      "12345678901234567890|500000|\ufffd",
    );
    expect(await consumer.stop()).toBe(0);
  });

  test("says in a sentence why it can't begin", async () => {
    const run = (env: Record<string, string>, ...args: string[]) => runWaybill(["consume", ...args], { env });
    const [RABBITMQ_URL, DATABASE_URL] = [rabbit.url, archive.url];
    const none = await run({ DATABASE_URL });
    expect([none.code, none.stderr]).toEqual([2, expect.stringContaining("tell where RabbitMQ is")]);
    const homeless = await run({ RABBITMQ_URL });
    expect([homeless.code, homeless.stderr]).toEqual([
      2,
      expect.stringContaining("tell where PostgreSQL is"),
    ]);
    const missing = await run({
      RABBITMQ_URL,
      DATABASE_URL: archive.url.replace(archive.database, "nowhere"),
    });
    expect([missing.code, missing.stderr]).toEqual([
      1,
      expect.stringContaining("There is no database nowhere"),
    ]);
    await archive.query("create table sessions (id integer)");
    const foreign = await run({ RABBITMQ_URL, DATABASE_URL });
    expect([foreign.code, foreign.stderr]).toEqual([1, expect.stringContaining("A table sessions is in")]);
    const wrong = await run({ RABBITMQ_URL, DATABASE_URL }, "--queue", "a.dead");
    expect([wrong.code, wrong.stderr]).toEqual([2, expect.stringContaining("a.dead holds dead messages")]);
  });

  test("waits for an archive that is not there yet, and ends at once when told to", async () => {
    const nowhere = { url: "postgres://postgres@127.0.0.1:1/archive" };
    const consumer = await startConsumer({ rabbit, archive: nowhere });
    expect(await consumer.heard("trouble")).toMatchObject({ side: "archive" });
    expect(await consumer.stop()).toBe(0);
  });
});
