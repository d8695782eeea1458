import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { MessageChange, Sink } from "../../src-main/sync/sink.ts";
import { createSupabaseSink } from "../../src-main/sync/supabase/supabase-sink.ts";
import { chatTurnRecord } from "../../src-shared/bodies/chat-turn.ts";
import type { MessageRecord } from "../../src-shared/record.ts";
import { hasPostgres } from "../support/postgres.ts";
import { messageChange } from "../support/postgrest/changes.ts";
import type { Project } from "../support/postgrest/project.ts";
import { useProjects } from "../support/postgrest/use-projects.ts";

const SQL = readFileSync(join(import.meta.dirname, "../../assets/supabase/message_paritition.sql"), "utf8");
const NEVER = new AbortController().signal;

/** The agent's table as its product family has it: partitioned, and without a key of the message. */
const TABLE = `
  CREATE TABLE public.message_paritition (
    id bigint GENERATED ALWAYS AS IDENTITY, email text NOT NULL DEFAULT '', user_message text DEFAULT '',
    bot_response text DEFAULT '', bot_id text DEFAULT '', requested_time text DEFAULT '', platform text DEFAULT '',
    activity_name text DEFAULT '', created_at timestamptz NOT NULL DEFAULT now(), timestamp timestamptz DEFAULT now(),
    PRIMARY KEY (id, email)
  ) PARTITION BY HASH (email);
  CREATE TABLE public.message_paritition_0 PARTITION OF public.message_paritition FOR VALUES WITH (MODULUS 2, REMAINDER 0);
  CREATE TABLE public.message_paritition_1 PARTITION OF public.message_paritition FOR VALUES WITH (MODULUS 2, REMAINDER 1);
`;

const TURN = {
  user_id: "anna@example.com:weather_bot",
  user_input: "Will it rain? ☔",
  bot_reply: "It will.",
  bot_id: "weather_bot",
  email: "anna@example.com",
  platform: "web",
  requested_time: "2026-01-31T09:30:00+00:00",
};

function turnChange(overrides: Partial<MessageRecord> = {}): MessageChange {
  return messageChange({ ...(chatTurnRecord(TURN, Date.now()) as Partial<MessageRecord>), ...overrides });
}

async function openSink(project: Project): Promise<Sink> {
  const sink = createSupabaseSink(project.options);
  onTestFinished(() => sink.close());
  await sink.open(NEVER);
  return sink;
}

describe.skipIf(!hasPostgres)("the agent's own table", () => {
  const start = useProjects();

  test("gets each turn once, with its columns, however often it is sent", async () => {
    const project = await start();
    await project.query(TABLE);
    await project.query(SQL);
    await project.query(SQL);
    const sink = await openSink(project);
    const turn = turnChange();
    const other = messageChange({ message_type: "chat" });
    const changed = { ...turn, record: { ...turn.record, revision: 2, status: "read" as const } };
    for (const changes of [[turn, other], [turn], [changed], [turn, changed]]) {
      const { verdicts, failure } = await sink.deliver(changes, NEVER);
      expect(failure).toBeNull();
      expect(verdicts).toEqual(changes.map(() => ({ kind: "delivered" })));
    }
    const rows = await project.query("SELECT * FROM message_paritition");
    expect(rows).toEqual([
      {
        id: expect.any(String),
        email: "anna@example.com",
        user_message: "Will it rain? ☔",
        bot_response: "It will.",
        bot_id: "weather_bot",
        requested_time: "2026-01-31T09:30:00+00:00",
        platform: "web",
        activity_name: "",
        created_at: expect.any(Date),
        timestamp: new Date("2026-01-31T09:30:00Z"),
      },
    ]);
  });

  test("is not doubled when a month gets its partition", async () => {
    const project = await start();
    await project.query(TABLE);
    await project.query(SQL);
    const sink = await openSink(project);
    // An id of a month that has no partition yet: it lies in the default one, and moves.
    await sink.deliver([turnChange({ message_uuid: "01890a5d-ac96-774b-bcce-b302099a8057" })], NEVER);
    const [made] = await project.query<{ made: number }>("SELECT waybill_make_partitions(24) AS made");
    expect(made?.made).toBeGreaterThan(0);
    const [count] = await project.query<{ count: number }>("SELECT count(*)::int FROM message_paritition");
    expect(count?.count).toBe(1);
  });

  test("takes nothing that message_logs does not keep", async () => {
    const project = await start();
    await project.query(TABLE);
    await project.query(SQL);
    await project.query("ALTER TABLE message_paritition ADD CHECK (user_message <> 'refused')");
    const sink = await openSink(project);
    const data = { message: "refused", response: "" };
    const { verdicts } = await sink.deliver([turnChange(), turnChange({ message_data: data })], NEVER);
    expect(verdicts.map(({ kind }) => kind)).toEqual(["delivered", "parked"]);
    const [both] = await project.query(
      "SELECT (SELECT count(*)::int FROM message_logs) AS logs, (SELECT count(*)::int FROM message_paritition) AS own",
    );
    expect(both).toEqual({ logs: 1, own: 1 });
  });
});
