import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { expect, it, onTestFinished } from "vitest";
import type { SinkStatus, SyncStatus } from "../../src-shared/contract/sync.ts";
import type { MessageRecord } from "../../src-shared/record.ts";
import { startPostgres } from "../support/postgres.ts";
import { startProject } from "../support/postgrest/project.ts";
import { drainQueue, judgeQueue } from "../support/queue-content.ts";
import { startRabbitMq } from "../support/rabbitmq.ts";
import { startTcpProxy } from "../support/tcp-proxy.ts";
import { type Host, startHost } from "./support/host.ts";
import { temporaryFolder } from "./support/waybill.ts";

/** The long form is `npm run torture`, or WAYBILL_SYNC_RECORDS=100000. */
const RECORDS = Number(process.env.WAYBILL_SYNC_RECORDS ?? 6_000);
const BATCH = 250;
/** Of so many one gets changes of its status. */
const CHANGED = 10;
const DRAIN_MS = 120_000;

async function statusOf(host: Host): Promise<SyncStatus> {
  const { json } = await host.request("/sync");
  return json as SyncStatus;
}

async function drained(host: Host): Promise<void> {
  const until = Date.now() + DRAIN_MS;
  for (;;) {
    const { sinks } = await statusOf(host);
    const isDone = ({ counts, resending }: SinkStatus): boolean =>
      counts.pending === 0 && counts.accepted > 0 && resending === 0;
    if (sinks.every(isDone)) {
      for (const { counts } of sinks) expect(counts).toMatchObject({ parked: 0, removed: 0, balanced: true });
      return;
    }
    if (Date.now() > until) throw new Error(`Not drained: ${JSON.stringify(sinks)}`);
    await pause(200);
  }
}

/** A broker that has just been started may not even know its own name yet. */
async function eventuallyStarted(ask: () => Promise<unknown>): Promise<void> {
  for (const until = Date.now() + 60_000; ; ) {
    try {
      await ask();
      return;
    } catch (error) {
      if (Date.now() > until) throw error;
      await pause(500);
    }
  }
}

/** What the ledger has, by uuid. */
async function recordsOf(host: Host): Promise<Map<string, MessageRecord>> {
  const { text } = await host.request("/export?format=ndjson");
  const records = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as MessageRecord);
  return new Map(records.map((record) => [record.message_uuid, record]));
}

/** The row of Supabase as a record: its times are those of the driver, and one column is its own. */
function toRecord({ stored_at: _, ...row }: Record<string, unknown>): unknown {
  const times = Object.entries(row).map(([name, value]) => [
    name,
    value instanceof Date ? value.toISOString() : value,
  ]);
  return Object.fromEntries(times);
}

it("brings every change to both queues, in order, and to Supabase, through all that can go wrong", {
  timeout: 300_000 + 10 * RECORDS,
}, async () => {
  const { url, port, ...rabbit } = await startRabbitMq();
  onTestFinished(() => rabbit.stop());
  const proxy = await startTcpProxy(port);
  onTestFinished(() => proxy.stop());
  const postgres = await startPostgres();
  onTestFinished(() => postgres.stop());
  const { api, options, query, stop } = await startProject(postgres);
  onTestFinished(() => stop());
  const env = {
    RABBITMQ_URL: url.replace(`:${port}`, `:${proxy.port}`),
    SUPABASE_URL: options.url,
    SUPABASE_KEY: options.key,
  };
  const dataDir = await temporaryFolder();
  let host = await startHost({ dataDir, env });
  onTestFinished(() => void host.child.kill("SIGKILL"));

  /** What was acknowledged. */
  const accepted = new Map<string, number>();
  const log = async (): Promise<void> => {
    const uuids = Array.from({ length: BATCH }, () => randomUUID());
    const list = uuids.map((message_uuid, index) => ({
      message_uuid,
      channel: index % 2 ? "email" : "sms",
      message_data: { index },
    }));
    const answer = await host.request("/messages", { body: list });
    expect(answer.status).toBe(202);
    for (const uuid of uuids) accepted.set(uuid, 1);
    for (const uuid of uuids.filter((_, index) => index % CHANGED === 0)) {
      for (const status of ["sent", "delivered"]) {
        const { status: code, json } = await host.request(`/messages/${uuid}`, {
          method: "PATCH",
          body: { status },
        });
        expect(code).toBe(200);
        accepted.set(uuid, json.revision);
      }
    }
  };
  const faults: (() => Promise<unknown>)[] = [
    async () => proxy.cut(),
    async () => api.fail({ answer: { status: 500 } }, { dropsAnswer: true }, { dropsAnswer: true }),
    () => rabbit.raiseAlarm(),
    () => rabbit.clearAlarm(),
    async () => api.fail({ answer: { status: 429, headers: { "retry-after": "1" } } }),
    async () => {
      await rabbit.kill9();
      await rabbit.restart();
      await eventuallyStarted(() => rabbit.control("await_startup"));
    },
    async () => proxy.cut(),
    async () => {
      await host.stop("SIGKILL");
      host = await startHost({ dataDir, env });
    },
    // By an operator, with what was in it.
    () => rabbit.control("delete_queue", "message_storage"),
    async () => proxy.cut(),
  ];
  const every = RECORDS / BATCH / (faults.length + 1);
  let done = 0;
  const started = Date.now();
  for (let batch = 0; batch < RECORDS / BATCH; batch += 1) {
    await log();
    if (batch + 1 < every * (done + 1)) continue;
    const fault = faults[done];
    done += 1;
    await fault?.();
  }
  for (const fault of faults.slice(done)) await fault();
  await drained(host);
  const from = new Date(started - 60_000).toISOString();
  const { json } = await host.request("/api/sync.resend", { body: { sink: "rabbitmq", from } });
  expect(json.value.changes).toBeGreaterThan(RECORDS);
  await drained(host);

  const records = await recordsOf(host);
  expect(records.size).toBe(accepted.size);
  const newest = new Map([...records].map(([uuid, { revision }]) => [uuid, revision]));
  for (const [uuid, revision] of accepted) expect(newest.get(uuid)).toBe(revision);
  for (const queue of ["message_storage", "message_processing"]) {
    const verdict = judgeQueue(await drainQueue(url, queue), newest);
    expect({ queue, ...verdict }).toMatchObject({ queue, missing: [], unknown: [], disorderedAtLast: [] });
    // What was in the queue that was deleted came again after what followed it.
    if (queue === "message_processing") expect(verdict.disordered).toEqual([]);
    // What was on its way at a cut or a kill comes again, and the period that was sent once more.
    expect(verdict.duplicates).toBeGreaterThan(0);
  }
  const rows = await query("SELECT * FROM message_logs");
  expect(rows.length).toBe(records.size);
  for (const row of rows) expect(toRecord(row)).toEqual(records.get(String(row.message_uuid)));
  const { json: outages } = await host.request("/api/sync.outages", { body: {} });
  expect(outages.value.outages.length).toBeGreaterThan(0);
  for (const { until_ts } of outages.value.outages) expect(until_ts).not.toBeNull();
});
