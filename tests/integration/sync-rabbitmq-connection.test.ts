import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer as createTlsServer } from "node:tls";
import { describe, expect, onTestFinished, test } from "vitest";
import { QueueWatch } from "../../src-main/sync/rabbitmq/queue-watch.ts";
import { testRabbitMq } from "../../src-main/sync/rabbitmq/test-connection.ts";
import type { RabbitMqOptions } from "../../src-main/sync/sink.ts";
import type { Queues } from "../../src-shared/contract/sync.ts";
import { makeCertificates } from "../support/certificates.ts";
import { freePorts, hasRabbitMq } from "../support/rabbitmq.ts";
import {
  failureOf,
  kindsIn,
  never,
  proxyTo,
  QUEUES,
  rabbitMqStage,
  single,
} from "../support/rabbitmq-stage.ts";

const stage = rabbitMqStage();
const { expectBothToHold, openSink, optionsOf } = stage;

describe.skipIf(!hasRabbitMq)("The connection to RabbitMQ", () => {
  test("a queue of another type or with other arguments is told with the way out", async () => {
    await stage.admin.queueDeclare({ queue: "message_storage", durable: true });
    expect(await failureOf(optionsOf())).toMatch(
      /^stop: The queue message_storage is a classic queue, and the settings ask for quorum\. Set the queue type/,
    );
    // A classic queue that was made without a type is the same to the broker.
    await (await openSink({ queueType: "classic" })).sink.close();
    const failed = await testRabbitMq(optionsOf());
    expect(failed).toMatchObject({ ok: false, message: expect.stringContaining("is a classic queue") });
    expect(await testRabbitMq(optionsOf({ queueType: "classic" }))).toMatchObject({ ok: true });
    await stage.admin.queueDelete({ queue: "message_storage" });
    await stage.admin.queueDeclare({
      queue: "message_storage",
      durable: true,
      arguments: { "x-queue-type": "quorum", "x-max-length": 5 },
    });
    expect(await failureOf(optionsOf())).toMatch(/^stop: The queue message_storage exists with another/);
    await stage.admin.queueDelete({ queue: "message_storage" });
    await stage.admin.exchangeDelete({ exchange: "waybill.messages" });
    await stage.admin.exchangeDeclare({ exchange: "waybill.messages", type: "fanout", durable: true });
    expect(await failureOf(optionsOf())).toMatch(
      /^stop: The exchange waybill\.messages exists with another type/,
    );
  });

  test("what is wrong with an address, a user or a vhost is told in words, and never the password", async () => {
    const [free = 0] = await freePorts(1);
    const asWriter = { user: stage.rabbit.writer.name, password: stage.rabbit.writer.password };
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
      [{ ...asWriter, vhost: stage.rabbit.vhost }, /^stop: The user writer may not use the vhost team\/a/],
      [asWriter, /^stop: The user writer may not do this at the broker: .*waybill\.messages/],
      [{ port: stage.rabbit.tls!.port }, /^retry: .*before it let Waybill in.*TLS/],
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
    const { sink } = await openSink({ vhost: stage.rabbit.vhost });
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
    const { port, certificates } = stage.rabbit.tls!;
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
    const proxy = await proxyTo(stage.rabbit.port);
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
    const channel = await stage.admin.acquire();
    await channel.basicQos({ prefetchCount: 1 });
    for (const queue of QUEUES) await channel.basicConsume({ queue }, () => {});
    await expect.poll(() => last()?.queues.map(({ verdict }) => verdict)).toEqual(["busy", "busy"]);
    await stage.admin.queueDelete({ queue: "message_storage" });
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
});
