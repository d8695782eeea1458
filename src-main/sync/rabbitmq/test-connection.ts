import type { Channel } from "rabbitmq-client";
import { type RabbitMqOptions, SinkFailure } from "../sink.ts";
import { BrokerConnection } from "./broker-connection.ts";
import { targetOf } from "./config.ts";
import { codeOf } from "./failures.ts";
import { declareTopology, EXCHANGE, QUEUES } from "./topology.ts";
import { within } from "./within.ts";

const CONNECT_MS = 6_000;
const ALL_MS = 8_000;

/**
 * Tries the connection, and looks whether what Waybill needs is there or can be made; changes nothing that is not
 * Waybill's own. Answers within ten seconds, in words. Never rejects.
 */
export async function testRabbitMq(options: RabbitMqOptions): Promise<{ ok: boolean; message: string }> {
  const ending = new AbortController();
  const times = { connectMs: CONNECT_MS, heartbeatSeconds: 10 };
  const message = `${options.host} does not answer in time.`;
  let connection: BrokerConnection | null = null;
  const look = async (): Promise<string> => {
    connection = await BrokerConnection.open(options, "waybill connection test", ending.signal, times);
    return await lookAround(connection, options);
  };
  try {
    return { ok: true, message: await within(look(), ending.signal, { ms: ALL_MS, message }) };
  } catch (error) {
    return { ok: false, message: error instanceof SinkFailure ? error.message : String(error) };
  } finally {
    ending.abort();
    await (connection as BrokerConnection | null)?.close();
  }
}

async function lookAround(connection: BrokerConnection, options: RabbitMqOptions): Promise<string> {
  const missing: string[] = [];
  const ask = async (what: string, passive: (channel: Channel) => Promise<unknown>): Promise<void> => {
    const channel = await connection.channel();
    try {
      await passive(channel);
      await channel.close();
    } catch (error) {
      if (codeOf(error) !== "NOT_FOUND") throw connection.explain(error);
      missing.push(what);
    }
  };
  await ask(`exchange ${EXCHANGE}`, (channel) =>
    channel.exchangeDeclare({ exchange: EXCHANGE, type: "topic", passive: true }),
  );
  for (const queue of QUEUES) {
    await ask(`queue ${queue}`, (channel) => channel.queueDeclare({ queue, passive: true }));
  }
  const target = targetOf(options);
  if (missing.length > 0) {
    return `Connected to ${target}. Waybill will make what is missing there: ${missing.join(", ")}.`;
  }
  // All of it is there, so this changes nothing but tells whether it is as Waybill would make it.
  const channel = await connection.channel();
  try {
    await declareTopology(channel, options.queueType);
    await channel.close();
  } catch (error) {
    throw connection.explain(error);
  }
  return `Connected to ${target}. The exchange and both queues are there.`;
}
