import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import { describe, expect, it } from "vitest";
import { newId } from "../../src-shared/new-id.ts";
import { hasPostgres, readWaybillSql } from "../support/postgres.ts";
import { messageChange } from "../support/postgrest/changes.ts";
import type { Project } from "../support/postgrest/project.ts";
import { useProjects } from "../support/postgrest/use-projects.ts";

const V4 = "9b2a1c5e-4f0d-4e3b-8a77-0c1d2e3f4a5b";

function clientOf({ api }: Project, role: "anon" | "authenticated" | "service_role"): SupabaseClient {
  return createClient(api.url, api.key(role), {
    auth: { persistSession: false, autoRefreshToken: false },
    db: { retry: false },
  });
}

async function partitionOf({ query }: Project, id: string): Promise<string> {
  const [row] = await query<{ partition: string }>(
    "SELECT tableoid::regclass::text AS partition FROM message_logs WHERE message_uuid = $1",
    [id],
  );
  return row!.partition;
}

async function insert({ query }: Project, id: string, session: string | null = null): Promise<void> {
  await query(
    `INSERT INTO message_logs (message_uuid, session_id, user_id, channel, status, origin_ts)
     VALUES ($1, $2, 'u', 'email', 'sent', now())`,
    [id, session],
  );
}

function idOf(time: string): string {
  const hex = Date.parse(time).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7${newId().slice(15)}`;
}

const SCHEMA_FACTS = `
  SELECT 'column ' || table_name || '.' || column_name || ' ' || data_type AS fact FROM information_schema.columns
    WHERE table_schema IN ('public', 'waybill')
  UNION ALL SELECT 'index ' || indexname FROM pg_indexes WHERE schemaname IN ('public', 'waybill')
  UNION ALL SELECT 'trigger ' || tgrelid::regclass || tgname FROM pg_trigger
  UNION ALL SELECT 'policy ' || tablename || policyname FROM pg_policies
  UNION ALL SELECT 'routine ' || p.oid::regprocedure || coalesce(p.proacl::text, '') FROM pg_proc AS p
    WHERE pronamespace IN ('public'::regnamespace, 'waybill'::regnamespace)
  ORDER BY 1`;

describe.skipIf(!hasPostgres)("waybill.sql", () => {
  const start = useProjects();

  it("is harmless twice, and keeps what is stored", async () => {
    const project = await start();
    await insert(project, newId());
    const before = await project.query(SCHEMA_FACTS);
    await project.query(readWaybillSql());
    expect(await project.query(SCHEMA_FACTS)).toEqual(before);
    expect(await project.query("SELECT message_uuid FROM message_logs")).toHaveLength(1);
  });

  it("leaves alone tables of these names that others made, and says so", async () => {
    const project = await start({ isEmpty: true });
    await project.query("CREATE TABLE message_logs (id int)");
    await expect(project.query(readWaybillSql())).rejects.toThrow(/message_logs is here already/);
    await project.query("ROLLBACK");
    await project.query("DROP TABLE message_logs; CREATE TABLE sessions (id int)");
    await expect(project.query(readWaybillSql())).rejects.toThrow(/sessions is here already/);
    await project.query("ROLLBACK; DROP TABLE sessions");
    await project.query(readWaybillSql());
    await project.query("SELECT waybill_probe()");
  });

  it("gives the public nothing, who signed in reading, and only the secret key writing", async () => {
    const project = await start();
    const id = newId();
    await insert(project, id, "s");
    await project.query(
      "INSERT INTO sessions (session_id, user_id, channel, started_ts) VALUES ('s', 'u', 'email', now())",
    );
    const { record } = messageChange();
    const refused = { error: { code: "42501" } };
    const routines = ["waybill_schema", "waybill_probe", "waybill_period", "waybill_make_partitions"];

    const anon = clientOf(project, "anon");
    for (const table of ["message_logs", "sessions", "session_numbers"])
      expect(await anon.from(table).select("*").limit(5)).toMatchObject({ ...refused, status: 401 });
    expect(await anon.from("message_logs").upsert([record], { onConflict: "message_uuid" })).toMatchObject(
      refused,
    );
    for (const routine of routines) expect(await anon.rpc(routine)).toMatchObject(refused);

    const person = clientOf(project, "authenticated");
    expect(await person.from("message_logs").select("message_uuid").limit(5)).toMatchObject({
      error: null,
      data: [{ message_uuid: id }],
    });
    expect(await person.from("session_numbers").select("session_id,total").limit(5)).toMatchObject({
      data: [{ session_id: "s", total: "1" }],
    });
    expect(await person.from("message_logs").upsert([record], { onConflict: "message_uuid" })).toMatchObject({
      ...refused,
      status: 403,
    });
    for (const routine of routines) expect(await person.rpc(routine)).toMatchObject(refused);
    // Nor past the table, in its partitions.
    for (const role of ["anon", "authenticated"])
      await expect(
        project.query(`SET ROLE ${role}; SELECT * FROM waybill.message_logs_default`),
      ).rejects.toThrow(/permission denied/);
    await project.query("RESET ROLE");

    const secret = clientOf(project, "service_role");
    expect(await secret.from("message_logs").upsert([record], { onConflict: "message_uuid" })).toMatchObject({
      error: null,
      status: 201,
    });
    for (const routine of routines) expect((await secret.rpc(routine)).error).toBeNull();
  });

  it("keeps each month by itself, 24 ahead, and other ids in the default partition", async () => {
    const project = await start();
    const thisMonth = new Date().toISOString().slice(0, 7).replace("-", "_");
    const now = newId();
    await insert(project, now);
    await insert(project, V4);
    expect(await partitionOf(project, now)).toBe(`waybill.message_logs_${thisMonth}`);
    expect(await partitionOf(project, V4)).toBe("waybill.message_logs_default");
    const [schema] = await project.query<{ found: unknown }>("SELECT waybill_schema() AS found");
    expect(schema!.found).toEqual({ version: 1, months_ahead: 24 });

    // The lowest and the highest id of a month lie in it, in UTC, whatever the zone of the server is.
    const month = new Date(
      Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() + 5, 1),
    ).toISOString();
    const first = idOf(month);
    const last = idOf(new Date(Date.parse(month) - 1).toISOString());
    await insert(project, first);
    await insert(project, last);
    expect(await partitionOf(project, first)).toBe(
      `waybill.message_logs_${month.slice(0, 7).replace("-", "_")}`,
    );
    expect(await partitionOf(project, last)).not.toBe(await partitionOf(project, first));
  });

  it("moves older months out of the default partition, once", async () => {
    const project = await start();
    const old = idOf("2023-02-11T00:00:00Z");
    const odd = idOf("1999-01-01T00:00:00Z");
    for (const id of [old, odd, V4]) await insert(project, id);
    expect(await partitionOf(project, old)).toBe("waybill.message_logs_default");
    expect(await project.query("SELECT waybill_make_partitions() AS made")).toEqual([{ made: 1 }]);
    expect(await project.query("SELECT waybill_make_partitions() AS made")).toEqual([{ made: 0 }]);
    expect(await partitionOf(project, old)).toBe("waybill.message_logs_2023_02");
    expect(await partitionOf(project, odd)).toBe("waybill.message_logs_default");
    expect(await partitionOf(project, V4)).toBe("waybill.message_logs_default");
    // What was moved is updated by the same rule as all others.
    await project.query("UPDATE message_logs SET revision = 5");
    await project.query("UPDATE message_logs SET revision = 4");
    expect(await project.query("SELECT DISTINCT revision FROM message_logs")).toEqual([{ revision: 5 }]);
  });

  it("reads one month only where a query names its ids", async () => {
    const project = await start();
    const month = new Date().toISOString().slice(0, 7);
    const plan = await project.query<{ "QUERY PLAN": string }>(
      `EXPLAIN SELECT * FROM message_logs WHERE message_uuid >= waybill_uuid_at('${month}-01Z')
         AND message_uuid < waybill_uuid_at('${month}-02Z')`,
    );
    const scanned = new Set(
      plan.flatMap((row) => row["QUERY PLAN"].match(/message_logs_(\d{4}_\d\d|default)/g) ?? []),
    );
    scanned.delete("message_logs_default");
    expect([...scanned]).toEqual([`message_logs_${month.replace("-", "_")}`]);
  });

  it("counts a session's messages as the ledger does", async () => {
    const project = await start();
    await project.query(
      "INSERT INTO sessions (session_id, user_id, channel, started_ts) VALUES ('s', 'u', 'email', now()), ('t', 'u', 'email', now())",
    );
    for (const status of ["pending", "sending", "sent", "delivered", "read", "failed", "cancelled"]) {
      const sent = status === "sent" || status === "read";
      await project.query(
        `INSERT INTO message_logs (message_uuid, session_id, user_id, channel, status, origin_ts, sent_ts)
         VALUES ($1, 's', 'u', 'email', $2, '2026-01-01Z', $3)`,
        [newId(), status, sent ? "2026-01-01 00:00:01.500Z" : null],
      );
    }
    const rows = await project.query("SELECT * FROM session_numbers ORDER BY session_id");
    expect(rows).toMatchObject([
      {
        total: "7",
        successful: "3",
        failed: "1",
        pending: "2",
        cancelled: "1",
        success_rate: 3 / 7,
        average_send_seconds: 1.5,
      },
      { total: "0", success_rate: 0, average_send_seconds: null },
    ]);
  });
});
