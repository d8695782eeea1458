import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import { WaybillError } from "../../src-shared/errors.ts";
import { MAX_RECORD_BYTES, normalizeMessage, type StoredMessage } from "../../src-shared/record.ts";
import { parseTime } from "../../src-shared/time.ts";
import { countMessages, inspect, openLogger, ownHome, rows, temporaryDirectory } from "../support/ledger.ts";

const NOW = Date.UTC(2026, 0, 31, 12);
const UUID = "0198c0de-7000-7000-8000-000000000001";

function normalized(input: unknown): StoredMessage {
  const result = normalizeMessage(input, NOW);
  if (!result.ok) throw new Error(result.error);
  return result.message;
}

function refusal(input: unknown): string {
  const result = normalizeMessage(input, NOW);
  if (result.ok) throw new Error("it was taken");
  return result.error;
}

describe("a record at the door", () => {
  it("gets every field it lacks", () => {
    const { message_uuid, ...rest } = normalized({});
    expect(message_uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-/);
    expect(rest).toEqual({
      session_id: null,
      user_id: "default_user",
      channel: "event",
      status: "pending",
      origin_ts: NOW,
      sent_ts: null,
      delivered_ts: null,
      read_ts: null,
      ack_ts: null,
      source_subject_id: null,
      destination_subject_ids: "[]",
      topic: null,
      message_type: null,
      template_id: null,
      template_name: null,
      external_id: null,
      error_message: null,
      content_preview: null,
      message_data: "{}",
      message_metadata: "{}",
      revision: 1,
    });
  });

  it.each([
    ["null", null],
    ["an empty text", ""],
  ])("takes %s for a field that is not there", (_, nothing) => {
    const empty = normalized({
      session_id: nothing,
      user_id: nothing,
      channel: nothing,
      source_subject_id: nothing,
      destination_subject_ids: nothing,
      topic: nothing,
      message_type: nothing,
      template_id: nothing,
      template_name: nothing,
      external_id: nothing,
      error_message: nothing,
      content_preview: nothing,
      message_uuid: UUID,
    });
    expect(empty).toEqual(normalized({ message_uuid: UUID }));
  });

  it("takes numbers as ids", () => {
    const record = normalized({
      session_id: 7,
      user_id: 0,
      source_subject_id: 12,
      destination_subject_ids: [1, "two", 3.5],
      topic: 4,
      template_id: 5,
      external_id: 6,
    });
    expect(record).toMatchObject({
      session_id: "7",
      user_id: "0",
      source_subject_id: "12",
      destination_subject_ids: '["1","two","3.5"]',
      topic: "4",
      template_id: "5",
      external_id: "6",
    });
  });

  it("takes one recipient without a list", () => {
    expect(normalized({ destination_subject_ids: "a" }).destination_subject_ids).toBe('["a"]');
  });

  it("leaves out recipients that are empty, since nobody could miss the message", () => {
    expect(normalized({ destination_subject_ids: ["", "a", ""] }).destination_subject_ids).toBe('["a"]');
  });

  it("names the sender that the logger was opened with", () => {
    const taken = (input: object) => normalizeMessage(input, NOW, { userId: "ops" });
    expect(taken({})).toMatchObject({ message: { user_id: "ops" } });
    expect(taken({ user_id: "someone" })).toMatchObject({ message: { user_id: "someone" } });
    expect(taken({ user_id: 0 })).toMatchObject({ message: { user_id: "0" } });
  });

  it("keeps unknown fields in the metadata, where they hide none that is there", () => {
    const record = normalized({ campaign: "spring", tags: [1], message_metadata: { campaign: "own", a: 1 } });
    expect(JSON.parse(record.message_metadata)).toEqual({ campaign: "own", a: 1, tags: [1] });
  });

  it("keeps an unknown field of any name", () => {
    const record = normalized({ constructor: 2, toString: 3, "": 4 });
    expect(JSON.parse(record.message_metadata)).toEqual({ constructor: 2, toString: 3, "": 4 });
  });

  it("takes an upper-case uuid for the same", () => {
    expect(normalized({ message_uuid: UUID.toUpperCase() }).message_uuid).toBe(UUID);
  });

  it("cuts the preview at 200 code points, never inside one", () => {
    const preview = (text: string) => normalized({ content_preview: text }).content_preview;
    expect(preview("a".repeat(200))).toBe("a".repeat(200));
    expect(preview("a".repeat(201))).toBe("a".repeat(200));
    expect(preview("😀".repeat(201))).toBe("😀".repeat(200));
    expect(preview(`${"a".repeat(199)}😀b`)).toBe(`${"a".repeat(199)}😀`);
  });

  it("makes texts well-formed, so that what is stored is what is told", () => {
    const record = normalized({ content_preview: "a\ud800b", topic: "\udc00", error_message: "x\ud800" });
    expect(record).toMatchObject({ content_preview: "a\ufffdb", topic: "\ufffd", error_message: "x\ufffd" });
  });

  it.each([
    ["2026-01-31T09:30:00.123Z", "2026-01-31T09:30:00.123Z"],
    ["2026-01-31T09:30:00Z", "2026-01-31T09:30:00.000Z"],
    ["2026-01-31T09:30Z", "2026-01-31T09:30:00.000Z"],
    ["2026-01-31", "2026-01-31T00:00:00.000Z"],
    ["2026-01-31 09:30:00", "2026-01-31T09:30:00.000Z"],
    ["2026-01-31T09:30:00.123456789Z", "2026-01-31T09:30:00.123Z"],
    ["2026-01-31T09:30:00,5Z", "2026-01-31T09:30:00.500Z"],
    ["2026-01-31T09:30:00+05:30", "2026-01-31T04:00:00.000Z"],
    ["2026-01-31T09:30:00-0100", "2026-01-31T10:30:00.000Z"],
    ["2026-01-31T09:30:00+02", "2026-01-31T07:30:00.000Z"],
    ["2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000Z"],
    ["2026-12-31T23:59:60Z", "2027-01-01T00:00:00.000Z"],
    ["1969-12-31T23:59:59Z", "1969-12-31T23:59:59.000Z"],
    [1769851800, "2026-01-31T09:30:00.000Z"],
    [1769851800.5, "2026-01-31T09:30:00.500Z"],
    [1769851800123, "2026-01-31T09:30:00.123Z"],
  ])("reads the time %s", (given, meant) => {
    expect(new Date(normalized({ origin_ts: given }).origin_ts).toISOString()).toBe(meant);
    expect(new Date(parseTime(given) ?? Number.NaN).toISOString()).toBe(meant);
  });

  it.each([
    "yesterday",
    "2026-02-30",
    "2026-13-01",
    "2026-01-31T25:00:00Z",
    "",
    "31.01.2026",
    Number.NaN,
    1e20,
  ])("refuses %s as a time and says how to write one", (given) => {
    expect(refusal({ sent_ts: given })).toMatch(/^sent_ts: /);
  });

  it.each([
    ["no object", 5, "is not a JSON object"],
    ["a list", [], "is not a JSON object"],
    ["null", null, "is not a JSON object"],
    ["a status that is none", { status: "gone" }, /^status: /],
    ["a uuid that is none", { message_uuid: "5" }, /^message_uuid: is not a UUID/],
    ["data that is no object", { message_data: [1] }, /^message_data: /],
    ["an id that is an object", { topic: {} }, /^topic: /],
    ["a recipient that is an object", { destination_subject_ids: [{}] }, /^destination_subject_ids/],
    ["an id without an end", { topic: "x".repeat(4_097) }, /^topic: /],
    ["a revision below 1", { revision: 0 }, /^revision: /],
    ["a number that JSON has not", { message_data: { big: 1n } }, /^message_data: /],
    ["data in a circle", { message_data: circle() }, /^message_data: /],
    ["data that is not itself as JSON", { message_metadata: { toJSON: () => 5 } }, /^message_metadata: /],
  ])("refuses %s", (_, input, reason) => {
    expect(refusal(input)).toMatch(reason);
  });

  it("takes data and metadata of 1 MiB together, and not a byte more", () => {
    // {"a":"…"} and {}: ten bytes besides the text.
    const fits = "é".repeat((MAX_RECORD_BYTES - 10) / 2);
    expect(normalized({ message_data: { a: fits } }).message_data).toHaveLength(fits.length + 8);
    const result = normalizeMessage({ message_data: { a: `${fits}x` } }, NOW);
    expect(result).toMatchObject({ ok: false, tooLarge: true });
    expect(result).toMatchObject({ error: expect.stringContaining(`${MAX_RECORD_BYTES + 1} bytes`) });
  });
});

function circle(): object {
  const round: Record<string, unknown> = {};
  round.round = round;
  return round;
}

describe("logging", () => {
  it("keeps a record as it was sent, whatever its texts hold", async () => {
    const logger = await openLogger();
    const sent = {
      message_uuid: UUID,
      session_id: "s\u0000s",
      user_id: "u\u0000",
      channel: "e\u0000mail",
      status: "failed",
      origin_ts: "2026-01-31T09:30:00.123Z",
      source_subject_id: "a\u0000b",
      destination_subject_ids: ["x\u0000y", "😀", '"quoted"'],
      topic: "t'\u0000\n",
      template_name: "n\u0000m",
      error_message: "no\u0000pe",
      content_preview: "p\u0000q",
      message_data: { "k\u0000": "v\u0000", list: [1, null, { deep: "\u0000" }] },
      message_metadata: { lone: "\ud800" },
    } as const;
    await logger.logMessage({ ...sent, destination_subject_ids: [...sent.destination_subject_ids] }).accepted;
    const found = await logger.getMessage(UUID);
    expect(found?.message).toMatchObject(sent);
    expect((await logger.read("sessions.get", { session_id: "s\u0000s" })).session).toMatchObject({
      total: 1,
      failed: 1,
      channel: "e\u0000mail",
    });
    const stats = await logger.getAnalyticsReport({ days: 36_500 });
    expect(stats.by_channel).toMatchObject([{ key: "e\u0000mail", total: 1 }]);
    expect(stats.by_template).toMatchObject([{ key: "n\u0000m", total: 1 }]);
    expect((await logger.getDatabaseHealth({ deep: true })).last_check_ok).toBe(true);
  });

  it("takes the same uuid twice as one message", async () => {
    const dataDir = temporaryDirectory();
    const logger = await openLogger(dataDir);
    const first = logger.logMessage({ message_uuid: UUID, topic: "first" });
    const second = logger.logMessage({ message_uuid: UUID.toUpperCase(), topic: "second", status: "sent" });
    const receipt = { group: 1, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) };
    expect(await first.accepted).toEqual({ message_uuid: UUID, duplicate: false, stored: "ledger", receipt });
    expect(await second.accepted).toEqual({ message_uuid: UUID, duplicate: true, stored: "ledger", receipt });
    expect((await logger.getMessage(UUID))?.message).toMatchObject({ topic: "first", revision: 1 });
    expect((await logger.getMessage(UUID))?.events).toHaveLength(1);
    expect(await logger.logMessages([{ message_uuid: UUID }, { message_uuid: UUID }, {}])).toMatchObject({
      accepted: 3,
      duplicates: 2,
      rejected: [],
    });
    expect(await countMessages(logger)).toBe(2);
  });

  it("says accepted only once another connection sees the record", async () => {
    const dataDir = temporaryDirectory();
    const logger = await openLogger(dataDir);
    for (let round = 0; round < 20; round += 1) {
      const { message_uuid, accepted } = logger.logMessage({ topic: "t" });
      await accepted;
      const seen = inspect(dataDir, (database) =>
        rows(database, "SELECT 1 FROM message_logs WHERE message_uuid = ?", message_uuid),
      );
      expect(seen).toHaveLength(1);
    }
  });

  it("takes the good records of a list and tells what is wrong with the others", async () => {
    const logger = await openLogger();
    const list = Array.from({ length: 1_203 }, (_, index) =>
      index % 100 === 7 ? { status: "gone", index } : { message_data: { index } },
    );
    const acceptance = await logger.logMessages([
      ...list,
      { message_data: { a: "x".repeat(MAX_RECORD_BYTES) } },
    ]);
    expect(acceptance.accepted).toBe(1_203 - 12);
    expect(acceptance.rejected.map(({ index }) => index)).toEqual([
      ...Array.from({ length: 12 }, (_, index) => index * 100 + 7),
      1_203,
    ]);
    const { messages } = await logger.read("messages.window", { q: "", offset: 0, limit: 1_000 });
    const order = acceptance.message_uuids.slice(-1_000).toReversed();
    expect(new Set(messages.map(({ message_uuid }) => message_uuid))).toEqual(new Set(order));
  });

  it("refuses a bad record by its promise, never by throwing", async () => {
    const logger = await openLogger();
    for (const bad of [null, 5, { status: "gone" }, { message_data: { big: 1n } }]) {
      const { message_uuid, accepted } = logger.logMessage(bad as never);
      expect(message_uuid).toEqual(expect.any(String));
      await expect(accepted).rejects.toMatchObject({ name: "WaybillError", code: "invalid" });
    }
    const large = logger.logMessage({ message_data: { a: "x".repeat(MAX_RECORD_BYTES) } });
    await expect(large.accepted).rejects.toMatchObject({ code: "too_large" });
  });

  it("never throws and leaves no rejection unhandled when nothing can be stored and nobody listens", async () => {
    const unhandled: unknown[] = [];
    const hear = (reason: unknown): void => {
      unhandled.push(reason);
    };
    process.on("unhandledRejection", hear);
    onTestFinished(() => {
      process.off("unhandledRejection", hear);
    });
    // Every folder that could take records is a file.
    const home = ownHome();
    const { writeFileSync } = await import("node:fs");
    writeFileSync(`${home}/home`, "");
    process.env.TMPDIR = `${home}/home`;
    const logger = await openLogger(`${home}/home/data`);
    expect(logger.storeProblem).toMatchObject({ code: "unavailable" });
    for (let index = 0; index < 100; index += 1) {
      logger.logMessage({ topic: "lost" });
      logger.logMessage({ status: "gone" as never });
      logger.startSession({ channel: "email" });
    }
    await logger.flush();
    await expect(logger.logMessage({}).accepted).rejects.toBeInstanceOf(WaybillError);
    await expect(logger.logMessage({}).accepted).rejects.toMatchObject({ code: "cannot_accept" });
    await expect(logger.logMessages(Array.from({ length: 2_000 }, () => ({})))).rejects.toMatchObject({
      code: "cannot_accept",
    });
    await expect(logger.beginSession()).rejects.toMatchObject({ code: "cannot_accept" });
    await expect(logger.logSystemEvent({ component: "c", message: "m" })).rejects.toMatchObject({
      code: "cannot_accept",
    });
    const health = await logger.getDatabaseHealth();
    expect(health.status).toBe("failing");
    expect(health.checks.database?.message).toMatch(/refused/);
    await logger.close();
    await pause(50);
    expect(unhandled).toEqual([]);
  });

  it("does not block its caller, and flush waits for all of it", async () => {
    const logger = await openLogger();
    const uuids: string[] = [];
    const started = performance.now();
    for (let index = 0; index < 5_000; index += 1)
      uuids.push(logger.logMessage({ topic: "many" }).message_uuid);
    expect(performance.now() - started).toBeLessThan(2_000);
    await logger.flush();
    expect(await countMessages(logger)).toBe(5_000);
    expect(new Set(uuids).size).toBe(5_000);
  });

  it("settles a flush although others go on logging", async () => {
    const logger = await openLogger();
    let isOn = true;
    const others = (async () => {
      while (isOn) {
        for (let index = 0; index < 20; index += 1) logger.logMessage({ topic: "others" });
        await pause(0);
      }
    })();
    await pause(50);
    const { accepted } = logger.logMessage({ topic: "mine" });
    let isAccepted = false;
    accepted.then(
      () => {
        isAccepted = true;
      },
      () => {},
    );
    await Promise.race([
      logger.flush(),
      pause(3_000).then(() => Promise.reject(new Error("it never settled"))),
    ]);
    expect(isAccepted).toBe(true);
    isOn = false;
    await others;
  });
});
