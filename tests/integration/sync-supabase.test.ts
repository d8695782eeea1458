import { execFileSync } from "node:child_process";
import { chmodSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it, onTestFinished } from "vitest";
import type { FoldingSink, Outcome, SupabaseOptions } from "../../src-main/sync/sink.ts";
import { SupabaseApi } from "../../src-main/sync/supabase/api.ts";
import { meaningOf } from "../../src-main/sync/supabase/failures.ts";
import { createSupabaseSink } from "../../src-main/sync/supabase/supabase-sink.ts";
import type { MessageRecord } from "../../src-shared/record.ts";
import { canMount, resizeDisk, smallDisk } from "../support/file-systems.ts";
import { hasPostgres } from "../support/postgres.ts";
import { messageChange, messageChanges, sessionChange } from "../support/postgrest/changes.ts";
import type { Project } from "../support/postgrest/project.ts";
import { useProjects } from "../support/postgrest/use-projects.ts";

const NEVER = new AbortController().signal;

async function openSink(options: SupabaseOptions): Promise<FoldingSink> {
  const sink = createSupabaseSink(options);
  onTestFinished(() => sink.close());
  await sink.open(NEVER);
  return sink;
}

function kinds({ verdicts }: Outcome): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of verdicts) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

async function storedCount({ query }: Project): Promise<number> {
  const [row] = await query<{ count: number }>("SELECT count(*)::int AS count FROM message_logs");
  return row!.count;
}

async function storedRevision(
  { query }: Project,
  id: string,
): Promise<{ revision: number; status: string }[]> {
  return query("SELECT revision, status FROM message_logs WHERE message_uuid = $1", [id]);
}

const ANSWERS: [number, unknown, string, RegExp][] = [
  [500, "<html>Internal error</html>", "retry", /answers with an error: HTTP 500/],
  [502, "", "retry", /HTTP 502/],
  [503, { code: "PGRST001", message: "no" }, "retry", /does not reach its database/],
  [504, { code: "PGRST003", message: "Timed out acquiring connection" }, "retry", /no connection to spare/],
  [408, "", "retry", /error/],
  [540, "", "stop", /paused/],
  [402, { message: "exceeded_db_size_quota" }, "stop", /restricted.*exceeded_db_size_quota/],
  [403, "", "stop", /SUPABASE_KEY/],
  [404, "", "stop", /no Supabase project/],
  [301, "", "stop", /another address/],
  [200, "<html>Sign in to the network</html>", "retry", /is not Supabase/],
  [401, { code: "PGRST303", message: "JWT expired" }, "stop", /no longer valid/],
];

const CODES: [string, string, RegExp][] = [
  ["53100", "retry", /disk .* is full/],
  ["53300", "retry", /no connection to spare/],
  ["57014", "retry", /took too long/],
  ["25006", "retry", /only be read/],
  ["40P01", "retry", /40P01/],
  ["XX000", "retry", /XX000/],
  ["42501", "stop", /may not write/],
  ["42703", "stop", /another version/],
  ["42804", "stop", /does not take what this Waybill sends/],
];

describe.skipIf(!hasPostgres)("the sink of Supabase", () => {
  const start = useProjects();

  it("stores every field of a message as it was", async () => {
    const project = await start();
    const sink = await openSink(project.options);
    const change = messageChange({
      status: "read",
      sent_ts: "2026-10-31T09:30:01.001Z",
      delivered_ts: "2026-10-31T09:30:02.002Z",
      read_ts: "2026-10-31T09:30:03.003Z",
      ack_ts: "2026-10-31T09:30:04.004Z",
      topic: "😀 topic",
      message_type: "type",
      template_id: "t",
      template_name: "T",
      external_id: "x",
      error_message: "e",
      message_data: { nested: { deep: [{ a: "ü" }] }, large: 1e308, small: -5e-324, "": 0 },
      message_metadata: { key: 'with \\u0000 written out, and a quote " and \\\\' },
      revision: 7,
    });
    expect(await sink.deliver([change], NEVER)).toEqual({ verdicts: [{ kind: "delivered" }], failure: null });
    const [row] = await project.query<Record<string, unknown>>("SELECT * FROM message_logs");
    const { stored_at, ...rest } = row!;
    expect(stored_at).toBeInstanceOf(Date);
    const stored = Object.fromEntries(
      Object.entries(rest).map(([name, value]) => [
        name,
        value instanceof Date ? value.toISOString() : value,
      ]),
    );
    expect(stored).toEqual(change.record);
  });

  it("takes 1,500 at once in three requests, each message once and with its highest revision", async () => {
    const project = await start();
    const sink = await openSink(project.options);
    expect(sink).toMatchObject({ folds: true, batch: 1_500 });
    const changes = messageChanges(1_500);
    const { message_uuid } = changes[3]!.record;
    changes.push(messageChange({ message_uuid, revision: 3, status: "read" }));
    changes.push(messageChange({ message_uuid, revision: 2, status: "delivered" }));
    const outcome = await sink.deliver(changes, NEVER);
    expect(kinds(outcome)).toEqual({ delivered: 1_502 });
    expect(await storedCount(project)).toBe(1_500);
    expect(await storedRevision(project, message_uuid)).toEqual([{ revision: 3, status: "read" }]);
    expect(project.api.seen.filter(({ rows }) => rows > 0).map(({ rows }) => rows)).toEqual([500, 500, 500]);
  });

  it("keeps a higher revision against a lower one, and heals an equal one", async () => {
    const project = await start();
    const sink = await openSink(project.options);
    const newer = messageChange({ revision: 5, status: "delivered" });
    await sink.deliver([newer], NEVER);
    const older = messageChange({ ...newer.record, revision: 4, status: "sent" });
    expect(kinds(await sink.deliver([older], NEVER))).toEqual({ delivered: 1 });
    expect(await storedRevision(project, newer.record.message_uuid)).toEqual([
      { revision: 5, status: "delivered" },
    ]);

    await project.query("UPDATE message_logs SET status = 'failed', message_data = '{}'");
    await sink.deliver([newer], NEVER);
    const [healed] = await project.query<Record<string, unknown>>(
      "SELECT xmin, status, message_data FROM message_logs",
    );
    expect(healed).toMatchObject({ status: "delivered", message_data: newer.record.message_data });

    // The same once more writes nothing.
    await sink.deliver([newer], NEVER);
    const [same] = await project.query<Record<string, unknown>>(
      "SELECT xmin, status, message_data FROM message_logs",
    );
    expect(same).toEqual(healed);
  });

  it("upserts sessions by the same rule", async () => {
    const project = await start();
    const sink = await openSink(project.options);
    const begun = sessionChange({ metadata: { campaign: "autumn\0" } });
    const ended = sessionChange({
      ...begun.record,
      ended_ts: "2026-10-31T10:00:00.000Z",
      revision: 2,
    });
    expect(kinds(await sink.deliverSessions!([begun, ended], NEVER))).toEqual({ delivered: 2 });
    expect(kinds(await sink.deliverSessions!([begun], NEVER))).toEqual({ delivered: 1 });
    const rows = await project.query("SELECT revision, ended_ts, metadata FROM sessions");
    expect(rows).toEqual([
      { revision: 2, ended_ts: new Date("2026-10-31T10:00:00.000Z"), metadata: { campaign: "autumn\uFFFD" } },
    ]);
  });

  it("stores what PostgreSQL has no form for as near as can be", async () => {
    const project = await start();
    const sink = await openSink(project.options);
    const changes = [
      messageChange({
        topic: "a\0b",
        destination_subject_ids: ["\0"],
        message_data: JSON.parse(
          '{"n\\u0000": "half \\ud83d.", "__proto__": {"x": "\\u0000"}, "kept": "\\\\u0000 😀"}',
        ),
      }),
      messageChange({ origin_ts: "0000-03-01T00:00:00.000Z" }),
      messageChange({ origin_ts: "9999-12-31T23:59:59.999Z" }),
      messageChange({ source_subject_id: "s".repeat(4_096), session_id: randomText(4_096) }),
    ];
    expect(kinds(await sink.deliver(changes, NEVER))).toEqual({ delivered: 4 });
    const rows = await project.query<Record<string, unknown>>(
      "SELECT topic, destination_subject_ids, message_data::text, extract(epoch FROM origin_ts)::float8 * 1000 AS ms FROM message_logs ORDER BY array_position($1, message_uuid::text)",
      [changes.map(({ record }) => record.message_uuid)],
    );
    expect(rows[0]).toMatchObject({ topic: "a\uFFFDb", destination_subject_ids: ["\uFFFD"] });
    const data = String(rows[0]!.message_data);
    expect(data).toContain('"n\uFFFD": "half \uFFFD."');
    expect(data).toContain('"__proto__": {"x": "\uFFFD"}');
    expect(data).toContain('"kept": "\\\\u0000 😀"');
    expect(rows[1]!.ms).toBe(Date.parse("0000-03-01T00:00:00.000Z"));
    expect(rows[2]!.ms).toBe(Date.parse("9999-12-31T23:59:59.999Z"));
  });

  it("parks a poisonous row alone, with its reason, and stores all others", async () => {
    const project = await start();
    const sink = await openSink(project.options);
    const changes = messageChanges(1_500);
    const poisonous = [0, 700, 1_499];
    for (const index of poisonous)
      changes[index] = messageChange({ status: "lost" as MessageRecord["status"] });
    const { verdicts, failure } = await sink.deliver(changes, NEVER);
    expect(failure).toBeNull();
    const parked = verdicts.flatMap((verdict, index) =>
      verdict.kind === "parked" ? [{ index, ...verdict }] : [],
    );
    expect(parked.map(({ index }) => index)).toEqual(poisonous);
    expect(parked[0]!.reason).toMatch(/violates check constraint.*\(23514\)/);
    expect(kinds({ verdicts, failure })).toEqual({ delivered: 1_497, parked: 3 });
    expect(await storedCount(project)).toBe(1_497);
    const requests = project.api.seen.filter(({ rows }) => rows > 0).length;
    expect(requests).toBeLessThan(70);
  });

  it("parks a record that is nested too deeply, and one with a text too long for an index", async () => {
    const project = await start();
    const sink = await openSink(project.options);
    const deep = JSON.parse(`{"a":${"[".repeat(6_000)}${"]".repeat(6_000)}}`) as Record<string, unknown>;
    const changes = [
      messageChange(),
      messageChange({ message_data: deep }),
      messageChange({ destination_subject_ids: [randomText(4_000)] }),
      messageChange(),
    ];
    const { verdicts, failure } = await sink.deliver(changes, NEVER);
    expect(failure).toBeNull();
    expect(verdicts[0]!.kind).toBe("delivered");
    expect(verdicts[2]).toMatchObject({ kind: "parked", reason: expect.stringMatching(/54000/) });
    expect(verdicts[3]!.kind).toBe("delivered");
    expect(verdicts[1]!.kind).not.toBe("unsettled");
  });

  it("parks nothing where the table refuses everything, and stops", async () => {
    const project = await start();
    const sink = await openSink(project.options);
    await project.query("ALTER TABLE message_logs ADD COLUMN customer text NOT NULL");
    const { verdicts, failure } = await sink.deliver(messageChanges(40), NEVER);
    expect(failure).toMatchObject({
      kind: "stop",
      message: expect.stringMatching(/takes no record at all.*customer/),
    });
    expect(kinds({ verdicts, failure })).toEqual({ unsettled: 40 });

    await project.query("ALTER TABLE message_logs ALTER COLUMN customer DROP NOT NULL");
    expect(kinds(await sink.deliver(messageChanges(40), NEVER))).toEqual({ delivered: 40 });
  });

  it("is not misled by a batch of nothing but poisonous rows", async () => {
    const project = await start();
    const sink = await openSink(project.options);
    const changes = messageChanges(8, () => ({ status: "lost" as MessageRecord["status"] }));
    expect(kinds(await sink.deliver(changes, NEVER))).toEqual({ parked: 8 });
  });

  it("halves what is too large until it passes, remembers that, and parks what is too large alone", async () => {
    const project = await start();
    const sink = await openSink(project.options);
    project.api.setBodyLimit(100_000);
    const changes = messageChanges(500, () => ({ message_data: { text: "x".repeat(1_000) } }));
    const huge = messageChange({ message_data: { text: "x".repeat(150_000) } });
    const outcome = await sink.deliver([...changes, huge], NEVER);
    expect(kinds(outcome)).toEqual({ delivered: 500, parked: 1 });
    expect(outcome.verdicts.at(-1)).toMatchObject({
      reason: expect.stringMatching(/takes no request that large/),
    });
    expect(await storedCount(project)).toBe(500);

    const before = project.api.seen.length;
    await sink.deliver(
      messageChanges(500, () => ({ message_data: { text: "x".repeat(1_000) } })),
      NEVER,
    );
    expect(project.api.seen.slice(before).filter(({ status }) => status === 413)).toEqual([]);
  });

  it("has one row of a message whose answer was lost after the commit", async () => {
    const project = await start();
    const sink = await openSink(project.options);
    const changes = messageChanges(100);
    // On a connection that was kept it is tried once more at once: it may only have been closed meanwhile.
    project.api.fail({ dropsAnswer: true }, { dropsAnswer: true });
    const outcome = await sink.deliver(changes, NEVER);
    expect(outcome.failure).toMatchObject({
      kind: "retry",
      message: expect.stringMatching(/connection .* was lost/),
    });
    expect(kinds(outcome)).toEqual({ unsettled: 100 });
    expect(await storedCount(project)).toBe(100);
    expect(kinds(await sink.deliver(changes, NEVER))).toEqual({ delivered: 100 });
    expect(await storedCount(project)).toBe(100);
  });

  it("has one row of a message whose answer came too late", async () => {
    const project = await start();
    const api = new SupabaseApi(project.options);
    onTestFinished(() => api.close());
    const change = messageChange();
    project.api.fail({ delaysAnswerMs: 1_000 });
    const answer = await api.call(
      (client) => client.from("message_logs").upsert([change.record], { onConflict: "message_uuid" }),
      { timeoutMs: 300 },
    );
    expect(answer).toMatchObject({ ok: false, trouble: { status: 0, timedOut: true } });
    if (answer.ok) return;
    const meaning = meaningOf(answer.trouble, api.host);
    expect(meaning).toMatchObject({ kind: "failed", isSlow: true, failure: { kind: "retry" } });
    const sink = await openSink(project.options);
    expect(kinds(await sink.deliver([change], NEVER))).toEqual({ delivered: 1 });
    expect(await storedCount(project)).toBe(1);
  });

  it("settles what was stored before a 401, and stops", async () => {
    const project = await start();
    const sink = await openSink(project.options);
    project.api.fail({ delayMs: 100 }, { delayMs: 300, answer: { status: 401, body: INVALID_KEY } });
    const outcome = await sink.deliver(messageChanges(1_500), NEVER);
    expect(outcome.failure).toMatchObject({ kind: "stop", message: expect.stringMatching(/SUPABASE_KEY/) });
    expect(kinds(outcome)).toEqual({ delivered: 1_000, unsettled: 500 });
    expect(await storedCount(project)).toBe(1_000);
  });

  it.each([
    ["seconds", "7", 7_000, 7_000],
    ["a date", () => new Date(Date.now() + 20_000).toUTCString(), 18_000, 20_000],
    ["nothing", null, null, null],
  ])("waits as a 429 says, in %s", async (_form, given, least, most) => {
    const project = await start();
    const sink = await openSink(project.options);
    const value = typeof given === "function" ? given() : given;
    project.api.fail({
      answer: { status: 429, body: "slow down", headers: value === null ? {} : { "retry-after": value } },
    });
    const { failure } = await sink.deliver(messageChanges(3), NEVER);
    expect(failure?.kind).toBe("retry");
    if (least === null) expect(failure?.retryAfterMs).toBeNull();
    else {
      expect(failure?.retryAfterMs).toBeGreaterThanOrEqual(least);
      expect(failure?.retryAfterMs).toBeLessThanOrEqual(most ?? 0);
    }
  });

  it("tells by an answer's status and code whether it is tried again or stops", async () => {
    const project = await start();
    const sink = await openSink(project.options);
    for (const [status, body, kind, message] of ANSWERS) {
      project.api.setOutage({ answer: { status, body } });
      const outcome = await sink.deliver(messageChanges(3), NEVER);
      expect(outcome.failure, String(status)).toMatchObject({
        kind,
        message: expect.stringMatching(message),
      });
      expect(outcome.failure?.message).not.toContain(project.options.key);
      expect(kinds(outcome)).toEqual({ unsettled: 3 });
      project.api.setOutage(null);
      expect(kinds(await sink.deliver(messageChanges(3), NEVER))).toEqual({ delivered: 3 });
    }
  });

  it("tells by PostgreSQL's code whether it is tried again or stops", async () => {
    const project = await start();
    const sink = await openSink(project.options);
    for (const [code, kind, message] of CODES) {
      await project.query(`
        CREATE FUNCTION hinder() RETURNS trigger LANGUAGE plpgsql AS
          $$ BEGIN RAISE SQLSTATE '${code}' USING MESSAGE = 'hindered'; END $$;
        CREATE TRIGGER hinder BEFORE INSERT ON message_logs FOR EACH ROW EXECUTE FUNCTION hinder()`);
      const outcome = await sink.deliver(messageChanges(3), NEVER);
      expect(outcome.failure, code).toMatchObject({ kind, message: expect.stringMatching(message) });
      expect(kinds(outcome)).toEqual({ unsettled: 3 });
      await project.query("DROP FUNCTION hinder CASCADE");
      expect(kinds(await sink.deliver(messageChanges(3), NEVER))).toEqual({ delivered: 3 });
    }
  });

  it("sends less at once where the database takes too long", async () => {
    const project = await start();
    const sink = await openSink(project.options);
    // As long a time-out as 100 rows need.
    await project.query(`
      CREATE FUNCTION hinder() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF (SELECT count(*) FROM added) > 100 THEN RAISE SQLSTATE '57014' USING MESSAGE = 'canceling statement due to statement timeout'; END IF;
        RETURN NULL; END $$;
      CREATE TRIGGER hinder AFTER INSERT ON message_logs REFERENCING NEW TABLE AS added
        FOR EACH STATEMENT EXECUTE FUNCTION hinder()`);
    const changes = messageChanges(500);
    const failures: string[] = [];
    for (let tries = 0; tries < 6; tries += 1) {
      const { failure } = await sink.deliver(changes, NEVER);
      if (failure === null) break;
      failures.push(failure.message);
    }
    expect(failures.length).toBe(3);
    expect(await storedCount(project)).toBe(500);
  });

  it.skipIf(!canMount)(
    "waits while the disk of the database is full, and goes on when there is room",
    async () => {
      const project = await start();
      const sink = await openSink(project.options);
      const disk = smallDisk(4 * 1024 * 1024);
      chmodSync(dirname(disk), 0o755);
      execFileSync("chown", ["postgres", disk]);
      await project.query(`CREATE TABLESPACE small LOCATION '${disk}'`);
      const partitions = await project.query<{ name: string }>(
        "SELECT 'waybill.' || relname AS name FROM pg_class WHERE relname LIKE 'message_logs_%' AND relispartition AND relkind = 'r'",
      );
      for (const { name } of partitions) await project.query(`ALTER TABLE ${name} SET TABLESPACE small`);
      const changes = messageChanges(6_000, (index) => ({
        message_data: { text: `${index} ${"x".repeat(800)}` },
      }));
      let delivered = 0;
      let failure: Outcome["failure"] = null;
      while (failure === null && delivered < changes.length) {
        const outcome = await sink.deliver(changes.slice(delivered, delivered + 300), NEVER);
        failure = outcome.failure;
        if (failure === null) delivered += 300;
        expect(kinds(outcome).parked).toBeUndefined();
      }
      expect(failure).toMatchObject({ kind: "retry", message: expect.stringMatching(/disk .* is full/) });
      expect(delivered).toBeGreaterThan(0);
      resizeDisk(disk, 64 * 1024 * 1024);
      for (; delivered < changes.length; delivered += 300)
        expect(kinds(await sink.deliver(changes.slice(delivered, delivered + 300), NEVER))).toEqual({
          delivered: 300,
        });
      expect(await storedCount(project)).toBe(6_000);
      await project.query("DROP TABLE message_logs CASCADE");
      await project.query("DROP TABLESPACE small");
    },
  );

  it("notices a table that is dropped while it delivers, and goes on when it is back", async () => {
    const project = await start();
    const sink = await openSink(project.options);
    await project.query("ALTER TABLE message_logs RENAME TO message_logs_away");
    const stale = await sink.deliver(messageChanges(3), NEVER);
    expect(stale.failure).toMatchObject({
      kind: "stop",
      message: expect.stringMatching(/not there\. Run assets\/supabase\/waybill\.sql/),
    });
    await project.api.reload();
    const known = await sink.deliver(messageChanges(3), NEVER);
    expect(known.failure).toMatchObject({ kind: "stop", message: expect.stringMatching(/not there\. Run/) });
    await project.query("ALTER TABLE message_logs_away RENAME TO message_logs");
    await project.api.reload();
    expect(kinds(await sink.deliver(messageChanges(3), NEVER))).toEqual({ delivered: 3 });
  });

  it("gives up at once when it is told to", async () => {
    const project = await start();
    const sink = await openSink(project.options);
    project.api.setOutage({ delayMs: 2_000 });
    const ending = new AbortController();
    const delivering = sink.deliver(messageChanges(1_500), ending.signal);
    await pause(100);
    const started = Date.now();
    ending.abort();
    expect(kinds(await delivering)).toEqual({ unsettled: 1_500 });
    expect(Date.now() - started).toBeLessThan(500);
  });

  it("uses a connection again that the server has closed meanwhile", async () => {
    const project = await start();
    const sink = await openSink(project.options);
    for (let round = 0; round < 5; round += 1) {
      expect(kinds(await sink.deliver(messageChanges(5), NEVER))).toEqual({ delivered: 5 });
      project.api.closeIdle();
    }
  });
});

const INVALID_KEY = {
  message: "Invalid API key",
  hint: "Double check your Supabase `anon` or `service_role` API key.",
};

/** Which no compression makes short. */
function randomText(length: number): string {
  return Array.from({ length }, () => String.fromCharCode(33 + Math.floor(Math.random() * 90))).join("");
}
