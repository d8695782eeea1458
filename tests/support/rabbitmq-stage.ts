import type { Connection } from "rabbitmq-client";
import { afterEach, beforeEach, expect, onTestFinished } from "vitest";
import { createRabbitMqSink } from "../../src-main/sync/rabbitmq/rabbitmq-sink.ts";
import type {
  Outcome,
  RabbitMqOptions,
  SinkFailure,
  TextChange,
  TextSink,
} from "../../src-main/sync/sink.ts";
import type { MessageRecord } from "../../src-shared/record.ts";
import { changeOf } from "./changes.ts";
import { connectionTo } from "./publish.ts";
import type { RabbitMq } from "./rabbitmq.ts";
import { sharedRabbitMq } from "./shared-rabbitmq.ts";
import { startTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

export const QUEUES = ["message_storage", "message_processing"];
/** Of a delivery that nobody ends. */
export const never = new AbortController().signal;

type Taken = { messageId: string; routingKey: string; body: MessageRecord; [property: string]: unknown };
type Tuning = Parameters<typeof createRabbitMqSink>[2];
type Heard = { blocked: (string | null)[]; lost: SinkFailure[] };

/** A sink that is not open yet, closed after the test, and what it says by itself. */
export function sinkOf(options: RabbitMqOptions, tuning: Tuning = {}): { sink: TextSink; heard: Heard } {
  const heard: Heard = { blocked: [], lost: [] };
  const sink = createRabbitMqSink(
    options,
    { onBlocked: (reason) => heard.blocked.push(reason), onLost: (failure) => heard.lost.push(failure) },
    tuning,
  );
  onTestFinished(() => sink.close());
  return { sink, heard };
}

/** Why a sink does not open, which never tells the password. */
export async function failureOf(options: RabbitMqOptions, tuning: Tuning = {}): Promise<string> {
  const { sink } = sinkOf(options, tuning);
  const error = await sink.open(never).then(
    () => null,
    (failure: SinkFailure) => failure,
  );
  await sink.close();
  expect(JSON.stringify([error?.message, error?.stack])).not.toContain(options.password);
  return `${error?.kind}: ${error?.message}`;
}

export async function proxyTo(port: number): Promise<TcpProxy> {
  const proxy = await startTcpProxy(port);
  onTestFinished(() => proxy.stop());
  return proxy;
}

/** How many changes have each verdict. */
export function kindsIn({ verdicts }: Outcome): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of verdicts) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

export function idOf({ record }: TextChange): string {
  return `${record.message_uuid}:${record.revision}`;
}

/** The first changes of so many messages. */
export function single(count: number, prefix = "m"): TextChange[] {
  return Array.from({ length: count }, (_, index) =>
    changeOf(`${prefix}${index}`, 1, { topic: `topic ${index}` }),
  );
}

/** RabbitMQ's sink at a broker of this test file, which is empty again after each test. */
export function rabbitMqStage() {
  const broker = sharedRabbitMq({ tls: true });
  let rabbit: RabbitMq;
  let admin: Connection;

  beforeEach(async () => {
    rabbit = await broker();
    admin = connectionTo(rabbit);
  });
  afterEach(async () => {
    for (const queue of QUEUES) await admin.queueDelete({ queue });
    await admin.exchangeDelete({ exchange: "waybill.messages" });
    await admin.close();
  });

  function optionsOf(overrides: Partial<RabbitMqOptions> = {}): RabbitMqOptions {
    return {
      host: "127.0.0.1",
      port: rabbit.port,
      vhost: "/",
      user: rabbit.user.name,
      password: rabbit.user.password,
      tls: null,
      queueType: "quorum",
      ...overrides,
    };
  }

  async function openSink(overrides: Partial<RabbitMqOptions> = {}, tuning: Tuning = {}) {
    const opened = sinkOf(optionsOf(overrides), tuning);
    await opened.sink.open(never);
    return opened;
  }

  /** Everything in a queue, which is empty then. */
  async function takeAll(queue: string): Promise<Taken[]> {
    const channel = await admin.acquire();
    const taken: Taken[] = [];
    const { messageCount } = await channel.queueDeclare({ queue, passive: true });
    if (messageCount > 0) {
      await new Promise<void>((resolve) => {
        void channel.basicConsume({ queue, noAck: true }, (message) => {
          taken.push(message as unknown as Taken);
          if (taken.length === messageCount) resolve();
        });
      });
    }
    await channel.close();
    return taken;
  }

  /** As a relay does: over new connections until all are there. */
  async function deliverAll(changes: readonly TextChange[], overrides: Partial<RabbitMqOptions> = {}) {
    let rest = changes;
    for (let tries = 0; rest.length > 0; tries += 1) {
      if (tries === 20) throw new Error(`${rest.length} records do not arrive`);
      const { sink } = await openSink(overrides);
      const { verdicts, failure } = await sink.deliver(rest, never);
      await sink.close();
      rest = rest.filter((_, index) => verdicts[index]?.kind === "unsettled");
      if (failure !== null) await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }

  /** Both queues have all of them at least once, each message's revisions in order where they first come. */
  async function expectBothToHold(changes: readonly TextChange[]): Promise<{ duplicates: number }> {
    const wanted = new Set(changes.map(idOf));
    let duplicates = 0;
    for (const queue of QUEUES) {
      const taken = await takeAll(queue);
      const ids = taken.map(({ messageId }) => messageId);
      const seen = new Set(ids);
      expect(seen).toEqual(wanted);
      duplicates += ids.length - seen.size;
      const highest = new Map<string, number>();
      for (const { body } of taken) {
        const before = highest.get(body.message_uuid) ?? 0;
        expect(body.revision).toBeLessThanOrEqual(before + 1);
        highest.set(body.message_uuid, Math.max(before, body.revision));
      }
    }
    return { duplicates };
  }

  return {
    get rabbit() {
      return rabbit;
    },
    /** A connection of the test's own. */
    get admin() {
      return admin;
    },
    optionsOf,
    openSink,
    takeAll,
    deliverAll,
    expectBothToHold,
  };
}
