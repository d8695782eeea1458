import type { Connection } from "rabbitmq-client";
import { deadEnvelope } from "../../src-main/consume/dead-letter.ts";

/** Puts bodies among the dead of a queue, as the consumer does; both queues are made where they are missing. */
export async function bury(
  connection: Connection,
  queue: string,
  bodies: readonly (string | Buffer)[],
  reason = "The body is not JSON.",
): Promise<void> {
  await connection.queueDeclare({ queue, durable: true });
  await connection.queueDeclare({ queue: `${queue}.dead`, durable: true });
  const publisher = connection.createPublisher({ confirm: true });
  const send = (body: string | Buffer): Promise<void> => {
    const properties = {
      deliveryTag: 0,
      redelivered: false,
      exchange: "",
      routingKey: queue,
      contentType: "application/json",
      messageId: "m-1",
    };
    const delivery = { queue, properties, body: Buffer.from(body) };
    return publisher.send(deadEnvelope(delivery, reason, Date.now()), delivery.body);
  };
  await Promise.all(bodies.map(send));
  await publisher.close();
}
