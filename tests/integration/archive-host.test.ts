import { createServer } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openArchive } from "../../src-main/archive/connection.ts";
import { writeBatch } from "../../src-main/archive/write-batch.ts";
import { type StoredMessage, toRecord } from "../../src-shared/record.ts";
import { MINUTE_MS } from "../../src-shared/time.ts";
import { cleanUpAtEnd, eventually } from "../support/ledger.ts";
import { hasPostgres, type Postgres, startPostgres } from "../support/postgres.ts";
import { startTcpProxy, type TcpProxy } from "../support/tcp-proxy.ts";
import { archiveOf, type OpenArchive } from "../support/two-stores.ts";
import { message } from "../unit/query-fixtures.ts";
import { type Host, startHost } from "./support/host.ts";
import { runWaybill, temporaryFolder } from "./support/waybill.ts";

cleanUpAtEnd();

const BEGUN = Date.now() - 30 * MINUTE_MS;

function recordOf(index: number, fields: Partial<StoredMessage> = {}): StoredMessage {
  return message({
    message_uuid: `0198c0de-7000-7000-8000-${String(index).padStart(12, "0")}`,
    session_id: "campaign",
    origin_ts: BEGUN + index,
    channel: "sms",
    status: "sent",
    destination_subject_ids: '["anna@mail.example"]',
    message_type: "reminder",
    ...fields,
  });
}

/** As docs/migrating.md says. */
const GRANTS = `
  GRANT USAGE ON SCHEMA waybill TO reader;
  GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;
  GRANT SELECT ON waybill.migrations, waybill.unworded, waybill.wording, waybill.uncounted, waybill.counting TO reader;`;

describe.skipIf(!hasPostgres)("a host over an archive", () => {
  let postgres: Postgres;
  let proxy: TcpProxy;
  let archive: OpenArchive;
  let host: Host;
  beforeAll(async () => {
    postgres = await startPostgres();
    proxy = await startTcpProxy(postgres.port);
  });
  afterAll(async () => {
    await proxy?.stop();
    await postgres?.stop();
  });
  beforeEach(async () => {
    Object.assign(proxy.faults, { refuse: false, swallowAnswers: false, swallowRequests: false });
    archive = await archiveOf(
      postgres,
      [0, 1, 2].map((index) => recordOf(index)),
    );
    const url = archive.url.replace(String(postgres.port), String(proxy.port));
    host = await startHost({ args: ["--archive", url] });
  });

  test("answers the routes that read, with the same shapes", async () => {
    const { json: page } = await host.request("/messages?q=channel:sms&limit=2");
    expect(page.messages).toEqual([toRecord(recordOf(2)), toRecord(recordOf(1))]);
    const { json: rest } = await host.request(`/messages?q=channel:sms&limit=2&cursor=${page.next_cursor}`);
    expect(rest).toEqual({ messages: [toRecord(recordOf(0))], next_cursor: null });
    const { json: one } = await host.request(`/messages/${recordOf(1).message_uuid}`);
    expect(one).toMatchObject({ ...toRecord(recordOf(1)), events: [{ event_id: 1, status: "sent" }] });
    const { json: subject } = await host.request("/messages/subject/anna@mail.example");
    expect(subject.messages).toHaveLength(3);
    expect((await host.request("/messages/subject/anna")).json.messages).toEqual([]);
    const { json: listed } = await host.request("/sessions");
    expect(listed.sessions).toMatchObject([{ session_id: "campaign", total: 3, successful: 3 }]);
    const { json: session } = await host.request("/sessions/campaign");
    expect(session).toMatchObject({ session_id: "campaign", recipients: 1, undelivered: 0 });
    const { json: stats } = await host.request("/stats?days=1");
    expect(stats).toMatchObject({ total: 3, by_channel: { sms: 3 }, report: { totals: { successful: 3 } } });
    const { text, headers } = await host.request("/export?format=ndjson");
    expect(headers["content-type"]).toContain("application/x-ndjson");
    expect(
      text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line)),
    ).toEqual([2, 1, 0].map((index) => toRecord(recordOf(index))));
    expect((await host.request("/system_logs")).json).toEqual({ logs: [], next_cursor: null });
    expect((await host.request("/sync")).json.sinks).toMatchObject([{ state: "off" }, { state: "off" }]);
    const { status, json: health } = await host.request("/health");
    expect(status).toBe(200);
    expect(health).toMatchObject({
      status: "ok",
      database: { available: true, tables: { message_logs: 3 } },
    });
    expect(JSON.stringify(health)).toContain("PostgreSQL");
    expect((await host.request("/messages?q=status:gone")).status).toBe(422);
    expect((await host.request("/messages", { token: null })).status).toBe(401);
  });

  test("a role that may only read is enough", async () => {
    const name = new URL(archive.url).pathname.slice(1);
    const client = await postgres.connect(name);
    await client.query("DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN");
    const reader = `postgres://reader@127.0.0.1:${postgres.port}/${name}`;
    const shown = await startHost({ args: ["--archive", reader] });
    const before = await shown.request("/messages");
    expect(before.status).toBe(503);
    expect(before.json.error.message).toContain("GRANT");
    await client.query(GRANTS);
    expect((await shown.request("/messages")).json.messages).toHaveLength(3);
    for (const path of ["/health", "/stats", "/sessions", "/sessions/campaign", "/export"])
      expect({ path, status: (await shown.request(path)).status }).toEqual({ path, status: 200 });
    expect(await shown.stop()).toBe(0);
    await client.query("DROP OWNED BY reader; DROP ROLE reader");
    await client.end();
  });

  test("shows the UI, and answers what its pages ask", async () => {
    const page = await host.request("/", { token: null });
    expect(page.status).toBe(200);
    expect(page.text).toContain('<div id="root">');
    const opened = await host.request(new URL(host.link).pathname + new URL(host.link).search, {
      token: null,
    });
    expect(opened.status).toBe(303);
    for (const [name, input] of [
      ["messages.window", { q: "reminder", offset: 0, limit: 50 }],
      ["messages.count", { q: "reminder" }],
      ["messages.histogram", {}],
      ["messages.vocabulary", {}],
      ["sessions.list", {}],
      ["sessions.get", { session_id: "campaign" }],
      ["stats.overview", {}],
      ["stats.report", {}],
      ["stats.fingerprints", {}],
      ["health.get", {}],
      ["systemLogs.list", {}],
      ["backups.list", {}],
      ["jobs.list", {}],
      ["settings.get", {}],
      ["access.get", {}],
      ["sync.status", {}],
      ["sync.outages", {}],
      ["sync.parked", {}],
      ["sync.deliveries", { message_uuid: recordOf(0).message_uuid }],
    ] as const) {
      const { status, json } = await host.request(`/api/${name}`, { body: input });
      expect({ name, status, ok: json.ok }).toEqual({ name, status: 200, ok: true });
    }
    const { json: view } = await host.request("/api/views.save", {
      body: { name: "Mine", q: "status:failed" },
    });
    expect(view).toMatchObject({ ok: true, value: { name: "Mine" } });
    const { json: job } = await host.request("/api/jobs.export", { body: { format: "csv" } });
    const fetched = await eventually(async () => {
      const file = await host.request(`/api/exports/${job.value.job_id}`);
      expect(file.status).toBe(200);
      return file;
    });
    expect(fetched.text.trim().split("\r\n")).toHaveLength(4);
  });

  test("refuses to write, with a sentence that says where to", async () => {
    const uuid = recordOf(0).message_uuid;
    const turn = { user_id: "u", user_input: "Hi", bot_reply: "Ho", bot_id: "b", email: "e", platform: "p" };
    for (const [path, method, body] of [
      ["/messages", "POST", { topic: "new" }],
      ["/log", "POST", { session_id: "s", event_type: "e" }],
      ["/chat", "POST", turn],
      [`/messages/${uuid}`, "PATCH", { status: "read" }],
      ["/sessions", "POST", { channel: "sms" }],
      ["/sessions/campaign/end", "POST", {}],
      ["/api/jobs.backup", "POST", {}],
      ["/api/jobs.prune", "POST", { days: 1 }],
      ["/api/settings.set", "POST", { retention_days: 3 }],
      ["/api/sync.pause", "POST", { sink: "rabbitmq" }],
    ] as const) {
      const { status, json } = await host.request(path, { method, body });
      expect({ path, status, code: json.error.code }).toEqual({ path, status: 403, code: "forbidden" });
      expect(json.error.message).toContain("`waybill consume` writes");
    }
    const { json } = await host.request("/api/settings.set", { body: { theme: "dark" } });
    expect(json).toMatchObject({ ok: true, value: { theme: "dark" } });
  });

  test("tells live what consumers write, each change once, through an outage too", async () => {
    const all = await host.connect("/live");
    const some = await host.connect("/live?q=status:failed");
    const heard: string[] = [];
    const failed: string[] = [];
    all.on("message", (data) =>
      heard.push((JSON.parse(String(data)) as StoredMessage).message_uuid.slice(-2)),
    );
    some.on("message", (data) =>
      failed.push((JSON.parse(String(data)) as StoredMessage).message_uuid.slice(-2)),
    );
    await new Promise((done) => setTimeout(done, 500));
    await archive.write([recordOf(10), recordOf(11, { status: "failed" })]);
    // By the notification: sooner than it looks by itself.
    await eventually(() => expect(heard.sort()).toEqual(["10", "11"]), 2_000);
    await archive.write([recordOf(10, { status: "delivered", revision: 2 })]);
    await eventually(() => expect(heard.sort()).toEqual(["10", "10", "11"]), 2_000);

    proxy.faults.refuse = true;
    proxy.cut();
    await archive.write([recordOf(12)]);
    proxy.faults.refuse = false;
    await eventually(() => expect(heard.sort()).toEqual(["10", "10", "11", "12"]), 15_000);
    expect(failed).toEqual(["11"]);
    all.close();
    some.close();
  });

  test("opens a tail when it knows what is there already", async () => {
    const client = await postgres.connect(new URL(archive.url).pathname.slice(1));
    await client.query("BEGIN; LOCK TABLE message_events IN ACCESS EXCLUSIVE MODE");
    const socket = await host.connect("/api/events");
    const heard: unknown[] = [];
    socket.on("message", (data) => heard.push(JSON.parse(String(data))));
    socket.send(JSON.stringify({ subscribe: { q: "" } }));
    await new Promise((done) => setTimeout(done, 500));
    expect(heard).toEqual([]);
    await client.query("COMMIT");
    await eventually(() => expect(heard).toEqual([{ event: "tail.opened", data: {} }]));
    socket.close();
    await client.end();
  });

  test("answers 503 while PostgreSQL is away, and goes on when it is back", async () => {
    expect((await host.request("/messages")).status).toBe(200);
    proxy.faults.refuse = true;
    proxy.cut();
    const { status, json, headers } = await host.request("/messages");
    expect(status).toBe(503);
    expect(json.error).toEqual({
      code: "unavailable",
      message: "The archive can't be reached now. Try again in a moment.",
    });
    expect(headers["retry-after"]).toBeDefined();
    const health = await host.request("/health");
    expect(health.status).toBe(503);
    expect(health.json).toMatchObject({ status: "failing", database: { available: false } });
    expect((await host.request("/", { token: null })).status).toBe(200);
    expect((await host.request("/export")).status).toBe(503);
    proxy.faults.refuse = false;
    expect((await host.request("/messages")).status).toBe(200);
    expect((await host.request("/health")).status).toBe(200);
    expect(await host.stop()).toBe(0);
    expect(host.stderr()).toBe("");
  });

  test("goes on by itself after PostgreSQL was killed and started again", async () => {
    const heard: string[] = [];
    const socket = await host.connect("/live");
    socket.on("message", (data) => heard.push((JSON.parse(String(data)) as StoredMessage).message_uuid));
    expect((await host.request("/messages")).status).toBe(200);
    await postgres.kill9();
    expect((await host.request("/messages")).status).toBe(503);
    expect((await host.request("/stats")).status).toBe(503);
    expect((await host.request("/health")).status).toBe(503);
    await postgres.restart();
    const { status, json } = await host.request("/messages");
    expect(status).toBe(200);
    expect(json.messages).toHaveLength(3);
    expect((await host.request("/health")).status).toBe(200);
    const client = await openArchive({ connectionString: archive.url }, "waybill consume");
    await writeBatch(client, [{ message: recordOf(20), ts: BEGUN }]);
    await client.end();
    await eventually(() => expect(heard).toEqual([recordOf(20).message_uuid]), 15_000);
    expect(await host.stop()).toBe(0);
    expect(host.stderr()).toBe("");
  });

  test("gives up a read that takes too long, answers others meanwhile, and stops under one", async () => {
    const client = await postgres.connect(new URL(archive.url).pathname.slice(1));
    await client.query("BEGIN; LOCK TABLE message_logs IN ACCESS EXCLUSIVE MODE");
    const slow = host.request("/messages");
    for (let asked = 0; asked < 5; asked += 1) {
      expect((await host.request("/health")).status).toBe(200);
      expect((await host.request("/stats", { token: null })).status).toBe(401);
    }
    const { status, json } = await slow;
    expect(status).toBe(503);
    expect(json.error).toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("takes too long"),
    });
    const hanging = host.request("/messages").catch(() => null);
    await new Promise((done) => setTimeout(done, 300));
    expect(await host.stop()).toBe(0);
    await hanging;
    await client.end();
  });

  test("takes the address from DATABASE_URL too, and says where that is without the password", async () => {
    const url = archive.url.replace("postgres@", "postgres:secret@");
    const quiet = await startHost({ args: ["--archive"], env: { DATABASE_URL: url } });
    const { text, json } = await quiet.request("/health");
    expect(json.database.path).toBe(archive.url);
    expect(text).not.toContain("secret");
    const { code, stderr } = await runWaybill(
      ["serve", "--port", "0", "--data-dir", await temporaryFolder(), "--archive"],
      { env: { ...process.env, DATABASE_URL: "", PGHOST: "", PGDATABASE: "" } },
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(/^waybill: .*--archive postgres:\/\/.*\n$/);
  });

  test("starts while PostgreSQL is away", async () => {
    const port = await new Promise<number>((resolve) => {
      const server = createServer().listen(0, "127.0.0.1", () => {
        const address = server.address();
        server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
      });
    });
    const early = await startHost({ args: ["--archive", `postgres://postgres@127.0.0.1:${port}/archive`] });
    expect((await early.request("/messages")).status).toBe(503);
  });

  test("tells that the tables are not there", async () => {
    const name = await postgres.createDatabase();
    const empty = await startHost({
      args: ["--archive", `postgres://postgres@127.0.0.1:${postgres.port}/${name}`],
    });
    const { status, json } = await empty.request("/messages");
    expect(status).toBe(503);
    expect(json.error.message).toContain("waybill consume");
  });

  test.each([["mysql://x/y"], ["postgres://"], ["nonsense"]])("--archive %s is bad usage", async (url) => {
    const args = ["serve", "--port", "0", "--data-dir", await temporaryFolder(), "--archive", url];
    const { code, stderr } = await runWaybill(args);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^waybill: .*postgres:\/\/.*\n$/);
    expect(stderr.split("\n")).toHaveLength(2);
  });
});
