import { describe, expect, test } from "vitest";
import { changeOf } from "../support/changes.ts";
import { hasRabbitMq } from "../support/rabbitmq.ts";
import {
  failureOf,
  idOf,
  kindsIn,
  never,
  proxyTo,
  QUEUES,
  rabbitMqStage,
  single,
  sinkOf,
} from "../support/rabbitmq-stage.ts";

const stage = rabbitMqStage();
const { deliverAll, expectBothToHold, openSink, optionsOf, takeAll } = stage;

describe.skipIf(!hasRabbitMq)("RabbitMQ out of reach", () => {
  test("a connection cut amid the confirms leaves what is not confirmed; the next one ends it with duplicates only", async () => {
    const proxy = await proxyTo(stage.rabbit.port);
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
    const proxy = await proxyTo(stage.rabbit.port);
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
    await stage.rabbit.kill9();
    const outcome = await delivering;
    const refused = await failureOf(optionsOf());
    await stage.rabbit.restart();
    expect(outcome.failure).toMatchObject({ kind: "retry" });
    expect(refused).toMatch(/^retry: 127\.0\.0\.1 refuses connections on port/);
    const rest = changes.filter((_, index) => outcome.verdicts[index]?.kind === "unsettled");
    expect(rest.length).toBeGreaterThan(0);
    await deliverAll(rest);
    await expectBothToHold(changes);
  });

  test("a peer that falls silent is found by the heartbeats, and closing does not wait for it", async () => {
    const proxy = await proxyTo(stage.rabbit.port);
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
    const proxy = await proxyTo(stage.rabbit.port);
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
    const proxy = await proxyTo(stage.rabbit.port);
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
    await stage.rabbit.raiseAlarm("disk");
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
    await stage.rabbit.clearAlarm("disk");
    expect(kindsIn(await delivering)).toEqual({ delivered: 200 });
    expect(heard.blocked).toEqual([expect.any(String), null]);
    for (const queue of QUEUES) {
      const ids = new Set((await takeAll(queue)).map(({ messageId }) => messageId));
      expect(changes.every((change) => ids.has(idOf(change)))).toBe(true);
    }
  });
});
