import { spawnSync } from "node:child_process";
import { Connection, type Envelope } from "rabbitmq-client";
import type { RabbitMq } from "./rabbitmq.ts";

/** Whether this machine has amqp-tools: apt-get install -y amqp-tools */
export const hasAmqpTools = spawnSync("amqp-publish", ["--help"]).status === 0;

/** Publishes by a program that nobody here wrote, to the queue of that name. */
export function amqpPublish(
  rabbit: RabbitMq,
  queue: string,
  body: string,
  options: readonly string[] = [],
): void {
  const { port, user } = rabbit;
  // By parts: its reader of URLs does not know every character that a password may have.
  const where = [
    "--server",
    "127.0.0.1",
    "--port",
    String(port),
    "--username",
    user.name,
    "--password",
    user.password,
  ];
  const args = [...where, "--routing-key", queue, "--persistent", ...options];
  const { status, stderr } = spawnSync("amqp-publish", args, { input: body, encoding: "utf8" });
  if (status !== 0) throw new Error(`amqp-publish ended with ${status}: ${stderr}`);
}

/** A connection of the tests' own, to be closed by the caller; it comes back by itself after a kill of the broker. */
export function connectionTo({ port, user }: RabbitMq): Connection {
  const connection = new Connection({
    hostname: "127.0.0.1",
    port,
    username: user.name,
    password: user.password,
    retryLow: 100,
    retryHigh: 300,
  });
  // Tests break the broker on purpose.
  connection.on("error", () => {});
  return connection;
}

/** Publishes bodies, each confirmed; it takes up again what a killed broker did not confirm. */
export async function publishAll(
  connection: Connection,
  queue: string,
  bodies: readonly unknown[],
  envelope: Partial<Envelope> = {},
): Promise<void> {
  const publisher = connection.createPublisher({ confirm: true, maxAttempts: 20 });
  try {
    const send = (body: unknown): Promise<void> =>
      publisher.send({ routingKey: queue, durable: true, ...envelope }, body);
    for (let index = 0; index < bodies.length; index += 200)
      await Promise.all(bodies.slice(index, index + 200).map(send));
  } finally {
    await publisher.close();
  }
}
