import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { MessageRecord } from "../../src-shared/record.ts";
import { type Archive, createArchive } from "../support/archive.ts";
import { hasPostgres, type Postgres, startPostgres } from "../support/postgres.ts";
import { amqpPublish, connectionTo, hasAmqpTools } from "../support/publish.ts";
import { hasRabbitMq } from "../support/rabbitmq.ts";
import { sharedRabbitMq } from "../support/shared-rabbitmq.ts";
import { startConsumer } from "./support/consumer.ts";
import { startHost } from "./support/host.ts";
import { eventually } from "./support/waybill.ts";

const broker = sharedRabbitMq();

describe.skipIf(!hasRabbitMq || !hasPostgres || !hasAmqpTools)("a team", () => {
  let postgres: Postgres;
  let archive: Archive;
  beforeAll(async () => {
    postgres = await startPostgres();
    archive = await createArchive(postgres);
  });
  afterAll(async () => {
    await archive?.client.end();
    await postgres?.stop();
  });

  test("sees live, on every host, what a foreign program puts into a queue", async () => {
    const rabbit = await broker();
    const consumer = await startConsumer({ rabbit, archive, args: ["--queue", "log_queue"] });
    await consumer.heard("reached", "broker");
    const hosts = await Promise.all([0, 1].map(() => startHost({ args: ["--archive", archive.url] })));
    const heard: [string | null, string | null][][] = hosts.map(() => []);
    for (const [index, host] of hosts.entries()) {
      const socket = await host.connect("/live?q=type:review_started");
      socket.on("message", (data) => {
        const { session_id, message_type } = JSON.parse(String(data)) as MessageRecord;
        heard[index]?.push([session_id, message_type]);
      });
    }
    // A socket that is open follows a moment later.
    await new Promise((done) => setTimeout(done, 500));

    for (const type of ["review_started", "review_ended"])
      amqpPublish(
        rabbit,
        "log_queue",
        `{"session_id": 123, "event_type": "${type}", "payload": {"files": 3}}`,
      );
    await eventually(() => expect(heard).toEqual([[["123", "review_started"]], [["123", "review_started"]]]));
    for (const host of hosts) {
      const { json } = await host.request("/messages?q=session:123 data.files:3");
      expect(json.messages).toHaveLength(2);
      expect((await host.request("/sessions/123")).json).toMatchObject({ total: 2 });
      expect((await host.request("/stats?days=1")).json).toMatchObject({
        total: 2,
        by_channel: { event: 2 },
      });
    }
    expect(await consumer.stop()).toBe(0);
    const connection = connectionTo(rabbit);
    for (const queue of ["log_queue", "log_queue.dead"]) await connection.queueDelete({ queue });
    await connection.close();
  });
});
