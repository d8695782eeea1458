import { spawnSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import { describe, expect, it } from "vitest";
import type { MessageLogger } from "../../src-main/ledger/message-logger.ts";
import { keepDays } from "../../src-main/ledger/retention-plan.ts";
import { countsOf } from "../../src-main/ledger/sync-health.ts";
import { checkDatabase } from "../../src-main/ledger/task/verify.ts";
import { type ActiveSink, Forwarder, type ForwarderEvent } from "../../src-main/sync/forwarder.ts";
import { DELIVERED, SinkFailure } from "../../src-main/sync/sink.ts";
import { DAY_MS } from "../../src-shared/time.ts";
import { cleanUp, databaseOf, eventually, openLogger } from "../support/ledger.ts";
import { ScriptedPlace } from "../support/scripted-sink.ts";

type Setup = { forwarder: Forwarder; events: ForwarderEvent[] };

function forward(logger: MessageLogger): Setup {
  const events: ForwarderEvent[] = [];
  const forwarder = new Forwarder({
    database: logger.databaseFile,
    save: (save) => logger.sync.save(save),
    queues: () => null,
    onState: () => {},
    onEvent: (event) => events.push(event),
  });
  cleanUp(() => forwarder.close());
  return { forwarder, events };
}

function queueTo(place: ScriptedPlace): ActiveSink {
  return {
    name: "rabbitmq",
    target: "test",
    connect: () => place.connect({ folds: false }),
  };
}

function tableAt(place: ScriptedPlace): ActiveSink {
  return { name: "supabase", target: "test", connect: () => place.connect({ folds: true }) };
}

async function counts(logger: MessageLogger, sink = "rabbitmq") {
  const { sinks } = await logger.sync.facts();
  return countsOf(sinks.find((each) => each.sink === sink)?.streams.message);
}

async function settled(logger: MessageLogger, sink = "rabbitmq"): Promise<void> {
  await eventually(async () => {
    const found = await counts(logger, sink);
    expect(found.accepted).toBeGreaterThan(0);
    expect(found).toMatchObject({ pending: 0, balanced: true });
  });
}

async function logOne(logger: MessageLogger, fields: object = {}): Promise<string> {
  const { message_uuid, accepted } = logger.logMessage(fields);
  await accepted;
  return message_uuid;
}

describe("forwarding", () => {
  it("sends every change in order, as each change left the record", async () => {
    const logger = await openLogger();
    const place = new ScriptedPlace();
    const first = await logOne(logger, { channel: "email" });
    await logger.updateMessageStatus(first, "sent", { external_id: "x1" });
    const { forwarder } = forward(logger);
    await forwarder.configure([queueTo(place)]);
    await settled(logger);
    const second = await logOne(logger);
    await logger.updateMessageStatus(first, "delivered");
    // Late: it is kept as history and changes nothing, so nothing is sent of it.
    await logger.updateMessageStatus(first, "sending");
    await logger.updateMessageStatus(second, "failed", { error_message: "no route" });
    await settled(logger);
    expect(place.got).toEqual([`${first}:1`, `${first}:2`, `${second}:1`, `${first}:3`, `${second}:2`]);
    expect(place.records.map(({ status, external_id }) => [status, external_id])).toEqual([
      ["pending", null],
      ["sent", "x1"],
      ["pending", null],
      ["delivered", "x1"],
      ["failed", null],
    ]);
    expect(await counts(logger)).toMatchObject({ accepted: 6, delivered: 6, parked: 0, removed: 0 });
    const { deliveries } = await logger.read("sync.deliveries", { message_uuid: first });
    expect(deliveries.map(({ state, revision }) => [state, revision])).toEqual([
      ["delivered", 1],
      ["delivered", 2],
      ["delivered", 3],
    ]);
    for (const { ts } of deliveries) expect(ts).not.toBeNull();
    expect((await logger.getDatabaseHealth()).checks.sync_rabbitmq?.state).toBe("ok");
  });

  it("folds changes for a sink that wants the newest state, with the sessions before the messages", async () => {
    const logger = await openLogger();
    const place = new ScriptedPlace();
    const session = logger.startSession({ channel: "email" });
    const uuid = await logOne(logger, { session_id: session });
    await logger.updateMessageStatus(uuid, "sent");
    await logger.updateMessageStatus(uuid, "delivered");
    const { forwarder } = forward(logger);
    await forwarder.configure([tableAt(place)]);
    await settled(logger, "supabase");
    expect(place.got).toEqual([`${session}:1`, `${uuid}:3`]);
    await logger.endSession(session);
    await eventually(() => expect(place.got.at(-1)).toBe(`${session}:2`));
  });

  it("goes on where it was after a restart, and after another host took over", async () => {
    const logger = await openLogger();
    const place = new ScriptedPlace();
    const uuids = [await logOne(logger), await logOne(logger)];
    const before = forward(logger);
    await before.forwarder.configure([queueTo(place)]);
    await settled(logger);
    const other = forward(logger);
    await other.forwarder.configure([queueTo(place)]);
    uuids.push(await logOne(logger));
    await settled(logger);
    await before.forwarder.close();
    await logger.sync.order({ order: "release", owner: before.forwarder.owner });
    uuids.push(await logOne(logger));
    await settled(logger);
    expect(place.got).toEqual(uuids.map((uuid) => `${uuid}:1`));
  });

  it("takes over at once from a process that was killed, and only when its lease runs out from one elsewhere", async () => {
    const logger = await openLogger();
    const place = new ScriptedPlace();
    const uuid = await logOne(logger);
    const gone = spawnSync("true").pid;
    const hold = async (owner: string) =>
      expect(await logger.sync.save({ owner, leaseMs: 1_500, file: null, sinks: [] })).toBe(true);

    await hold(`${hostname()}/${gone}/${randomUUID()}`);
    const { forwarder } = forward(logger);
    const started = performance.now();
    await forwarder.configure([queueTo(place)]);
    await settled(logger);
    expect(performance.now() - started).toBeLessThan(1_000);
    await forwarder.close();
    await logger.sync.order({ order: "release", owner: forwarder.owner });

    const later = await logOne(logger);
    await hold(`another-machine/${gone}/${randomUUID()}`);
    const patient = forward(logger);
    const begun = performance.now();
    await patient.forwarder.configure([queueTo(place)]);
    await settled(logger);
    expect(performance.now() - begun).toBeGreaterThan(1_000);
    expect(place.got).toEqual([`${uuid}:1`, `${later}:1`]);
  });

  it("parks what the sink will never take, alone, holds what follows it, and sends both on a retry", async () => {
    const logger = await openLogger();
    const place = new ScriptedPlace();
    const [a, poison, c] = [await logOne(logger), await logOne(logger), await logOne(logger)];
    await logger.updateMessageStatus(poison, "sent");
    await logger.updateMessageStatus(c, "sent");
    place.script = (id) => (id === poison ? { kind: "parked", reason: "Too odd." } : DELIVERED);
    const { forwarder } = forward(logger);
    await forwarder.configure([queueTo(place)]);
    await settled(logger);
    expect(place.got).toEqual([`${a}:1`, `${c}:1`, `${c}:2`]);
    expect(await counts(logger)).toMatchObject({ accepted: 5, delivered: 3, parked: 2 });
    const { parked } = await logger.read("sync.parked", { limit: 10, cursor: null });
    expect(parked.map(({ id, revision }) => [id, revision])).toEqual([
      [poison, 2],
      [poison, 1],
    ]);
    expect(parked[1]).toMatchObject({
      reason: "Too odd.",
      body: { message_uuid: poison, status: "pending" },
    });
    place.script = () => DELIVERED;
    const key = { sink: "rabbitmq", stream: "message", position: parked[1]?.position ?? 0 } as const;
    await logger.sync.order({ order: "retry", sink: null, parked: [key] });
    await eventually(async () =>
      expect(await counts(logger)).toMatchObject({ delivered: 5, parked: 0, balanced: true }),
    );
    expect(place.got.slice(3)).toEqual([`${poison}:1`, `${poison}:2`]);
  });

  it("lets nothing new overtake what is refused once more", async () => {
    const logger = await openLogger();
    const place = new ScriptedPlace();
    const poison = await logOne(logger);
    await logger.updateMessageStatus(poison, "sent");
    await logger.updateMessageStatus(poison, "delivered");
    place.script = () => ({ kind: "parked", reason: "Too odd." });
    const { forwarder } = forward(logger);
    await forwarder.configure([queueTo(place)]);
    await settled(logger);
    place.script = (_, revision) =>
      revision === 2 ? { kind: "parked", reason: "Still too odd." } : DELIVERED;
    await logger.sync.order({ order: "retry", sink: "rabbitmq", parked: null });
    await eventually(async () => expect(await counts(logger)).toMatchObject({ delivered: 1, parked: 2 }));
    await logger.updateMessageStatus(poison, "read");
    await settled(logger);
    expect(place.got).toEqual([`${poison}:1`]);
    expect(await counts(logger)).toMatchObject({ accepted: 4, delivered: 1, parked: 3, balanced: true });
    place.script = () => DELIVERED;
    await logger.sync.order({ order: "retry", sink: "rabbitmq", parked: null });
    await eventually(async () => expect(await counts(logger)).toMatchObject({ delivered: 4, parked: 0 }));
    expect(place.got).toEqual([1, 2, 3, 4].map((revision) => `${poison}:${revision}`));
  });

  it("sends an edited record in place of the parked one", async () => {
    const logger = await openLogger();
    const place = new ScriptedPlace();
    place.script = (_id, revision) =>
      place.connections > 0 && revision === 1 ? { kind: "parked", reason: "No." } : DELIVERED;
    await logOne(logger, { topic: "before" });
    const { forwarder } = forward(logger);
    await forwarder.configure([queueTo(place)]);
    await settled(logger);
    const { parked } = await logger.read("sync.parked", { limit: 10, cursor: null });
    place.script = () => DELIVERED;
    const key = { sink: "rabbitmq", stream: "message", position: parked[0]?.position ?? 0 } as const;
    const body = JSON.stringify({ ...parked[0]?.body, topic: "after" });
    expect(await logger.sync.order({ order: "edit", parked: key, body })).toBe(1);
    await eventually(async () => expect(await counts(logger)).toMatchObject({ delivered: 1, parked: 0 }));
    expect(place.records.map(({ topic }) => topic)).toEqual(["after"]);
  });

  it("has one outage for many tries, sends nothing twice that was confirmed, and needs no new record to go on", async () => {
    const logger = await openLogger();
    const place = new ScriptedPlace();
    const uuids: string[] = [];
    for (let index = 0; index < 5; index += 1) uuids.push(await logOne(logger));
    let failures = 2;
    place.script = (id) => {
      if (id !== uuids[2] || failures === 0) return DELIVERED;
      failures -= 1;
      return new SinkFailure("retry", "The broker is away.", { retryAfterMs: 10 });
    };
    const { forwarder, events } = forward(logger);
    await forwarder.configure([queueTo(place)]);
    const urging = setInterval(() => forwarder.urge(null), 100);
    cleanUp(() => clearInterval(urging));
    await settled(logger);
    expect(place.got).toEqual(uuids.map((uuid) => `${uuid}:1`));
    expect(events.map((event) => event.event === "outage" && event.change.kind)).toEqual(["began", "ended"]);
    await eventually(async () => {
      const { outages } = await logger.read("sync.outages", { limit: 10 });
      expect(outages).toMatchObject([{ sink: "rabbitmq", message: "The broker is away.", tries: 2 }]);
      expect(outages[0]?.until_ts).not.toBeNull();
    });
  });

  it("goes on with the outage of a host before it, also where its own first try fails", async () => {
    const logger = await openLogger();
    const place = new ScriptedPlace();
    place.openFailure = new SinkFailure("stop", "The tables are not there.");
    const outages = async () => (await logger.read("sync.outages", { limit: 10 })).outages;
    await logOne(logger);
    const before = forward(logger);
    await before.forwarder.configure([queueTo(place)]);
    await eventually(async () => expect(await outages()).toHaveLength(1));
    await before.forwarder.close();
    await logger.sync.order({ order: "release", owner: before.forwarder.owner });
    const { forwarder } = forward(logger);
    await forwarder.configure([queueTo(place)]);
    await eventually(async () => expect((await outages())[0]?.tries).toBeGreaterThan(1));
    place.openFailure = null;
    forwarder.urge(null);
    await settled(logger);
    await eventually(async () => expect((await outages())[0]?.until_ts).not.toBeNull());
    expect(await outages()).toHaveLength(1);
  });

  it("stops while paused, and one sink's trouble is none of the other's", async () => {
    const logger = await openLogger();
    const [queue, table] = [new ScriptedPlace(), new ScriptedPlace()];
    queue.openFailure = new SinkFailure("stop", "The password is wrong.");
    const { forwarder } = forward(logger);
    await forwarder.configure([queueTo(queue), tableAt(table)]);
    const uuid = await logOne(logger);
    await settled(logger, "supabase");
    expect(queue.got).toEqual([]);
    expect(await counts(logger)).toMatchObject({ accepted: 1, delivered: 0, pending: 1 });
    await logger.sync.order({ order: "pause", sink: "supabase", paused: true });
    await eventually(async () => expect((await logger.sync.facts()).sinks[1]?.paused).toBe(true));
    await new Promise((resolve) => setTimeout(resolve, 200));
    await logOne(logger);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(table.got).toEqual([`${uuid}:1`]);
    await logger.sync.order({ order: "pause", sink: "supabase", paused: false });
    await eventually(() => expect(table.got).toHaveLength(2));
  });

  it("sends a period once more, which changes no sum", async () => {
    const logger = await openLogger();
    const place = new ScriptedPlace();
    const uuid = await logOne(logger);
    await logger.updateMessageStatus(uuid, "sent");
    const { forwarder } = forward(logger);
    await forwarder.configure([queueTo(place)]);
    await settled(logger);
    const range = await logger.sync.positionsBetween("message", Date.now() - 60_000, Date.now());
    expect(range).toEqual([1, 2]);
    await logger.sync.order({ order: "resend", sink: "rabbitmq", stream: "message", ranges: [[1, 2]] });
    await eventually(() => expect(place.got).toEqual([`${uuid}:1`, `${uuid}:2`, `${uuid}:1`, `${uuid}:2`]));
    await eventually(async () => expect((await logger.sync.facts()).sinks[0]?.resending).toBe(0));
    expect(await counts(logger)).toMatchObject({ accepted: 2, delivered: 2, balanced: true });
  });

  it("sends with a period what came of its messages since, so that the last copy is the newest", async () => {
    const logger = await openLogger();
    const place = new ScriptedPlace();
    const [uuid, other] = [await logOne(logger), await logOne(logger)];
    const { forwarder } = forward(logger);
    await forwarder.configure([queueTo(place)]);
    await logger.updateMessageStatus(uuid, "sent");
    await logger.updateMessageStatus(other, "sent");
    await settled(logger);
    place.got.length = 0;
    await logger.sync.order({ order: "resend", sink: "rabbitmq", stream: "message", ranges: [[1, 1]] });
    await eventually(async () => expect((await logger.sync.facts()).sinks[0]?.resending).toBe(0));
    expect(place.got).toEqual([`${uuid}:1`, `${uuid}:2`]);
  });

  it("is kept by retention until it is sent, unless that is told to delete it", async () => {
    const logger = await openLogger();
    const place = new ScriptedPlace();
    await logOne(logger, { origin_ts: Date.now() - 10 * DAY_MS });
    place.script = () => new SinkFailure("retry", "Away.");
    const { forwarder } = forward(logger);
    await forwarder.configure([queueTo(place)]);
    await eventually(async () => expect((await logger.sync.facts()).sinks[0]?.enabled).toBe(true));
    expect(await logger.applyRetention(keepDays(5))).toMatchObject({ deleted: 0 });
    expect(await logger.applyRetention({ ...keepDays(5), delete_unsent: true })).toMatchObject({
      deleted: 1,
    });
    place.script = () => DELIVERED;
    forwarder.urge(null);
    const uuid = await logOne(logger);
    await settled(logger);
    expect(place.got).toEqual([`${uuid}:1`]);
    expect(await counts(logger)).toMatchObject({ accepted: 2, delivered: 1, removed: 1, pending: 0 });
  });

  it("lets a probe be deleted once every sink has had it as it is, and nothing else", async () => {
    const logger = await openLogger();
    const place = new ScriptedPlace();
    const kept = await logOne(logger);
    const before = await logger.getQuickStats();
    const probe = await logOne(logger, { message_type: "probe", destination_subject_ids: ["anna"] });
    place.script = () => new SinkFailure("retry", "Away.");
    const { forwarder } = forward(logger);
    await forwarder.configure([queueTo(place)]);
    await eventually(async () => expect((await logger.sync.facts()).sinks[0]?.enabled).toBe(true));
    expect(await logger.removeProbe(probe)).toBe(false);
    place.script = () => DELIVERED;
    forwarder.urge(null);
    await settled(logger);
    expect(await logger.removeProbe(kept)).toBe(false);
    await logger.updateMessageStatus(probe, "cancelled");
    await settled(logger);
    expect(await logger.removeProbe(probe)).toBe(true);
    expect(await logger.removeProbe(probe)).toBe(false);

    expect(await logger.getMessage(probe)).toBeNull();
    expect(await logger.getMessage(kept)).not.toBeNull();
    expect(await logger.getQuickStats()).toEqual(before);
    expect(await counts(logger)).toMatchObject({ accepted: 3, delivered: 3, pending: 0, balanced: true });
    expect(checkDatabase(databaseOf(logger.dataDir))).toMatchObject({
      damage: [],
      drift: [],
      chain: { broken: null },
    });
    const { checks, conservation } = await logger.getDatabaseHealth({ deep: true });
    expect(conservation).toMatchObject({ balanced: true, accepted: 2, stored: 1, removed: 1 });
    for (const check of Object.values(checks)) expect(check.state).not.toBe("failing");
  });
});
