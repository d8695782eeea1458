import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import type { Delivery } from "../../src-main/consume/delivery.ts";
import { QueueSession } from "../../src-main/consume/queue-session.ts";
import { rabbitmqOptions } from "../../src-main/sync/rabbitmq/config.ts";
import { rabbitmqSettingsSchema } from "../../src-shared/contract/sync-settings.ts";
import { connectionTo, publishAll } from "../support/publish.ts";
import { hasRabbitMq, type RabbitMq } from "../support/rabbitmq.ts";
import { sharedRabbitMq } from "../support/shared-rabbitmq.ts";

const QUEUE = "large_ones";
const KIB = 1024;
const LIMIT = 2 * KIB * KIB;

/** What has to pass through a broker a little at a time takes a while on a machine with much else to do. */
function comes(check: () => void): Promise<void> {
  return vi.waitFor(check, { timeout: 60_000, interval: 20 });
}

/** A session whose deliveries are kept until the test acknowledges them. */
async function openSession(rabbit: RabbitMq, prefetch: number) {
  const broker = rabbitmqOptions({ RABBITMQ_URL: rabbit.url }, rabbitmqSettingsSchema.parse({}), null);
  if (broker === null) throw new Error("Not configured");
  const held: Delivery[] = [];
  const seen = { messages: 0, bytes: 0, mostBytes: 0 };
  const session = await QueueSession.open(
    { broker, queues: [QUEUE], prefetch, heldBytes: LIMIT },
    (delivery) => {
      held.push(delivery);
      seen.messages += 1;
      seen.bytes += delivery.body.length;
      seen.mostBytes = Math.max(seen.mostBytes, seen.bytes);
    },
    new AbortController().signal,
  );
  onTestFinished(() => session.close());
  /** As a batch that is stored. */
  const settle = (count: number): void => {
    const batch = held.splice(0, count);
    for (const { body } of batch) seen.bytes -= body.length;
    session.acknowledge(batch, new Set(batch));
  };
  return { seen, held, settle };
}

describe.skipIf(!hasRabbitMq)("what a consumer has out", () => {
  const broker = sharedRabbitMq();
  let rabbit: RabbitMq;
  beforeEach(async () => {
    rabbit = await broker();
    const connection = connectionTo(rabbit);
    await connection.queueDeclare({ queue: QUEUE, durable: true });
    await connection.close();
  });
  afterEach(async () => {
    const connection = connectionTo(rabbit);
    await connection.queueDelete({ queue: QUEUE });
    await connection.close();
  });

  async function publish(count: number, bytes: number): Promise<void> {
    const connection = connectionTo(rabbit);
    const bodies = Array.from({ length: count }, (_, index) => String(index).padEnd(bytes, "x"));
    await publishAll(connection, QUEUE, bodies);
    await connection.close();
  }

  test("is bounded by its bytes where messages are large, and all of them come", async () => {
    await publish(100, 256 * KIB);
    const { seen, settle } = await openSession(rabbit, 1_000);
    await comes(() => expect(seen.messages).toBeGreaterThan(0));
    // An outage of the archive: nothing is stored, and nothing more comes.
    await pause(500);
    expect(seen.bytes).toBeLessThanOrEqual(2 * LIMIT);
    await comes(() => {
      settle(4);
      expect(seen.messages).toBe(100);
    });
    expect(seen.mostBytes).toBeLessThanOrEqual(2 * LIMIT);
  });

  test("is the whole prefetch where they are small; large ones behind them are taken a few at a time", async () => {
    await publish(300, 100);
    const { seen, held, settle } = await openSession(rabbit, 100);
    await comes(() => {
      if (seen.messages < 100) settle(held.length);
      expect(held.length).toBeGreaterThanOrEqual(100);
    });
    await pause(200);
    // And the few that the first count had let out.
    expect(held.length).toBeLessThanOrEqual(102);
    await publish(100, 256 * KIB);
    await comes(() => {
      settle(4);
      expect(seen.messages).toBe(400);
    });
    settle(held.length);
    await publish(100, 256 * KIB);
    seen.mostBytes = 0;
    await comes(() => {
      settle(4);
      expect(seen.messages).toBe(500);
    });
    expect(seen.mostBytes).toBeLessThanOrEqual(2 * LIMIT);
  });
});
