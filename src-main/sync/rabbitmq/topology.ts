import type { Channel } from "rabbitmq-client";
import type { RabbitMqOptions } from "../sink.ts";

export const EXCHANGE = "waybill.messages";
export const QUEUES = ["message_storage", "message_processing"] as const;
const EVERYTHING = "#";

/** Makes the exchange, both queues and their bindings where they are missing. Throws the channel's error. */
export async function declareTopology(
  channel: Channel,
  queueType: RabbitMqOptions["queueType"],
): Promise<void> {
  await channel.exchangeDeclare({ exchange: EXCHANGE, type: "topic", durable: true });
  for (const queue of QUEUES) {
    await channel.queueDeclare({ queue, durable: true, arguments: { "x-queue-type": queueType } });
  }
  await bindQueues(channel);
}

/** Throws the channel's error. */
export async function bindQueues(channel: Channel): Promise<void> {
  for (const queue of QUEUES) {
    await channel.queueBind({ queue, exchange: EXCHANGE, routingKey: EVERYTHING });
  }
}

/** Throws NOT_FOUND, which ends the channel, where one of the queues is gone. */
export async function findQueues(channel: Channel): Promise<void> {
  for (const queue of QUEUES) await channel.queueDeclare({ queue, passive: true });
}
