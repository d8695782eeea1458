/** The limit of forwarding: the same bodies through the same client in a bare loop, with as many on their way. */
import { Connection } from "rabbitmq-client";
import { PUBLISH_LIMITS } from "../../../src-main/sync/rabbitmq/publishing.ts";
import { declareTopology, EXCHANGE } from "../../../src-main/sync/rabbitmq/topology.ts";
import { normalizeMessage, toRecord } from "../../../src-shared/record.ts";
import { makeRecord, type Shape } from "../data/records.ts";
import { collectGarbage, serveTask } from "../task.ts";

type PublishLoopInput = {
  host: string;
  port: number;
  user: { name: string; password: string };
  shape: Shape;
  count: number;
};
export type PublishLoopTask = (input: PublishLoopInput) => Promise<{ ms: number }>;

serveTask<PublishLoopInput, { ms: number }>(async ({ host, port, user, shape, count }) => {
  const records = Array.from({ length: count }, (_, index) => {
    const normalized = normalizeMessage(makeRecord(shape, index).record, Date.now());
    if (!normalized.ok) throw new Error(normalized.error);
    return toRecord(normalized.message);
  });
  const connection = new Connection({
    hostname: host,
    port,
    username: user.name,
    password: user.password,
    noDelay: true,
  });
  const channel = await connection.acquire();
  await declareTopology(channel, "quorum");
  await channel.confirmSelect();
  collectGarbage();
  const started = performance.now();
  let next = 0;
  const send = async (): Promise<void> => {
    for (let record = records[next]; record !== undefined; record = records[next]) {
      next += 1;
      await channel.basicPublish(
        {
          exchange: EXCHANGE,
          routingKey: `${record.channel}.${record.status}`,
          mandatory: true,
          durable: true,
          contentType: "application/json",
          messageId: `${record.message_uuid}:${record.revision}`,
        },
        Buffer.from(JSON.stringify(record)),
      );
    }
  };
  await Promise.all(Array.from({ length: PUBLISH_LIMITS.window }, send));
  const ms = performance.now() - started;
  await channel.close();
  await connection.close();
  return { ms };
});
