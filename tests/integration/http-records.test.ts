import { mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { type Host, startHost } from "./support/host.ts";
import { eventually, runWaybill, temporaryFolder } from "./support/waybill.ts";

const UNKNOWN = "0198c0de-7000-7000-8000-000000000001";
const NDJSON = { "content-type": "application/x-ndjson" };

async function logOne(host: Host, record: object): Promise<string> {
  const { status, json } = await host.request("/messages", { body: record });
  expect(status).toBe(202);
  return json.message_uuids[0] as string;
}

describe("POST /messages", () => {
  test("takes one record, an array and NDJSON, and tells each one's id", async () => {
    const host = await startHost();
    const one = await host.request("/messages", { body: { channel: "email", status: "sent" } });
    expect(one.status).toBe(202);
    expect(one.json).toEqual({
      accepted: 1,
      duplicates: 0,
      rejected: [],
      message_uuids: [expect.any(String)],
      receipt: { group: expect.any(Number), sha256: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });

    const many = await host.request("/messages", {
      body: [{ channel: "sms" }, { status: "unknown" }, 5, { message_uuid: one.json.message_uuids[0] }],
    });
    expect(many.status).toBe(202);
    expect(many.json).toMatchObject({ accepted: 2, duplicates: 1 });
    expect(many.json.rejected.map(({ index }: { index: number }) => index)).toEqual([1, 2]);
    expect(many.json.message_uuids[1]).toBe(one.json.message_uuids[0]);

    const lines = await host.request("/messages", {
      headers: NDJSON,
      body: '{"channel":"chat"}\n\nnot json\n{"channel":"chat","status":"no"}\r\n{"channel":"chat"}',
    });
    expect(lines.status).toBe(202);
    expect(lines.json).toMatchObject({ accepted: 2, duplicates: 0 });
    expect(lines.json.rejected).toEqual([
      { index: 1, error: expect.stringContaining("is not JSON") },
      { index: 2, error: expect.stringContaining("status") },
    ]);
    expect((await host.request("/messages?q=channel:chat")).json.messages).toHaveLength(2);
  });

  test.each([
    ["no valid record", 422, "invalid", { body: [{ status: "no" }, 7] }],
    ["an empty array", 422, "invalid", { body: [] }],
    ["empty NDJSON", 422, "invalid", { body: "\n\n", headers: NDJSON }],
    ["a value that is no record", 422, "invalid", { body: "null" }],
    ["broken JSON", 400, "malformed", { body: "{broken" }],
    ["an empty body", 400, "malformed", { body: "" }],
    ["no body", 400, "malformed", { method: "POST" }],
    ["bytes that are no text", 400, "malformed", { body: Buffer.from([0x22, 0xff, 0x22]) }],
    [
      "another media type",
      415,
      "unsupported_media_type",
      { body: "x", headers: { "content-type": "text/plain" } },
    ],
    [
      "an encoded body",
      415,
      "unsupported_media_type",
      { body: "{}", headers: { "content-encoding": "gzip" } },
    ],
  ])("refuses %s", async (_what, status, code, request) => {
    const answer = await shared.request("/messages", request);
    expect(answer.status).toBe(status);
    expect(answer.json.error).toMatchObject({ code, message: expect.any(String) });
  });

  test("keeps keys that a parser could trip over", async () => {
    const uuid = await logOne(
      shared,
      JSON.parse('{"message_data":{"x":{"__proto__":{"a":1},"constructor":{"prototype":2}}}}'),
    );
    const { text } = await shared.request(`/messages/${uuid}`);
    expect(text).toContain('"__proto__":{"a":1}');
    expect(text).toContain('"constructor":{"prototype":2}');
  });
});

let shared: Host;
beforeAll(async () => {
  shared = await startHost();
});

describe("one message", () => {
  test("is read with its history, and goes on by PATCH", async () => {
    const uuid = await logOne(shared, {
      channel: "email",
      status: "sent",
      origin_ts: "2025-12-31T23:59:00Z",
      destination_subject_ids: ["ann@example.com"],
    });
    const report = { status: "delivered", external_id: "p-1", ts: "2026-01-01T00:00:00Z" };
    const changed = await shared.request(`/messages/${uuid}`, { method: "PATCH", body: report });
    expect(changed.status).toBe(200);
    expect(changed.json).toMatchObject({
      message_uuid: uuid,
      status: "delivered",
      external_id: "p-1",
      delivered_ts: "2026-01-01T00:00:00.000Z",
      revision: 2,
    });
    const late = await shared.request(`/messages/${uuid}`, {
      method: "PATCH",
      body: { status: "sent", ts: "2026-01-01T00:00:05Z" },
    });
    expect(late.json.status).toBe("delivered");

    const read = await shared.request(`/messages/${uuid.toUpperCase()}`);
    expect(read.json).toMatchObject({ message_uuid: uuid, status: "delivered" });
    expect(read.json.events.map(({ status }: { status: string }) => status)).toEqual([
      "sent",
      "delivered",
      "sent",
    ]);
  });

  test.each([
    ["GET", `/messages/${UNKNOWN}`, undefined, 404],
    ["GET", "/messages/nonsense", undefined, 422],
    ["PATCH", `/messages/${UNKNOWN}`, { status: "sent" }, 404],
    ["PATCH", `/messages/${UNKNOWN}`, { status: "lost" }, 422],
    ["PATCH", `/messages/${UNKNOWN}`, {}, 422],
    ["PATCH", `/messages/${UNKNOWN}`, "{", 400],
  ])("%s %s with %j is %i", async (method, path, body, status) => {
    const answer = await shared.request(path, { method, ...(body === undefined ? {} : { body }) });
    expect(answer.status).toBe(status);
    expect(answer.json.error.message).toEqual(expect.any(String));
  });
});

describe("GET /messages", () => {
  test("goes through all pages, newest first, without a gap or a repeat", async () => {
    const host = await startHost();
    const records = Array.from({ length: 25 }, (_, index) => ({
      topic: `t${index}`,
      origin_ts: Date.UTC(2026, 0, 1) + index * 1_000,
    }));
    await host.request("/messages", { body: records });
    const topics: string[] = [];
    let cursor = "";
    do {
      const { json } = await host.request(
        `/messages?limit=10${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
      );
      topics.push(...json.messages.map(({ topic }: { topic: string }) => topic));
      cursor = json.next_cursor ?? "";
    } while (cursor !== "");
    expect(topics).toEqual(records.map(({ topic }) => topic).reverse());
  });

  test("by subject gives what was sent to or by one, whatever the id holds", async () => {
    const id = "ann+1/x@example.com";
    await logOne(shared, { destination_subject_ids: ["bob", id], topic: "to" });
    await logOne(shared, { source_subject_id: id, topic: "from" });
    const { json } = await shared.request(`/messages/subject/${encodeURIComponent(id)}`);
    expect(json.messages.map(({ topic }: { topic: string }) => topic).sort()).toEqual(["from", "to"]);
    const long = "x".repeat(2_000);
    expect((await shared.request(`/messages/subject/${long}`)).json.messages).toEqual([]);
  });

  test("a query that is not valid says where", async () => {
    const { status, json } = await shared.request("/messages?q=channel:sms+AND");
    expect(status).toBe(422);
    expect(json.error).toMatchObject({ code: "invalid", details: { q: "channel:sms AND", position: 12 } });
  });

  test.each(["limit=0", "limit=1001", "limit=x", "cursor=nonsense", "chanel=sms"])(
    "%s is 422",
    async (query) => {
      expect((await shared.request(`/messages?${query}`)).status).toBe(422);
    },
  );
});

describe("POST /log", () => {
  test("logs an event and begins its session", async () => {
    const answer = await shared.request("/log", {
      body: { session_id: 42, event_type: "opened", payload: { page: 1 }, timestamp: 1_700_000_000 },
    });
    expect(answer.status).toBe(202);
    expect(answer.json).toEqual({
      status: "accepted",
      event_id: expect.any(String),
      timestamp: "2023-11-14T22:13:20.000Z",
    });
    const { json } = await shared.request(`/messages/${answer.json.event_id}`);
    expect(json).toMatchObject({
      session_id: "42",
      message_type: "opened",
      channel: "event",
      message_data: { page: 1 },
    });
    expect((await shared.request("/sessions/42")).json).toMatchObject({ session_id: "42", total: 1 });
  });

  test("keeps a payload that is no object", async () => {
    const { json } = await shared.request("/log", {
      body: { session_id: "s", event_type: "e", payload: [1, 2] },
    });
    expect((await shared.request(`/messages/${json.event_id}`)).json.message_data).toEqual({
      payload: [1, 2],
    });
  });

  test.each([
    [{ event_type: "e" }, 422],
    [{ session_id: "s" }, 422],
    [{ session_id: "s", event_type: "" }, 422],
    [{ session_id: "s", event_type: "e", timestamp: "yesterday" }, 422],
    [{ session_id: "s", event_type: "e", event: 1 }, 422],
    ["{", 400],
  ])("%j is %i", async (body, status) => {
    expect((await shared.request("/log", { body })).status).toBe(status);
  });
});

describe("sessions", () => {
  test("are begun, listed, read and ended", async () => {
    const begun = await shared.request("/sessions", {
      body: { session_id: "march", channel: "email", template_name: "News" },
    });
    expect(begun.status).toBe(201);
    expect(begun.json).toMatchObject({ session_id: "march", channel: "email", total: 0, ended_ts: null });
    const records = [
      { session_id: "march", status: "delivered", destination_subject_ids: ["a"] },
      {
        session_id: "march",
        status: "failed",
        destination_subject_ids: ["b"],
        error_message: "550 no such user",
      },
    ];
    await shared.request("/messages", { body: records });

    const read = await shared.request("/sessions/march");
    expect(read.json).toMatchObject({
      total: 2,
      successful: 1,
      failed: 1,
      success_rate: 0.5,
      undelivered: 1,
      recipients: 2,
    });
    expect(read.json.errors).toEqual([{ text: expect.stringContaining("550"), count: 1 }]);
    const ended = await shared.request("/sessions/march/end", { method: "POST" });
    expect(ended.status).toBe(200);
    expect(ended.json).toMatchObject({ session_id: "march", total: 2, ended_ts: expect.any(String) });
    const listed = await shared.request("/sessions?text=march");
    expect(listed.json.sessions.map(({ session_id }: { session_id: string }) => session_id)).toEqual([
      "march",
    ]);
  });

  test("the same id twice is a conflict, an unknown one is not found", async () => {
    await shared.request("/sessions", { body: { session_id: "twice" } });
    expect((await shared.request("/sessions", { body: { session_id: "twice" } })).status).toBe(409);
    expect((await shared.request("/sessions/nobody")).status).toBe(404);
    expect((await shared.request("/sessions/nobody/end", { method: "POST" })).status).toBe(404);
    expect((await shared.request("/sessions", { body: { channel: 5 } })).status).toBe(422);
    expect((await shared.request("/sessions?days=x")).status).toBe(422);
  });
});

describe("reports", () => {
  test("GET /stats gives the quick figures with the full report", async () => {
    const { status, json } = await shared.request("/stats?days=7");
    expect(status).toBe(200);
    expect(json).toMatchObject({
      days: 7,
      total: expect.any(Number),
      report: { by_hour: expect.any(Array) },
    });
    expect((await shared.request("/stats?days=0")).status).toBe(422);
    expect((await shared.request("/stats?days=many")).status).toBe(422);
  });

  test("GET /export gives each format whole, also of nothing", async () => {
    await logOne(shared, { channel: "export", content_preview: '=cmd() "quoted", comma\nline' });
    const csv = await shared.request("/export?filter=channel:export");
    expect(csv.headers["content-type"]).toBe("text/csv; charset=utf-8");
    expect(csv.headers["content-disposition"]).toMatch(
      /^attachment; filename="waybill-messages-\d{4}-\d\d-\d\d\.csv"$/,
    );
    expect(csv.text).toContain("message_uuid,");
    const json = await shared.request("/export?format=json&q=channel:export");
    expect(json.json).toMatchObject([{ channel: "export" }]);
    const ndjson = await shared.request("/export?format=ndjson&filter=channel:export");
    expect(JSON.parse(ndjson.text)).toMatchObject({ content_preview: '=cmd() "quoted", comma\nline' });
    expect((await shared.request("/export?format=json&filter=channel:nothing")).json).toEqual([]);
  });

  test.each(["format=xml", "filter=channel:a+AND", "from=yesterday", "days=-1", "what=secrets"])(
    "GET /export?%s is 422",
    async (query) => {
      expect((await shared.request(`/export?${query}`)).status).toBe(422);
    },
  );

  test("GET /system_logs gives what callers and Waybill itself told", async () => {
    const event = { component: "test", message: "Something of note", level: "warning" };
    expect((await shared.request("/api/systemLogs.add", { body: event })).status).toBe(200);
    const { json } = await shared.request("/system_logs?level=warning&text=of%20note");
    expect(json.logs).toMatchObject([{ level: "warning", component: "test", message: "Something of note" }]);
    expect((await shared.request("/system_logs?level=loud")).status).toBe(422);
  });

  test("GET /openapi.json describes the routes from the schemas that check them", async () => {
    const { json } = await shared.request("/openapi.json");
    expect(json.openapi).toMatch(/^3\.1/);
    expect(Object.keys(json.paths)).toEqual(
      expect.arrayContaining([
        "/messages",
        "/messages/{uuid}",
        "/log",
        "/sessions/{id}/end",
        "/stats",
        "/export",
        "/health",
      ]),
    );
    expect(json.paths["/messages"].post.responses["202"]).toBeDefined();
    expect((await shared.request("/docs/")).text).toContain("swagger");
  });

  test("GET /health tells anyone how things are, and details to the token alone", async () => {
    const open = await shared.request("/health", { token: null });
    expect(open.status).toBe(200);
    expect(Object.keys(open.json).sort()).toEqual(["checks", "status"]);
    expect(open.json.checks.database).toEqual({ state: "ok" });
    expect(open.text).not.toContain(shared.dataDir);
    const full = await shared.request("/health");
    expect(full.json).toMatchObject({
      status: "ok",
      data_dir: shared.dataDir,
      database: { available: true },
    });
  });
});

test("a store that can't be opened is told by health, and records are not lost", async () => {
  const dataDir = await temporaryFolder();
  await runWaybill(["health", "--data-dir", dataDir]);
  await rename(join(dataDir, "ledger.db"), join(dataDir, "moved.db"));
  await mkdir(join(dataDir, "ledger.db"));
  const host = await startHost({ dataDir });
  const health = await host.request("/health", { token: null });
  expect(health.status).toBe(503);
  expect(health.json.status).not.toBe("ok");
  const { status, json } = await host.request("/messages", { body: { topic: "kept" } });
  expect(status).toBe(202);
  expect((await host.request("/messages")).status).toBe(503);
  expect(await host.stop()).toBe(0);

  await rm(join(dataDir, "ledger.db"), { recursive: true });
  await rename(join(dataDir, "moved.db"), join(dataDir, "ledger.db"));
  const again = await startHost({ dataDir });
  await eventually(async () => {
    expect((await again.request(`/messages/${json.message_uuids[0]}`)).json.topic).toBe("kept");
  });
});
