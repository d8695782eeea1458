import type { Envelope } from "rabbitmq-client";
import type { MessageRecord } from "../../../src-shared/record.ts";
import { utf8Length } from "../../../src-shared/record.ts";
import { EXCHANGE } from "./topology.ts";

/** AMQP keeps a routing key in a short string. */
const MAX_ROUTING_KEY = 255;

type Addressed = Pick<MessageRecord, "message_uuid" | "revision" | "channel" | "status">;

/** Names one change of one message for consumers. */
export function messageIdOf(record: Addressed): string {
  return `${record.message_uuid}:${record.revision}`;
}

/** How a record is published (`durable` is delivery mode 2), or a sentence why it never can be. */
export function envelopeOf(record: Addressed, now: number): Envelope | string {
  const routingKey = `${record.channel}.${record.status}`;
  const length = utf8Length(routingKey);
  if (length > MAX_ROUTING_KEY) {
    return `The channel's name is too long for RabbitMQ: with the status it is ${length} bytes, and a routing key has at most ${MAX_ROUTING_KEY}.`;
  }
  return {
    exchange: EXCHANGE,
    routingKey,
    mandatory: true,
    durable: true,
    contentType: "application/json",
    messageId: messageIdOf(record),
    type: "message",
    timestamp: Math.floor(now / 1_000),
    appId: "waybill",
  };
}
