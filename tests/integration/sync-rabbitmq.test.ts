import { describe, expect, onTestFinished, test } from "vitest";
import { changeOf } from "../support/changes.ts";
import { hasRabbitMq } from "../support/rabbitmq.ts";
import { idOf, kindsIn, never, QUEUES, rabbitMqStage, single } from "../support/rabbitmq-stage.ts";

const stage = rabbitMqStage();
const { deliverAll, expectBothToHold, openSink, takeAll } = stage;

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
    await stage.admin.queuePurge({ queue: "message_storage" });
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
    const was = (await stage.rabbit.control("eval", "application:get_env(rabbit, max_message_size).")).trim();
    const set = (bytes: string) =>
      stage.rabbit.control(
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
    await stage.admin.queueDelete({ queue: "message_storage" });
    const changes = single(500);
    expect(await sink.deliver(changes, never)).toMatchObject({ failure: null });
    await stage.admin.queuePurge({ queue: "message_processing" });
    const stored = (await takeAll("message_storage")).map(({ messageId }) => messageId);
    expect(new Set(stored)).toEqual(new Set(changes.map(idOf)));

    for (const queue of QUEUES) await stage.admin.queueDelete({ queue });
    expect(kindsIn(await sink.deliver(changes, never))).toEqual({ delivered: 500 });
    await expectBothToHold(changes);

    await stage.admin.exchangeDelete({ exchange: "waybill.messages" });
    expect(kindsIn(await sink.deliver(changes, never))).toEqual({ delivered: 500 });
    await expectBothToHold(changes);

    for (const queue of QUEUES)
      await stage.admin.queueUnbind({ queue, exchange: "waybill.messages", routingKey: "#" });
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
      await stage.admin.queueDelete({ queue: "message_processing" });
      // Quorum queues may take the channel or the connection with them.
      const outcome = await delivering;
      await sink.close();
      const rest = changes.filter((_, index) => outcome.verdicts[index]?.kind === "unsettled");
      await deliverAll(rest, { queueType });
      await stage.admin.queuePurge({ queue: "message_storage" });
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
    await stage.rabbit.control("set_policy", "full", "^message_", policy, "--apply-to", "queues");
    onTestFinished(async () => {
      await stage.rabbit.control("clear_policy", "full");
    });
    let outcome = await sink.deliver(single(300), never);
    // A quorum queue begins to refuse a moment after it is full.
    if (outcome.failure === null) outcome = await sink.deliver(single(300), never);
    expect(outcome.failure).toMatchObject({ kind: "retry", message: expect.stringContaining("full") });
    const { delivered = 0, unsettled = 0 } = kindsIn(outcome);
    expect(delivered + unsettled).toBe(300);
    expect(unsettled).toBeGreaterThan(0);
  });

  test("it is as fast as the client library in a bare loop with the same window and bodies", async () => {
    const changes = single(4_000);
    const { sink } = await openSink();
    const bodies = changes.map(({ record }) => Buffer.from(record.json));
    const channel = await stage.admin.acquire();
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
      for (const queue of QUEUES) await stage.admin.queuePurge({ queue });
      rates.bare.push(await bare());
      for (const queue of QUEUES) await stage.admin.queuePurge({ queue });
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
