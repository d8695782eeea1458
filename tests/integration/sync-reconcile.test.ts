import fc from "fast-check";
import { describe, expect, it, onTestFinished } from "vitest";
import { addFingerprints, bucketOf, fingerprint } from "../../src-main/sync/fingerprint.ts";
import {
  type Bucket,
  type Comparison,
  type Entry,
  type ReconcileSide,
  reconcile,
} from "../../src-main/sync/reconcile.ts";
import type { MessageChange, SessionChange } from "../../src-main/sync/sink.ts";
import { SupabaseRemote } from "../../src-main/sync/supabase/supabase-remote.ts";
import { createSupabaseSink } from "../../src-main/sync/supabase/supabase-sink.ts";
import { STATUSES } from "../../src-shared/status.ts";
import { HOUR_MS } from "../../src-shared/time.ts";
import { hasPostgres } from "../support/postgres.ts";
import { messageChange, messageChanges, sessionChange } from "../support/postgrest/changes.ts";
import type { Project } from "../support/postgrest/project.ts";
import { useProjects } from "../support/postgrest/use-projects.ts";

const NEVER = new AbortController().signal;
const AGREED = { missing: 0, older: 0, altered: 0, newer: 0, extra: 0 };

/** A ledger that is a list of records. */
type Ledger = { messages: MessageChange[]; sessions: SessionChange[] };

function sideOf({ messages, sessions }: Ledger): ReconcileSide {
  const rows: Record<"message" | "session", (Entry & { ts: number })[]> = {
    message: messages.map(({ record }) => ({
      ...record,
      id: record.message_uuid,
      ts: Date.parse(record.origin_ts),
    })),
    session: sessions.map(({ record }) => ({
      id: record.session_id,
      revision: record.revision,
      status: "",
      ts: Date.parse(record.started_ts),
    })),
  };
  return {
    buckets: async (stream, bucketMs, span) => {
      const buckets = new Map<number, Bucket>();
      for (const { id, revision, status, ts } of rows[stream]) {
        if (span !== null && (ts < span.from || ts >= span.to)) continue;
        const start = bucketOf(ts, bucketMs);
        const bucket = buckets.get(start) ?? { start, count: 0, fingerprint: 0 };
        bucket.count += 1;
        bucket.fingerprint = addFingerprints(bucket.fingerprint, fingerprint(id, revision, status));
        buckets.set(start, bucket);
      }
      return [...buckets.values()];
    },
    entries: async (stream, span) => rows[stream].filter(({ ts }) => ts >= span.from && ts < span.to),
  };
}

async function compare(project: Project, ledger: Ledger): Promise<Comparison & { again: string[] }> {
  const remote = remoteOf(project);
  const again: string[] = [];
  const comparison = await reconcile({
    ledger: sideOf(ledger),
    remote,
    resend: (_stream, entries) => void again.push(...entries.map(({ id }) => id)),
  });
  return { ...comparison, again: again.sort() };
}

function remoteOf(project: Project): SupabaseRemote {
  const remote = new SupabaseRemote(project.options);
  onTestFinished(() => remote.close());
  return remote;
}

async function store(project: Project, { messages, sessions }: Ledger): Promise<void> {
  const sink = createSupabaseSink(project.options);
  await sink.open(NEVER);
  for (let at = 0; at < messages.length; at += sink.batch) {
    const { verdicts, failure } = await sink.deliver(messages.slice(at, at + sink.batch), NEVER);
    expect(failure).toBeNull();
    expect(verdicts.filter(({ kind }) => kind !== "delivered")).toEqual([]);
  }
  await sink.deliverSessions?.(sessions, NEVER);
  await sink.close();
}

describe.skipIf(!hasPostgres)("comparing with Supabase", () => {
  const start = useProjects();

  it("makes the same fingerprints and the same spans in SQL, for any record", async () => {
    const project = await start();
    const [known] = await project.query<{ print: string }>(
      "SELECT waybill.fingerprint('0198c0de-7000-7000-8000-000000000001', 3, 'sent') AS print",
    );
    expect(Number(known!.print)).toBe(62_527_561_671_888);
    // Every year there is, to the edges of spans.
    const times = fc.oneof(
      fc.integer({ min: Date.parse("0000-01-01T00:00:00Z"), max: Date.parse("9999-12-31T23:59:59.999Z") }),
      fc.integer({ min: -500, max: 500 }).map((hours) => hours * HOUR_MS),
      fc.integer({ min: -5_000, max: 5_000 }),
    );
    const messages = fc.sample(
      fc.record({
        ms: times,
        revision: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
        status: fc.constantFrom(...STATUSES),
      }),
      400,
    );
    const sessions = fc.sample(
      fc.record({
        ms: times,
        id: fc.string({ unit: "binary", minLength: 1 }),
        revision: fc.integer({ min: 1, max: 9 }),
      }),
      400,
    );
    const ledger: Ledger = {
      messages: messages.map(({ ms, ...rest }) =>
        messageChange({ ...rest, origin_ts: new Date(ms).toISOString() }),
      ),
      sessions: [
        ...new Map(
          sessions.map((each) => [each.id.toWellFormed().replaceAll("\0", "\uFFFD"), each]),
        ).values(),
      ].map(({ id, ms, revision }) =>
        sessionChange({ session_id: id, revision, started_ts: new Date(ms).toISOString() }),
      ),
    };
    await store(project, ledger);
    const own = sideOf(ledger);
    const remote = remoteOf(project);
    const byStart = (one: Bucket, other: Bucket): number => one.start - other.start;
    for (const stream of ["message", "session"] as const) {
      for (const bucketMs of [HOUR_MS, 60_000, 1_000]) {
        const here = await own.buckets(stream, bucketMs, null, NEVER);
        expect(await remote.buckets(stream, bucketMs, null, NEVER)).toEqual(here.sort(byStart));
      }
    }
    expect(await compare(project, ledger)).toMatchObject({
      message: { ...AGREED, compared: 400, agreed: 400 },
      session: AGREED,
      again: [],
    });
  });

  it("finds what is deleted, altered or only there, and sending that again makes both equal", async () => {
    const project = await start();
    const ledger: Ledger = {
      messages: messageChanges(2_000, (index) => ({
        origin_ts: new Date(Date.UTC(2026, 9, 1) + index * 600_000).toISOString(),
        revision: 2,
      })),
      sessions: Array.from({ length: 20 }, () => sessionChange()),
    };
    await store(project, ledger);
    const ids = ledger.messages.map(({ record }) => record.message_uuid);
    const [deleted, older, altered, newer, moved] = [ids[5]!, ids[800]!, ids[801]!, ids[1_500]!, ids[1_999]!];
    const lost = ledger.sessions[3]!.record.session_id;
    await project.query("ALTER TABLE message_logs DISABLE TRIGGER keep_newest");
    await project.query("DELETE FROM message_logs WHERE message_uuid = $1", [deleted]);
    await project.query("UPDATE message_logs SET revision = 1 WHERE message_uuid = $1", [older]);
    await project.query("UPDATE message_logs SET status = 'failed' WHERE message_uuid = $1", [altered]);
    await project.query("UPDATE message_logs SET revision = 3 WHERE message_uuid = $1", [newer]);
    await project.query("UPDATE message_logs SET origin_ts = '2020-01-01Z' WHERE message_uuid = $1", [moved]);
    await project.query("DELETE FROM sessions WHERE session_id = $1", [lost]);
    await project.query("ALTER TABLE message_logs ENABLE TRIGGER keep_newest");
    await store(project, {
      messages: [messageChange({ origin_ts: "2019-01-01T00:00:00.000Z" })],
      sessions: [],
    });

    const found = await compare(project, ledger);
    expect(found.message).toEqual({
      compared: 2_000,
      agreed: 1_995,
      missing: 2,
      older: 1,
      altered: 1,
      newer: 1,
      // The moved one, and the one that only Supabase has.
      extra: 2,
    });
    expect(found.session).toEqual({ ...AGREED, compared: 20, agreed: 19, missing: 1 });
    expect(found.again).toEqual([deleted, older, altered, moved, lost].sort());

    const again = new Set(found.again);
    await store(project, {
      messages: ledger.messages.filter(({ record }) => again.has(record.message_uuid)),
      sessions: ledger.sessions.filter(({ record }) => again.has(record.session_id)),
    });
    const after = await compare(project, ledger);
    expect(after.message).toEqual({ ...AGREED, compared: 2_000, agreed: 1_999, newer: 1, extra: 1 });
    expect(after.session).toEqual({ ...AGREED, compared: 20, agreed: 20 });
    expect(after.again).toEqual([]);
  });

  it("asks for the halves of a time that takes the database too long", async () => {
    const project = await start();
    const ledger: Ledger = {
      messages: messageChanges(300, (index) => ({
        origin_ts: new Date(Date.UTC(2026, 0, 1) + index * 7 * HOUR_MS).toISOString(),
      })),
      sessions: [],
    };
    await store(project, ledger);
    // As if two weeks were all that it can do in time.
    const [{ definition }] = (await project.query<{ definition: string }>(
      "SELECT pg_get_functiondef('waybill_message_fingerprints'::regproc) AS definition",
    )) as [{ definition: string }];
    await project.query(
      definition.replace(
        "begin",
        `begin
          if from_ms is null or to_ms - from_ms > 14 * 86400000::bigint then
            raise sqlstate '57014' using message = 'canceling statement due to statement timeout';
          end if;`,
      ),
    );
    expect(await compare(project, ledger)).toMatchObject({ message: { ...AGREED, agreed: 300 } });
    expect(project.api.seen.filter(({ path }) => path.endsWith("fingerprints")).length).toBeLessThan(40);
  });

  it("says why it can't compare", async () => {
    const project = await start({ isEmpty: true });
    const remote = remoteOf(project);
    await expect(remote.buckets("message", HOUR_MS, null, NEVER)).rejects.toMatchObject({
      kind: "stop",
      message: expect.stringMatching(/Run assets\/supabase\/waybill\.sql/),
    });
  });

  it("compares 100,000 rows in seconds", async () => {
    const project = await start();
    await project.query(`
      INSERT INTO message_logs (message_uuid, user_id, channel, status, origin_ts)
      SELECT (lpad(to_hex(1790000000000 + i::bigint * 36000), 12, '0') || '7' || substr(md5(i::text), 1, 19))::uuid, 'u', 'email', 'sent',
        to_timestamp(1790000000 + i * 36) FROM generate_series(1, 100000) AS i`);
    await project.query("ANALYZE message_logs");
    const started = performance.now();
    const buckets = await remoteOf(project).buckets("message", HOUR_MS, null, NEVER);
    const ms = performance.now() - started;
    expect(buckets.reduce((sum, { count }) => sum + count, 0)).toBe(100_000);
    // About 0.2 s on the machine this was written on.
    expect(ms).toBeLessThan(5_000);
  });
});
