import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { Connection } from "rabbitmq-client";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { QueueWatch } from "../../src-main/sync/rabbitmq/queue-watch.ts";
import { createRabbitMqSink } from "../../src-main/sync/rabbitmq/rabbitmq-sink.ts";
import { testRabbitMq } from "../../src-main/sync/rabbitmq/test-connection.ts";
import type {
  Outcome,
  RabbitMqOptions,
  SinkFailure,
  TextChange,
  TextSink,
} from "../../src-main/sync/sink.ts";
import type { Queues } from "../../src-shared/contract/sync.ts";
import type { MessageRecord } from "../../src-shared/record.ts";
import { makeCertificates } from "../support/certificates.ts";
import { changeOf } from "../support/changes.ts";
import { freePorts, hasRabbitMq, type RabbitMq } from "../support/rabbitmq.ts";
import { sharedRabbitMq } from "../support/shared-rabbitmq.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";

const QUEUES = ["message_storage", "message_processing"];
const broker = sharedRabbitMq({ tls: true });
let rabbit: RabbitMq;
let admin: Connection;
const never = new AbortController().signal;

type Taken = { messageId: string; routingKey: string; body: MessageRecord; [property: string]: unknown };

beforeEach(async () => {
  rabbit = await broker();
  admin = adminOf(rabbit);
});

/** Each test leaves the broker empty. */
afterEach(async () => {
  for (const queue of QUEUES) await admin.queueDelete({ queue });
  await admin.exchangeDelete({ exchange: "waybill.messages" });
  await admin.close();
});

function adminOf({ port, user }: RabbitMq): Connection {
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

type Tuning = Parameters<typeof createRabbitMqSink>[2];
type Heard = { blocked: (string | null)[]; lost: SinkFailure[] };

function sinkOf(options: RabbitMqOptions, tuning: Tuning = {}): { sink: TextSink; heard: Heard } {
  const heard: Heard = { blocked: [], lost: [] };
  const sink = createRabbitMqSink(
    options,
    { onBlocked: (reason) => heard.blocked.push(reason), onLost: (failure) => heard.lost.push(failure) },
    tuning,
  );
  onTestFinished(() => sink.close());
  return { sink, heard };
}

async function openSink(overrides: Partial<RabbitMqOptions> = {}, tuning: Tuning = {}) {
  const opened = sinkOf(optionsOf(overrides), tuning);
  await opened.sink.open(never);
  return opened;
}

async function failureOf(options: RabbitMqOptions, tuning: Tuning = {}): Promise<string> {
  const { sink } = sinkOf(options, tuning);
  const error = await sink.open(never).then(
    () => null,
    (failure: SinkFailure) => failure,
  );
  await sink.close();
  expect(JSON.stringify([error?.message, error?.stack])).not.toContain(options.password);
  return `${error?.kind}: ${error?.message}`;
}

async function proxyTo(port: number): Promise<TcpProxy> {
  const proxy = await startTcpProxy(port);
  onTestFinished(() => proxy.stop());
  return proxy;
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

const kindsIn = ({ verdicts }: Outcome): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { kind } of verdicts) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};
const idOf = ({ record }: TextChange): string => `${record.message_uuid}:${record.revision}`;
const single = (count: number, prefix = "m"): TextChange[] =>
  Array.from({ length: count }, (_, index) => changeOf(`${prefix}${index}`, 1, { topic: `topic ${index}` }));

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

describe.skipIf(!hasRabbitMq)("RabbitMQ", () => {
  test("both queues get every change of every message, in order, as the contract says", async () => {
    const { sink, heard } = await openSink();
    const changes = [1, 2, 3].flatMap((revision) =>
      Array.from({ length: 700 }, (_, index) =>
        changeOf(`m${index}`, revision, { topic: "é", status: "sent" }),
      ),
    );
    changes.push(...Array.from({ length: 40 }, (_, index) => changeOf("busy", index + 1)));
    const outcome = await sink.deliver(changes, never);
    expect([kindsIn(outcome), outcome.failure]).toEqual([{ delivered: changes.length }, null]);

    const [taken] = await takeAll("message_storage");
    expect(taken).toMatchObject({
      exchange: "waybill.messages",
      routingKey: "sms.sent",
      messageId: idOf(changes[0]!),
      contentType: "application/json",
      deliveryMode: 2,
      type: "message",
      appId: "waybill",
      body: JSON.parse(changes[0]!.record.json),
    });
    expect(Math.abs((taken?.timestamp as number) - Date.now() / 1_000)).toBeLessThan(60);
    expect(await sink.deliver(changes, never)).toMatchObject({ failure: null });
    await takeAll("message_processing").then((all) => expect(all).toHaveLength(2 * changes.length));
    await admin.queuePurge({ queue: "message_storage" });
    expect((await sink.deliver(changes, never)).failure).toBeNull();
    expect(await expectBothToHold(changes)).toEqual({ duplicates: 0 });
    expect(heard).toEqual({ blocked: [], lost: [] });
  });

  test("a change that can't be published is parked with the message's later ones, alone", async () => {
    const { sink } = await openSink();
    const long = { channel: "x".repeat(300) };
    const good = single(50);
    const changes = [...good.slice(0, 25), changeOf("p", 1, long), changeOf("p", 2), ...good.slice(25)];
    const outcome = await sink.deliver(changes, never);
    expect([kindsIn(outcome), outcome.failure]).toEqual([{ delivered: 50, parked: 2 }, null]);
    expect(outcome.verdicts[25]).toMatchObject({ reason: expect.stringContaining("too long") });
    const strange = changeOf("strange", 1, { channel: "a.b.#.*.é😀 \n" });
    expect(kindsIn(await sink.deliver([strange], never))).toEqual({ delivered: 1 });
    await expectBothToHold([...good, strange]);
  });

  test("a message larger than the broker takes is parked, and the others arrive", async () => {
    const { sink } = await openSink();
    const was = (await rabbit.control("eval", "application:get_env(rabbit, max_message_size).")).trim();
    const set = (bytes: string) =>
      rabbit.control(
        "eval",
        `persistent_term:put(max_message_size, ${bytes}), application:set_env(rabbit, max_message_size, ${bytes}).`,
      );
    await set("200000");
    onTestFinished(async () => {
      await set(/\d+/.exec(was)?.[0] ?? "134217728");
    });
    const large = changeOf("large", 1, { message_data: { text: "x".repeat(300_000) } });
    const { sink: limited } = await openSink();
    const good = single(60);
    const outcome = await limited.deliver([...good.slice(0, 30), large, ...good.slice(30)], never);
    expect([kindsIn(outcome), outcome.failure]).toEqual([{ delivered: 60, parked: 1 }, null]);
    expect(outcome.verdicts[30]).toMatchObject({ reason: expect.stringContaining("200000") });
    await expectBothToHold(good);
    expect(kindsIn(await sink.deliver([], never))).toEqual({});
  });

  test("a queue or the exchange that is deleted meanwhile is made anew, and misses nothing sent since", async () => {
    const { sink } = await openSink();
    expect(kindsIn(await sink.deliver(single(10, "before"), never))).toEqual({ delivered: 10 });
    await admin.queueDelete({ queue: "message_storage" });
    const changes = single(500);
    expect(await sink.deliver(changes, never)).toMatchObject({ failure: null });
    await admin.queuePurge({ queue: "message_processing" });
    const stored = (await takeAll("message_storage")).map(({ messageId }) => messageId);
    expect(new Set(stored)).toEqual(new Set(changes.map(idOf)));

    for (const queue of QUEUES) await admin.queueDelete({ queue });
    expect(kindsIn(await sink.deliver(changes, never))).toEqual({ delivered: 500 });
    await expectBothToHold(changes);

    await admin.exchangeDelete({ exchange: "waybill.messages" });
    expect(kindsIn(await sink.deliver(changes, never))).toEqual({ delivered: 500 });
    await expectBothToHold(changes);

    for (const queue of QUEUES)
      await admin.queueUnbind({ queue, exchange: "waybill.messages", routingKey: "#" });
    expect(kindsIn(await sink.deliver(changes, never))).toEqual({ delivered: 500 });
    await expectBothToHold(changes);
  });

  test.each(["quorum", "classic"] as const)(
    "a %s queue that is deleted amid the records misses none that came after",
    async (queueType) => {
      const { sink } = await openSink({ queueType });
      const changes = single(4_000);
      const delivering = sink.deliver(changes, never);
      await new Promise((resolve) => setTimeout(resolve, 60));
      await admin.queueDelete({ queue: "message_processing" });
      // Quorum queues may take the channel or the connection with them.
      const outcome = await delivering;
      await sink.close();
      const rest = changes.filter((_, index) => outcome.verdicts[index]?.kind === "unsettled");
      await deliverAll(rest, { queueType });
      await admin.queuePurge({ queue: "message_storage" });
      const lost = new Set(changes.map(idOf));
      for (const { messageId } of await takeAll("message_processing")) lost.delete(messageId);
      // What was in the queue is lost with it; that can only be what was sent before.
      const ids = changes.map(idOf);
      const lastLost = Math.max(-1, ...[...lost].map((id) => ids.indexOf(id)));
      expect(lost.size).toBe(lastLost + 1);
      expect(lost.size).toBeLessThan(4_000);
    },
  );

  test("a queue with a limit that refuses leaves the rest unsettled, to be tried again", async () => {
    const { sink } = await openSink();
    const policy = JSON.stringify({ "max-length": 5, overflow: "reject-publish" });
    await rabbit.control("set_policy", "full", "^message_", policy, "--apply-to", "queues");
    onTestFinished(async () => {
      await rabbit.control("clear_policy", "full");
    });
    let outcome = await sink.deliver(single(300), never);
    // A quorum queue begins to refuse a moment after it is full.
    if (outcome.failure === null) outcome = await sink.deliver(single(300), never);
    expect(outcome.failure).toMatchObject({ kind: "retry", message: expect.stringContaining("full") });
    const { delivered = 0, unsettled = 0 } = kindsIn(outcome);
    expect(delivered + unsettled).toBe(300);
    expect(unsettled).toBeGreaterThan(0);
  });

  test("a connection cut amid the confirms leaves what is not confirmed; the next one ends it with duplicates only", async () => {
    const proxy = await proxyTo(rabbit.port);
    const { sink, heard } = await openSink({ port: proxy.port });
    const changes = [
      ...single(1_500),
      ...Array.from({ length: 1_500 }, (_, index) => changeOf(`m${index}`, 2)),
    ];
    // Each confirm is some twenty bytes, or one for many.
    void proxy.cutAfterAnswers(400);
    const outcome = await sink.deliver(changes, never);
    expect(outcome.failure).toMatchObject({ kind: "retry" });
    const { delivered = 0, unsettled = 0 } = kindsIn(outcome);
    expect(delivered + unsettled).toBe(3_000);
    expect(unsettled).toBeGreaterThan(0);
    await sink.close();
    expect(heard).toEqual({ blocked: [], lost: [] });

    const { sink: next } = await openSink({ port: proxy.port });
    const rest = changes.filter((_, index) => outcome.verdicts[index]?.kind === "unsettled");
    expect(kindsIn(await next.deliver(rest, never))).toEqual({ delivered: rest.length });
    const { duplicates } = await expectBothToHold(changes);
    expect(duplicates).toBeLessThanOrEqual(2 * 2_500);
  });

  test("a connection that ends between two deliveries is told at once, and not opened again by itself", async () => {
    const proxy = await proxyTo(rabbit.port);
    const { sink, heard } = await openSink({ port: proxy.port });
    proxy.cut();
    await expect.poll(() => heard.lost.length).toBe(1);
    expect(heard.lost[0]).toMatchObject({ kind: "retry", message: expect.stringContaining("ended") });
    expect(await sink.deliver(single(3), never)).toMatchObject({ failure: { kind: "retry" } });
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect([proxy.accepted, proxy.open]).toEqual([1, 0]);
  });

  test("the broker is killed amid the records and comes back with all that it confirmed", async () => {
    const { sink } = await openSink();
    // RabbitMQ may lose a quorum queue that it has only just made.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    const changes = single(4_000);
    const delivering = sink.deliver(changes, never);
    await new Promise((resolve) => setTimeout(resolve, 120));
    await rabbit.kill9();
    const outcome = await delivering;
    const refused = await failureOf(optionsOf());
    await rabbit.restart();
    expect(outcome.failure).toMatchObject({ kind: "retry" });
    expect(refused).toMatch(/^retry: 127\.0\.0\.1 refuses connections on port/);
    const rest = changes.filter((_, index) => outcome.verdicts[index]?.kind === "unsettled");
    expect(rest.length).toBeGreaterThan(0);
    await deliverAll(rest);
    await expectBothToHold(changes);
  });

  test("a peer that falls silent is found by the heartbeats, and closing does not wait for it", async () => {
    const proxy = await proxyTo(rabbit.port);
    const { sink, heard } = await openSink({ port: proxy.port }, { times: { heartbeatSeconds: 1 } });
    const { sink: patient } = await openSink({ port: proxy.port });
    proxy.faults.swallowAnswers = true;
    const outcome = await sink.deliver(single(20), never);
    expect(outcome.failure).toMatchObject({
      kind: "retry",
      message: expect.stringContaining("no sign of life"),
    });
    expect(kindsIn(outcome)).toEqual({ unsettled: 20 });
    expect(heard.lost).toEqual([]);
    const begun = Date.now();
    await patient.close();
    expect(Date.now() - begun).toBeLessThan(2_000);
    await expect.poll(() => proxy.open).toBe(0);
  });

  test("a peer that takes the connection and never answers is given up", async () => {
    const proxy = await proxyTo(rabbit.port);
    proxy.faults.swallowAnswers = true;
    expect(await failureOf(optionsOf({ port: proxy.port }), { times: { connectMs: 500 } })).toMatch(
      /^retry: .*not answer/,
    );
    const ending = new AbortController();
    const { sink } = sinkOf(optionsOf({ port: proxy.port }));
    const opening = sink.open(ending.signal);
    setTimeout(() => ending.abort(), 100);
    await expect(opening).rejects.toMatchObject({ kind: "retry" });
    await expect.poll(() => proxy.open).toBe(0);
    proxy.faults.swallowAnswers = false;
    proxy.faults.refuse = true;
    expect(await failureOf(optionsOf({ port: proxy.port }))).toMatch(/^retry: .*before it let Waybill in/);
  });

  test("the signal ends a delivery soon, with what was confirmed", async () => {
    const proxy = await proxyTo(rabbit.port);
    const { sink } = await openSink({ port: proxy.port });
    proxy.faults.delayMs = 20;
    const ending = new AbortController();
    setTimeout(() => ending.abort(), 150);
    const begun = Date.now();
    const outcome = await sink.deliver(single(4_000), ending.signal);
    expect(Date.now() - begun).toBeLessThan(2_000);
    expect(outcome.failure).toBeNull();
    expect(kindsIn(outcome).unsettled).toBeGreaterThan(0);
    await sink.close();
    expect(kindsIn(await (await openSink()).sink.deliver(single(3), ending.signal))).toEqual({
      unsettled: 3,
    });
  });

  test("a broker with a full disk is shown as blocked, and goes on once it has room", async () => {
    const { sink, heard } = await openSink({}, { times: { heartbeatSeconds: 1 } });
    await rabbit.raiseAlarm("disk");
    const changes = single(200);
    let isDone = false;
    const delivering = sink.deliver(changes, never).then((outcome) => {
      isDone = true;
      return outcome;
    });
    await expect.poll(() => heard.blocked).toEqual([expect.stringContaining("low on disk")]);
    const ending = new AbortController();
    const other = await openSink();
    const stuck = other.sink.deliver(single(5, "other"), ending.signal);
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    expect(isDone).toBe(false);
    const begun = Date.now();
    ending.abort();
    expect(kindsIn(await stuck)).toEqual({ unsettled: 5 });
    await other.sink.close();
    expect(Date.now() - begun).toBeLessThan(2_500);
    await rabbit.clearAlarm("disk");
    expect(kindsIn(await delivering)).toEqual({ delivered: 200 });
    expect(heard.blocked).toEqual([expect.any(String), null]);
    for (const queue of QUEUES) {
      const ids = new Set((await takeAll(queue)).map(({ messageId }) => messageId));
      expect(changes.every((change) => ids.has(idOf(change)))).toBe(true);
    }
  });

  test("a queue of another type or with other arguments is told with the way out", async () => {
    await admin.queueDeclare({ queue: "message_storage", durable: true });
    expect(await failureOf(optionsOf())).toMatch(
      /^stop: The queue message_storage is a classic queue, and the settings ask for quorum\. Set the queue type/,
    );
    // A classic queue that was made without a type is the same to the broker.
    await (await openSink({ queueType: "classic" })).sink.close();
    const failed = await testRabbitMq(optionsOf());
    expect(failed).toMatchObject({ ok: false, message: expect.stringContaining("is a classic queue") });
    expect(await testRabbitMq(optionsOf({ queueType: "classic" }))).toMatchObject({ ok: true });
    await admin.queueDelete({ queue: "message_storage" });
    await admin.queueDeclare({
      queue: "message_storage",
      durable: true,
      arguments: { "x-queue-type": "quorum", "x-max-length": 5 },
    });
    expect(await failureOf(optionsOf())).toMatch(/^stop: The queue message_storage exists with another/);
    await admin.queueDelete({ queue: "message_storage" });
    await admin.exchangeDelete({ exchange: "waybill.messages" });
    await admin.exchangeDeclare({ exchange: "waybill.messages", type: "fanout", durable: true });
    expect(await failureOf(optionsOf())).toMatch(
      /^stop: The exchange waybill\.messages exists with another type/,
    );
  });

  test("what is wrong with an address, a user or a vhost is told in words, and never the password", async () => {
    const [free = 0] = await freePorts(1);
    const asWriter = { user: rabbit.writer.name, password: rabbit.writer.password };
    const cases: [Partial<RabbitMqOptions>, RegExp][] = [
      [{ port: free }, /^retry: 127\.0\.0\.1 refuses connections on port \d+/],
      [{ host: "localhost", port: free }, /^retry: localhost refuses connections/],
      [{ host: "no-such-host.invalid" }, /^retry: (There is no host named|The name) no-such-host\.invalid/],
      [
        { password: "hunter2" },
        /^stop: 127\.0\.0\.1 refuses the user ops: the name or the password is wrong/,
      ],
      [{ user: "guest", password: "hunter2" }, /^stop: 127\.0\.0\.1 refuses the user guest/],
      [{ vhost: "nowhere" }, /^stop: There is no vhost nowhere/],
      [{ ...asWriter, vhost: rabbit.vhost }, /^stop: The user writer may not use the vhost team\/a/],
      [asWriter, /^stop: The user writer may not do this at the broker: .*waybill\.messages/],
      [{ port: rabbit.tls!.port }, /^retry: .*before it let Waybill in.*TLS/],
      [
        { tls: { caFile: null, certFile: null, keyFile: null } },
        /^stop: Port \d+ of 127\.0\.0\.1 does not speak TLS/,
      ],
    ];
    for (const [overrides, wanted] of cases) {
      expect(await failureOf(optionsOf(overrides))).toMatch(wanted);
    }
    expect(await testRabbitMq(optionsOf({ password: "hunter2" }))).toEqual({
      ok: false,
      message: expect.stringContaining("password is wrong"),
    });
    const { sink } = await openSink({ vhost: rabbit.vhost });
    expect(kindsIn(await sink.deliver(single(2), never))).toEqual({ delivered: 2 });
  });

  test("the test of the connection tells what is missing and makes nothing", async () => {
    expect(await testRabbitMq(optionsOf())).toEqual({
      ok: true,
      message: expect.stringMatching(
        /^Connected to amqp:\/\/ops@127\.0\.0\.1:\d+\. Waybill will make what is missing.*message_storage/,
      ),
    });
    expect(await testRabbitMq(optionsOf())).toMatchObject({ message: expect.stringContaining("missing") });
    await openSink();
    expect(await testRabbitMq(optionsOf())).toMatchObject({
      message: expect.stringContaining("both queues are there"),
    });
  });

  test("TLS with an authority of one's own and a client certificate", async () => {
    const { port, certificates } = rabbit.tls!;
    const files = {
      caFile: certificates.ca,
      certFile: certificates.client.cert,
      keyFile: certificates.client.key,
    };
    const over = (
      tls: Partial<Record<keyof typeof files, string | null>>,
      more: Partial<RabbitMqOptions> = {},
    ) => optionsOf({ port, tls: { ...files, ...tls }, ...more });
    const { sink } = await openSink(over({}));
    expect(kindsIn(await sink.deliver(single(5), never))).toEqual({ delivered: 5 });
    await expectBothToHold(single(5));
    expect(await testRabbitMq(over({}, { host: "localhost" }))).toMatchObject({ ok: true });

    expect(await failureOf(over({ caFile: null }))).toMatch(/^stop: .*authority that is not known here/);
    expect(await failureOf(over({ caFile: certificates.otherCa }))).toMatch(
      /^stop: .*authority that is not known/,
    );
    expect(await failureOf(over({ certFile: null, keyFile: null }))).toMatch(
      /^stop: .*wants a client certificate/,
    );
    expect(await failureOf(over({ caFile: "/nowhere/ca.pem" }))).toBe(
      "stop: The CA file /nowhere/ca.pem for TLS with 127.0.0.1 can't be read.",
    );
    expect(await failureOf(over({ keyFile: certificates.ca }))).toMatch(/^stop: .*must be PEM files/);
  });

  test("a certificate that is expired or for another host is told as such", async () => {
    const folder = await mkdtemp(join(tmpdir(), "waybill-certificates-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const { ca, expired, misnamed } = makeCertificates(folder);
    const failureWith = async ({ cert, key }: { cert: string; key: string }): Promise<string> => {
      const server = createTlsServer({ cert: await readFile(cert), key: await readFile(key) });
      server.on("tlsClientError", () => {});
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const { port } = server.address() as { port: number };
      const failure = await failureOf(
        optionsOf({ port, tls: { caFile: ca, certFile: null, keyFile: null } }),
      );
      server.close();
      return failure;
    };
    expect(await failureWith(expired)).toMatch(/^stop: The certificate of 127\.0\.0\.1 has expired/);
    expect(await failureWith(misnamed)).toMatch(/^stop: The certificate of 127\.0\.0\.1 is for another name/);
  });

  test("what answers there may be no broker at all", async () => {
    const server = createServer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    expect(await failureOf(optionsOf({ port }))).toMatch(/^stop: What answers there is not RabbitMQ/);
    server.close();
  });

  test("the queues are watched: depth, consumers, missing ones, and a broker out of reach", async () => {
    const proxy = await proxyTo(rabbit.port);
    const seen: Queues[] = [];
    const watch = new QueueWatch(optionsOf({ port: proxy.port }), (queues) => seen.push(queues), 50);
    onTestFinished(() => watch.close());
    const last = () => seen.at(-1);
    await expect.poll(last).toMatchObject({ available: true, message: expect.stringContaining("missing") });
    expect(last()?.queues.map(({ depth }) => depth)).toEqual([null, null]);

    const { sink } = await openSink();
    await sink.deliver(single(7), never);
    await expect.poll(last).toMatchObject({
      available: true,
      message: expect.stringContaining("Nobody reads message_storage and message_processing"),
      queues: [
        { queue: "message_storage", depth: 7, consumers: 0, verdict: "alarm" },
        { queue: "message_processing", depth: 7, consumers: 0, verdict: "alarm" },
      ],
    });
    const channel = await admin.acquire();
    await channel.basicQos({ prefetchCount: 1 });
    for (const queue of QUEUES) await channel.basicConsume({ queue }, () => {});
    await expect.poll(() => last()?.queues.map(({ verdict }) => verdict)).toEqual(["busy", "busy"]);
    await admin.queueDelete({ queue: "message_storage" });
    await expect.poll(() => last()?.queues.map(({ depth }) => depth === null)).toEqual([true, false]);
    expect(last()?.message).toMatch(/^The queue message_storage is missing/);

    proxy.faults.refuse = true;
    proxy.cut();
    await expect.poll(() => last()?.available).toBe(false);
    expect(last()?.queues[1]?.history.length).toBeGreaterThan(0);
    expect(last()?.queues[1]?.depth).toBeNull();
    proxy.faults.refuse = false;
    await expect.poll(() => last()?.available, { timeout: 10_000 }).toBe(true);
    await channel.close();
    await watch.close();
    await expect.poll(() => proxy.open).toBe(0);
    for (const { queues } of seen)
      for (const { history } of queues) expect(history.length).toBeLessThanOrEqual(120);
  });

  test("it is as fast as the client library in a bare loop with the same window and bodies", async () => {
    const changes = single(4_000);
    const { sink } = await openSink();
    const bodies = changes.map(({ record }) => Buffer.from(record.json));
    const channel = await admin.acquire();
    await channel.confirmSelect();
    const bare = async (): Promise<number> => {
      const begun = performance.now();
      let sent = 0;
      let confirmed = 0;
      await new Promise<void>((resolve) => {
        const pump = (): void => {
          while (sent < bodies.length && sent - confirmed < 1_000) {
            const messageId = idOf(changes[sent]!);
            const envelope = {
              exchange: "waybill.messages",
              routingKey: "sms.pending",
              mandatory: true,
              durable: true,
            };
            void channel
              .basicPublish(
                {
                  ...envelope,
                  messageId,
                  contentType: "application/json",
                  type: "message",
                  appId: "waybill",
                },
                bodies[sent]!,
              )
              .then(() => {
                confirmed += 1;
                if (confirmed === bodies.length) resolve();
                else pump();
              });
            sent += 1;
          }
        };
        pump();
      });
      return bodies.length / ((performance.now() - begun) / 1_000);
    };
    const through = async (): Promise<number> => {
      const begun = performance.now();
      for (let from = 0; from < changes.length; from += sink.batch) {
        expect((await sink.deliver(changes.slice(from, from + sink.batch), never)).failure).toBeNull();
      }
      return changes.length / ((performance.now() - begun) / 1_000);
    };
    const rates: { bare: number[]; sink: number[] } = { bare: [], sink: [] };
    // In turns, and the middle of each: the machine is shared.
    for (let turn = 0; turn < 5; turn += 1) {
      for (const queue of QUEUES) await admin.queuePurge({ queue });
      rates.bare.push(await bare());
      for (const queue of QUEUES) await admin.queuePurge({ queue });
      rates.sink.push(await through());
    }
    const [ofBare = 0, ofSink = 0] = [rates.bare, rates.sink].map((all) => all.toSorted((a, b) => a - b)[2]);
    await channel.close();
    console.log(
      `RabbitMQ: ${Math.round(ofSink)}/s by the sink, ${Math.round(ofBare)}/s in a bare loop, ratio ${(ofSink / ofBare).toFixed(2)}`,
    );
    expect(ofSink / ofBare).toBeGreaterThan(0.5);
  });
});
