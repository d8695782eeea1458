import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { hoursJson, uncountedJson } from "../../src-main/archive/batch-counts.ts";
import { archiveOptions, isRefusal } from "../../src-main/archive/connection.ts";
import {
  type ArchiveRow,
  inOrder,
  messagesJson,
  newest,
  sessionsJson,
} from "../../src-main/archive/write-rows.ts";
import { BatchGatherer } from "../../src-main/consume/batch-gatherer.ts";
import { consumeConfig } from "../../src-main/consume/consume-config.ts";
import { deadEnvelope, describeDead, revivedEnvelope } from "../../src-main/consume/dead-letter.ts";
import { type Delivery, type Properties, readDelivery } from "../../src-main/consume/delivery.ts";
import { parseJson } from "../../src-main/consume/parse-json.ts";
import { PrefetchWindow } from "../../src-main/consume/prefetch-window.ts";
import { storeAll } from "../../src-main/consume/store-all.ts";
import { count, emptyTally } from "../../src-main/ledger/tally.ts";
import { type MessageInput, normalizeMessage } from "../../src-shared/record.ts";
import { HOUR_MS } from "../../src-shared/time.ts";

const NOW = Date.UTC(2026, 10, 21, 12);
const ID = "0198c0de-7000-7000-8000-00000000000";
const never = new AbortController().signal;

function rowOf(fields: MessageInput): ArchiveRow {
  const normalized = normalizeMessage(fields, NOW);
  if (!normalized.ok) throw new Error(normalized.error);
  return { message: normalized.message, ts: NOW };
}

function deliveryOf(body: unknown, properties: Partial<Properties> = {}): Delivery {
  const whole = { deliveryTag: 1, redelivered: false, exchange: "", routingKey: "q" };
  return {
    queue: "q",
    properties: { ...whole, ...properties },
    body: Buffer.isBuffer(body) ? body : Buffer.from(typeof body === "string" ? body : JSON.stringify(body)),
  };
}

function uuidOf(delivery: Delivery): string {
  const read = readDelivery(delivery, NOW);
  if (!("row" in read)) throw new Error(read.reason);
  return read.row.message.message_uuid;
}

describe("a batch is gathered", () => {
  const limits = { size: 3, intervalMs: 60, bytes: 1_000 };

  test("until it is full", async () => {
    const gatherer = new BatchGatherer({ ...limits, intervalMs: 60_000 });
    const batch = gatherer.next(never, 60_000);
    for (let index = 0; index < 4; index += 1) gatherer.add(deliveryOf({ index }));
    expect(await batch).toHaveLength(3);
  });

  test("until its first message has waited long enough", async () => {
    const gatherer = new BatchGatherer(limits);
    const began = performance.now();
    gatherer.add(deliveryOf({}));
    setTimeout(() => gatherer.add(deliveryOf({})), 20);
    expect(await gatherer.next(never, 60_000)).toHaveLength(2);
    const took = performance.now() - began;
    expect(took).toBeGreaterThan(50);
  });

  test("until it is heavy, and a message that is too heavy goes alone", async () => {
    const gatherer = new BatchGatherer({ ...limits, intervalMs: 60_000 });
    const [small, large] = ["x".repeat(300), "x".repeat(2_000)];
    for (const body of [small, small, large, small]) gatherer.add(deliveryOf(body));
    expect((await gatherer.next(never, 60_000)).map(({ body }) => body.length)).toEqual([300, 300]);
    expect((await gatherer.next(never, 60_000)).map(({ body }) => body.length)).toEqual([2_000]);
  });

  test("or is empty where nothing comes", async () => {
    expect(await new BatchGatherer(limits).next(never, 30)).toEqual([]);
  });

  test("and not at all once it is to end", async () => {
    const ending = new AbortController();
    const gatherer = new BatchGatherer(limits);
    const batch = gatherer.next(ending.signal, 60_000);
    ending.abort();
    expect(await batch).toEqual([]);
  });
});

describe("how many messages may be out", () => {
  const MIB = 1024 * 1024;
  const windowOf = (most: number, queues = 1) => new PrefetchWindow({ most, bytes: 64 * MIB, queues });
  /** What it asks for once so many bodies came, and were stored. */
  const countAfter = (window: PrefetchWindow, bodies: number, bytes: number): number => {
    for (let index = 0; index < bodies; index += 1) {
      window.took(bytes);
      window.change();
      window.settled(bytes);
      window.change();
    }
    return window.count;
  };

  test("is all that is allowed where bodies are small, once some have come", () => {
    const window = windowOf(1_000);
    expect(window.count).toBe(64);
    expect(countAfter(window, 31, 1_000)).toBe(64);
    expect(countAfter(window, 1, 1_000)).toBe(1_000);
    expect(windowOf(7).count).toBe(7);
    expect(windowOf(1_000, 4).count).toBe(16);
  });

  test("stays what the bytes hold where they are large", () => {
    expect(countAfter(windowOf(1_000), 500, MIB)).toBe(64);
    expect(countAfter(windowOf(1_000), 500, 128 * 1024)).toBe(512);
    expect(countAfter(windowOf(1_000), 10, 200 * MIB)).toBe(1);
  });

  test("is none while too much is held, and what the bytes hold when half of it is stored", () => {
    const window = windowOf(1_000);
    expect(countAfter(window, 100, 1_000)).toBe(1_000);
    for (let index = 0; index < 100; index += 1) {
      window.took(MIB);
      window.change();
    }
    expect(window.count).toBe(0);
    for (let held = 100; held > 33; held -= 1) {
      window.settled(MIB);
      expect(window.change()).toBe(false);
    }
    window.settled(MIB);
    expect(window.change()).toBe(true);
    expect(window.count).toBeGreaterThan(60);
    expect(window.count).toBeLessThan(80);
  });
});

describe("what is refused is found by halves", () => {
  const rows = Array.from({ length: 100 }, (_, index) => rowOf({ content_preview: String(index) }));
  const refusalOf = (error: unknown): string | null =>
    error instanceof Error && error.message === "poison" ? "poison" : null;

  test("alone, and all else is stored once", async () => {
    const poison = new Set([rows[0], rows[41], rows[99]]);
    const stored: ArchiveRow[] = [];
    let calls = 0;
    const refused = await storeAll(
      rows,
      async (part) => {
        calls += 1;
        if (part.some((row) => poison.has(row))) throw new Error("poison");
        stored.push(...part);
      },
      refusalOf,
    );
    expect(refused.map(({ row }) => row)).toEqual([...poison]);
    expect(stored).toEqual(rows.filter((row) => !poison.has(row)));
    expect(calls).toBeLessThan(50);
  });

  test("and what is no row's own fault is thrown", async () => {
    const store = () => Promise.reject(new Error("gone"));
    await expect(storeAll(rows, store, refusalOf)).rejects.toThrow("gone");
  });

  test.each([
    ["22P05", true],
    ["23514", true],
    ["54000", true],
    ["P0001", true],
    ["57P01", false],
    ["53100", false],
    ["53300", false],
    ["40P01", false],
    ["40001", false],
    ["25006", false],
    ["42P01", false],
    ["ECONNREFUSED", false],
  ])("%s is a refusal: %s", (code, expected) => {
    expect(isRefusal(Object.assign(new Error("it"), { code }))).toBe(expected);
  });
});

describe("the rows of a batch", () => {
  test("are in the order of their ids and revisions, each revision once", () => {
    const given = [`${ID}2:1`, `${ID}1:3`, `${ID}1:1`, `${ID}2:1`, `${ID}1:2`];
    const rows = given.map((each) => {
      const [message_uuid = "", revision] = each.split(":");
      return rowOf({ message_uuid, revision: Number(revision) });
    });
    const names = (list: readonly ArchiveRow[]) =>
      list.map(({ message }) => `${message.message_uuid}:${message.revision}`);
    expect(names(inOrder(rows))).toEqual([`${ID}1:1`, `${ID}1:2`, `${ID}1:3`, `${ID}2:1`]);
    expect(names(newest(inOrder(rows)))).toEqual([`${ID}1:3`, `${ID}2:1`]);
  });

  test("are JSON that PostgreSQL takes", () => {
    const row = rowOf({
      message_uuid: `${ID}1`,
      origin_ts: "0000-03-01T00:00:00Z",
      content_preview: "a\0b",
      message_data: { "n\0": "\ud800", kept: "\\u0000" },
    });
    const text = messagesJson([row]);
    expect(JSON.parse(text)).toMatchObject([
      {
        message_uuid: `${ID}1`,
        origin_ts: "0001-03-01T00:00:00.000Z BC",
        content_preview: "a\ufffdb",
        destination_subject_ids: [],
        message_data: { "n\ufffd": "\ufffd", kept: "\\u0000" },
      },
    ]);
  });

  test("begin their sessions with the first message of each", () => {
    const rows = [
      rowOf({ session_id: "b", origin_ts: NOW }),
      rowOf({ session_id: "b", origin_ts: NOW - 5_000, user_id: "first" }),
      rowOf({ session_id: "a", origin_ts: NOW }),
      rowOf({}),
    ];
    expect(JSON.parse(sessionsJson(rows) ?? "")).toMatchObject([
      { session_id: "a" },
      { session_id: "b", user_id: "first", started_ts: new Date(NOW - 5_000).toISOString() },
    ]);
    expect(sessionsJson([rowOf({})])).toBeNull();
  });

  test("are counted as they come and go", () => {
    const tally = emptyTally();
    const { message } = rowOf({ channel: "sms", origin_ts: NOW + 1, template_id: "t".repeat(600) });
    count(tally, message, null, 1);
    count(tally, message, null, 1);
    const sent = {
      ...message,
      status: "sent" as const,
      sent_ts: NOW + 2,
      destination_subject_ids: '["a@B.example","b@b.example"]',
    };
    count(tally, sent, null, 1);
    expect(JSON.parse(hoursJson(tally) ?? "")).toEqual([
      { hour: new Date(NOW).toISOString(), channel: "sms", status: "pending", messages: 2 },
      { hour: new Date(NOW).toISOString(), channel: "sms", status: "sent", messages: 1 },
    ]);
    const hour = NOW / HOUR_MS;
    const template = "t".repeat(500);
    const templates = { hours: [hour, hour], keys: [template, template], statuses: ["pending", "sent"] };
    expect(JSON.parse(uncountedJson(tally) ?? "")).toEqual([
      { dimension: "template", ...templates, messages: [2, 1] },
      { dimension: "domain", hours: [hour], keys: ["b.example"], statuses: ["sent"], messages: [1] },
      { dimension: "sent", hours: [hour], keys: ["1"], statuses: [""], messages: [1] },
    ]);
    for (const each of [sent, message, message]) count(tally, each, null, -1);
    expect(hoursJson(tally)).toBeNull();
    expect(uncountedJson(tally)).toBeNull();
  });

  test("are counted together where the beginnings of their channels are one", () => {
    const tally = emptyTally();
    for (const end of ["a", "b"])
      count(tally, rowOf({ channel: `${"c".repeat(250)}${end}`, origin_ts: NOW }).message, null, 1);
    expect(JSON.parse(hoursJson(tally) ?? "")).toMatchObject([{ channel: "c".repeat(250), messages: 2 }]);
  });
});

describe("a delivery", () => {
  const history = { user_id: 7, message: "Hi", response: "Hello!", timestamp: "2026-11-01T10:00:00" };

  test("that comes again is the same message", () => {
    const again = { redelivered: true, deliveryTag: 9 };
    expect(uuidOf(deliveryOf(history, again))).toBe(uuidOf(deliveryOf(history)));
  });

  test("is another one where its sender says so, or it comes by another queue", () => {
    const ids = [
      uuidOf(deliveryOf(history)),
      uuidOf(deliveryOf(history, { messageId: "1" })),
      uuidOf(deliveryOf(history, { messageId: "2" })),
      uuidOf({ ...deliveryOf(history), queue: "other" }),
    ];
    expect(new Set(ids).size).toBe(4);
  });

  test("without a time of its own is of when it was published", () => {
    const event = { session_id: 1, event_type: "user_action" };
    const read = readDelivery(deliveryOf(event, { timestamp: 1_793_527_200 }), NOW);
    expect(read).toMatchObject({ row: { message: { origin_ts: 1_793_527_200_000 } } });
  });

  test("tells when it came to its status", () => {
    const sent_ts = "2026-11-01T10:00:05.000Z";
    const sent = { message_uuid: `${ID}1`, status: "sent", sent_ts, revision: 2, channel: "sms" };
    const failed = { ...sent, status: "failed", revision: 3 };
    const published = { timestamp: 1_793_527_300 };
    expect(readDelivery(deliveryOf(sent, published), NOW)).toMatchObject({
      row: { ts: Date.parse(sent_ts) },
    });
    expect(readDelivery(deliveryOf(failed, published), NOW)).toMatchObject({
      row: { ts: 1_793_527_300_000 },
    });
  });

  test.each([
    ["not json", /not JSON in UTF-8/],
    [Buffer.from([0x22, 0xff, 0x22]), /not JSON in UTF-8/],
    ["", /not JSON in UTF-8/],
    [{ hello: "world" }, /none that Waybill knows/],
    [{ message_uuid: "abc", channel: "sms" }, /message_uuid: is not a UUID/],
    [{ message_uuid: `${ID}1`, channel: "sms", status: "lost" }, /status/],
    [{ session_id: 1, event_type: "x", payload: "x".repeat(1_100_000) }, /at most 1048576/],
  ])("that can't be read says why", (body, reason) => {
    const read = readDelivery(deliveryOf(body), NOW);
    expect("reason" in read && read.reason).toMatch(reason);
  });

  test("that is compressed is not guessed at", () => {
    const read = readDelivery(deliveryOf(history, { contentEncoding: "gzip" }), NOW);
    expect(read).toEqual({ reason: "The body is encoded as gzip; only plain JSON is read." });
  });
});

test("a number too large for JavaScript is kept as its text", () => {
  const parse = (text: string) => parseJson(Buffer.from(text));
  expect(parse('{"user_id":123456789012345678901,"x":[9007199254740993,1.5,0.1e3]}')).toEqual({
    user_id: "123456789012345678901",
    x: ["9007199254740993", 1.5, 100],
  });
  expect(parse('\ufeff{"a":9007199254740991}')).toEqual({ a: 9007199254740991 });
});

describe("a dead letter", () => {
  const given = deliveryOf("{", {
    exchange: "ex",
    routingKey: "a.b",
    contentType: "application/json",
    messageId: "m",
    expiration: "1000",
    userId: "guest",
    headers: { CC: ["other"], own: 1 },
  });

  test("tells why it died and where it came from, and keeps what came with it", () => {
    const envelope = deadEnvelope(given, "It is no JSON.", NOW);
    expect(envelope).toMatchObject({
      exchange: "",
      routingKey: "q.dead",
      durable: true,
      mandatory: true,
      contentType: "application/json",
      messageId: "m",
    });
    expect(envelope).not.toHaveProperty("expiration");
    expect(envelope).not.toHaveProperty("userId");
    expect(envelope.headers).toMatchObject({ own: 1 });
    expect(envelope.headers).not.toHaveProperty("CC");
    expect(describeDead({ ...given.properties, ...envelope } as Properties, 1)).toMatchObject({
      reason: "It is no JSON.",
      count: 1,
      queue: "q",
      exchange: "ex",
      routing_key: "a.b",
      first_death_ts: new Date(NOW).toISOString(),
      bytes: 1,
    });
  });

  test("that something else put there goes back to the queue that its own is named for", () => {
    expect(revivedEnvelope(given.properties, "q")).toMatchObject({ routingKey: "q", messageId: "m" });
  });

  test("counts its deaths over a retry, and keeps its name and origin", () => {
    const died = { ...given.properties, ...deadEnvelope(given, "first", NOW) } as Properties;
    const revived = revivedEnvelope(died, "other");
    expect(revived).toMatchObject({ exchange: "", routingKey: "q", messageId: "m" });
    const back = { ...given, properties: { ...given.properties, ...revived } as Properties };
    const again = deadEnvelope(back, "second", NOW + 1_000);
    const letter = describeDead({ ...given.properties, ...again } as Properties, 1);
    expect(letter).toMatchObject({
      id: describeDead(died, 1).id,
      reason: "second",
      count: 2,
      exchange: "ex",
      first_death_ts: new Date(NOW).toISOString(),
      last_death_ts: new Date(NOW + 1_000).toISOString(),
    });
  });
});

describe("settings", () => {
  test("come from the flags, then from the environment", () => {
    expect(consumeConfig({}, {})).toEqual({
      queues: ["message_storage"],
      prefetch: 1_000,
      batchSize: 500,
      intervalMs: 200,
    });
    const environment = { RABBITMQ_QUEUE_NAME: "log_queue", BATCH_SIZE: "50", BATCH_INTERVAL: "10" };
    expect(consumeConfig(environment, {})).toMatchObject({
      queues: ["log_queue"],
      prefetch: 100,
      intervalMs: 10,
    });
    const flags = { queue: ["a", "b", "a"], prefetch: 7, batchSize: 3 };
    expect(consumeConfig(environment, flags)).toMatchObject({
      queues: ["a", "b"],
      prefetch: 7,
      batchSize: 3,
    });
  });

  test("that can't be read are told by name", () => {
    expect(() => consumeConfig({ BATCH_SIZE: "many" }, {})).toThrow('BATCH_SIZE is "many"');
    expect(() => consumeConfig({}, { queue: ["a.dead"] })).toThrow("a.dead holds dead messages");
  });

  test("name the archive in four ways", () => {
    const url = "postgres://u:p@h:5433/d";
    const byUrl = { connectionString: url, ssl: false };
    expect(archiveOptions({ DATABASE_URL: "postgres://other/x" }, url)).toEqual(byUrl);
    expect(archiveOptions({ DATABASE_URL: url, PGHOST: "x" })).toEqual(byUrl);
    expect(archiveOptions({ DATABASE_HOST: "h", DATABASE_PORT: "5433", PGUSER: "u" })).toEqual({
      host: "h",
      port: 5433,
      user: "u",
      ssl: false,
    });
    expect(archiveOptions({ PGDATABASE: "d" })).toEqual({ database: "d", ssl: false });
    expect(archiveOptions({})).toBeNull();
    expect(() => archiveOptions({ DATABASE_URL: "mysql://secret@h/d" })).toThrow(
      /^DATABASE_URL can't be read/,
    );
    expect(() => archiveOptions({ DATABASE_URL: "mysql://secret@h/d" })).not.toThrow("secret");
  });

  test("ask for TLS in the address or the environment, and check the certificate then", () => {
    const url = "postgres://u:p%40@h:5433/d";
    const ofUrl = (query: string, environment = {}) => archiveOptions(environment, `${url}?${query}`);
    const checked = { rejectUnauthorized: true };
    for (const query of ["sslmode=require", "sslmode=verify-full", "ssl=true"])
      expect(ofUrl(query)).toEqual({ connectionString: url, ssl: checked });
    expect(ofUrl("sslmode=no-verify&application_name=x")).toEqual({
      connectionString: `${url}?application_name=x`,
      ssl: { rejectUnauthorized: false },
    });
    expect(ofUrl("sslmode=disable", { PGSSLMODE: "require" })).toMatchObject({ ssl: false });
    expect(archiveOptions({ PGHOST: "h", PGSSLMODE: "verify-full" })).toEqual({ host: "h", ssl: checked });
    const ca = import.meta.filename;
    const text = readFileSync(ca, "utf8");
    expect(ofUrl(`sslrootcert=${encodeURIComponent(ca)}`)).toMatchObject({ ssl: { ...checked, ca: text } });
    expect(archiveOptions({ DATABASE_URL: url, PGSSLROOTCERT: ca })).toEqual({
      connectionString: url,
      ssl: { ...checked, ca: text },
    });
    expect(() => ofUrl("sslrootcert=/nowhere/ca.pem")).toThrow(
      "The file /nowhere/ca.pem, which sslrootcert names",
    );
    expect(() => ofUrl("sslmode=yes")).toThrow('sslmode is "yes"; it must be one of disable,');
  });
});
