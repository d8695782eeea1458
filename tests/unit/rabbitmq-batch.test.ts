import fc from "fast-check";
import { expect, test } from "vitest";
import { Batch } from "../../src-main/sync/rabbitmq/batch.ts";
import { envelopeOf } from "../../src-main/sync/rabbitmq/envelope.ts";
import { queueVerdict } from "../../src-main/sync/rabbitmq/queue-verdict.ts";
import { changeOf } from "../support/changes.ts";

const drain = (batch: Batch): number[] => {
  const taken: number[] = [];
  for (let index = batch.next(); index !== null; index = batch.next()) taken.push(index);
  return taken;
};
const settle = (batch: Batch, index: number): void => {
  batch.confirm(index);
  batch.deliver(index);
};
const kinds = (batch: Batch): string => batch.verdicts.map(({ kind }) => kind[0]).join("");

test("a message's next change waits for the one before it, and others go on", () => {
  const batch = new Batch([changeOf("a", 1), changeOf("a", 2), changeOf("b", 1), changeOf("a", 3)]);
  expect(drain(batch)).toEqual([0, 2]);
  settle(batch, 2);
  expect(drain(batch)).toEqual([]);
  settle(batch, 0);
  expect(drain(batch)).toEqual([1]);
  settle(batch, 1);
  settle(batch, 3);
  expect([batch.flying, batch.unsent]).toEqual([0, 1]);
  expect(drain(batch)).toEqual([3]);
  settle(batch, 3);
  expect([kinds(batch), batch.unsent]).toEqual(["dddd", 0]);
});

test("what is parked parks the message's later changes, and nothing else", () => {
  const batch = new Batch([changeOf("a", 1), changeOf("b", 1), changeOf("a", 2), changeOf("a", 3)]);
  drain(batch);
  batch.park(0, "No.");
  settle(batch, 1);
  expect([kinds(batch), batch.unsent]).toEqual(["pdpp", 0]);
  expect(batch.verdicts[0]).toEqual({ kind: "parked", reason: "No." });
  expect(batch.verdicts[3]).toMatchObject({ reason: expect.stringContaining("earlier change") });
});

test("what is refused stays unsettled with the message's later changes", () => {
  const batch = new Batch([changeOf("a", 1), changeOf("a", 2), changeOf("b", 1)]);
  drain(batch);
  batch.refuse(0);
  settle(batch, 2);
  expect(drain(batch)).toEqual([]);
  expect(kinds(batch)).toBe("uud");
});

test("what is not settled is sent again in order, also what was only confirmed", () => {
  const batch = new Batch([changeOf("a", 1), changeOf("a", 2), changeOf("b", 1), changeOf("c", 1)]);
  drain(batch);
  batch.confirm(0);
  settle(batch, 2);
  batch.park(3, "No.");
  expect([drain(batch), kinds(batch)]).toEqual([[1], "uudp"]);
  batch.giveBack();
  expect(drain(batch)).toEqual([0]);
});

test("whatever happens, one change of a message is on its way, in order, and all are settled in the end", () => {
  const messages = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 40 });
  const fates = fc.infiniteStream(fc.constantFrom("deliver", "deliver", "confirm", "park", "giveBack"));
  fc.assert(
    fc.property(messages, fates, (ids, fate) => {
      const revisions = new Map<number, number>();
      const changes = ids.map((id) => {
        revisions.set(id, (revisions.get(id) ?? 0) + 1);
        return changeOf(String(id), revisions.get(id) ?? 1);
      });
      const batch = new Batch(changes);
      const sent = new Map<string, number>();
      let flying: number[] = [];
      for (let step = 0; batch.unsent + batch.flying > 0; step += 1) {
        flying.push(...drain(batch));
        const uuids = flying.map((index) => changes[index]!.record.message_uuid);
        expect(new Set(uuids).size).toBe(uuids.length);
        const index = flying.shift()!;
        const { message_uuid, revision } = changes[index]!.record;
        const next = step < 200 ? fate.next().value : "deliver";
        if (next === "giveBack") {
          batch.giveBack();
          flying = [];
          // What was only confirmed comes again.
          sent.clear();
        } else if (next === "park") batch.park(index, "No.");
        else {
          // Never after a gap.
          if (sent.has(message_uuid)) expect(revision).toBe(sent.get(message_uuid)! + 1);
          sent.set(message_uuid, revision);
          batch.confirm(index);
          if (next === "deliver") batch.deliver(index);
        }
      }
      batch.giveBack();
      for (let index = batch.next(); index !== null; index = batch.next()) settle(batch, index);
      expect(batch.verdicts.every(({ kind }) => kind !== "unsettled")).toBe(true);
    }),
  );
});

test("the envelope is the contract's", () => {
  const { record } = changeOf("a", 3, { channel: "chat.eu", status: "sent" });
  expect(envelopeOf(record, 1_700_000_000_900)).toEqual({
    exchange: "waybill.messages",
    routingKey: "chat.eu.sent",
    mandatory: true,
    durable: true,
    contentType: "application/json",
    messageId: `${record.message_uuid}:3`,
    type: "message",
    timestamp: 1_700_000_000,
    appId: "waybill",
  });
});

test("a routing key has 255 bytes at most, not characters", () => {
  const fits = (channel: string) =>
    typeof envelopeOf(changeOf("a", 1, { channel, status: "sent" }).record, 0) === "object";
  expect([fits("x".repeat(250)), fits("x".repeat(251))]).toEqual([true, false]);
  expect([fits("é".repeat(125)), fits("é".repeat(126))]).toEqual([true, false]);
});

test.each([
  [0, 1, "good"],
  [5, 2, "good"],
  [6, 1, "busy"],
  [50, 1, "busy"],
  [51, 1, "warning"],
  [0, 0, "alarm"],
  [1_000, 0, "alarm"],
])("%i waiting and %i consumers is %s", (depth, consumers, verdict) => {
  expect(queueVerdict(depth, consumers)).toBe(verdict);
});
