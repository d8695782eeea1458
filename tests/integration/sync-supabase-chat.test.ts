import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import type { FoldingSink, MessageChange } from "../../src-main/sync/sink.ts";
import { createSupabaseSink } from "../../src-main/sync/supabase/supabase-sink.ts";
import { testSupabase } from "../../src-main/sync/supabase/test-connection.ts";
import { chatTurnRecord } from "../../src-shared/bodies/chat-turn.ts";
import type { MessageRecord } from "../../src-shared/record.ts";
import { hasPostgres } from "../support/postgres.ts";
import { messageChange } from "../support/postgrest/changes.ts";
import type { Project } from "../support/postgrest/project.ts";
import { useProjects } from "../support/postgrest/use-projects.ts";
import { startHost } from "./support/host.ts";
import { eventually, temporaryFolder } from "./support/waybill.ts";

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

/** The turn as it stands in the agent's table. */
const TURN_ROW = {
  id: expect.any(String) as string,
  email: "anna@example.com",
  user_message: "Will it rain? ☔",
  bot_response: "It will.",
  bot_id: "weather_bot",
  requested_time: "2026-01-31T09:30:00+00:00",
  platform: "web",
  activity_name: "",
  created_at: expect.any(Date) as Date,
  timestamp: new Date("2026-01-31T09:30:00Z"),
};

function turnChange(overrides: Partial<MessageRecord> = {}): MessageChange {
  return messageChange({ ...(chatTurnRecord(TURN, Date.now()) as Partial<MessageRecord>), ...overrides });
}

async function openSink(project: Project): Promise<FoldingSink> {
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
    expect(rows).toEqual([TURN_ROW]);
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

  test("is missed before anything is sent where SUPABASE_TABLE names it, and the file to run is named", async () => {
    const project = await start();
    const options = { ...project.options, chatTable: "message_paritition" as const };
    const problem = async (): Promise<string | null> => {
      const tested = await testSupabase(options);
      const sink = createSupabaseSink(options);
      onTestFinished(() => sink.close());
      const opened = await sink.open(NEVER).catch((failure: unknown) => failure);
      if (tested.ok) expect(opened).toBeUndefined();
      else expect(opened).toMatchObject({ kind: "stop", message: tested.message });
      return tested.ok ? null : tested.message;
    };
    const why = (reason: string): string =>
      `SUPABASE_TABLE is message_paritition, which this project does not write: ${reason}. ` +
      "Run assets/supabase/message_paritition.sql in its SQL editor, or leave SUPABASE_TABLE out.";
    expect(await problem()).toBe(why("nothing there does that"));
    await expect(project.query(SQL)).rejects.toThrow(/there is no table message_paritition/);
    await project.query("ROLLBACK");
    await project.query(TABLE);
    await project.query(SQL);
    await project.api.reload();
    expect(await problem()).toBeNull();

    await project.query("ALTER TABLE message_logs DISABLE TRIGGER write_chat_turn");
    expect(await problem()).toBe(
      why("the trigger write_chat_turn of message_logs is not there, or disabled"),
    );
    await project.query("DROP TRIGGER write_chat_turn ON message_logs");
    expect(await problem()).toBe(
      why("the trigger write_chat_turn of message_logs is not there, or disabled"),
    );
    await project.query(SQL);
    await project.query("ALTER TABLE message_paritition DROP COLUMN platform, DROP COLUMN bot_id");
    expect(await problem()).toBe(why("message_paritition has no bot_id, platform"));
    await project.query("DROP TABLE message_paritition");
    expect(await problem()).toBe(why("there is no table message_paritition"));
  });

  test("has a chat logged over HTTP once, with its columns, also after it is sent again", async () => {
    const project = await start();
    await project.query(TABLE);
    const dataDir = await temporaryFolder();
    const { url, key } = project.options;
    const environment = [
      `SUPABASE_URL=${url}`,
      `SUPABASE_KEY=${key}`,
      "SUPABASE_TABLE=message_paritition",
    ].join("\n");
    await writeFile(join(dataDir, ".env"), environment);
    const host = await startHost({ dataDir });
    const supabase = async (): Promise<Record<string, unknown>> => {
      const { json } = await host.request("/sync");
      return json.sinks.find(({ sink }: { sink: string }) => sink === "supabase");
    };
    const body = { ...TURN, message_uuid: "01890a5d-ac96-774b-bcce-b302099a8057" };
    const { json } = await host.request("/chat", { body });
    expect(json).toMatchObject({ success: true, supabase: "queued" });
    // Until the project writes that table the turn waits: in message_logs alone it would never get there.
    await eventually(async () =>
      expect(await supabase()).toMatchObject({
        state: "stopped",
        message: expect.stringContaining("Run assets/supabase/message_paritition.sql in its SQL editor"),
        counts: { delivered: 0, pending: 1 },
      }),
    );
    expect(await project.query("SELECT FROM message_logs")).toEqual([]);

    await project.query(SQL);
    await project.api.reload();
    const isDelivered = (): Promise<void> =>
      eventually(async () => {
        const { counts, resending } = (await supabase()) as { counts: object; resending: number };
        expect({ ...counts, resending }).toMatchObject({ delivered: 1, pending: 0, resending: 0 });
      });
    await host.request("/api/sync.retry", { body: { sink: "supabase" } });
    await isDelivered();
    await host.request("/chat", { body });
    const resend = { sink: "supabase", from: "2020-01-01T00:00:00Z" };
    const { json: resent } = await host.request("/api/sync.resend", { body: resend });
    expect(resent.value.changes).toBe(1);
    const timesSent = (): number =>
      project.api.seen.filter(({ method, path }) => method === "POST" && path.includes("/message_logs"))
        .length;
    await eventually(() => expect(timesSent()).toBe(2));
    await isDelivered();
    expect(await project.query("SELECT message_uuid FROM message_logs")).toEqual([
      { message_uuid: body.message_uuid },
    ]);
    expect(await project.query("SELECT * FROM message_paritition")).toEqual([{ ...TURN_ROW, id: "1" }]);
  });

  test("is not taken by a wrong name, which the host says as it starts", async () => {
    const project = await start();
    const { url, key } = project.options;
    const env = { SUPABASE_URL: url, SUPABASE_KEY: key, SUPABASE_TABLE: "message_partition" };
    const host = await startHost({ env });
    const sentence = 'SUPABASE_TABLE is "message_partition". Waybill writes message_logs';
    await eventually(() => expect(host.stderr()).toContain(sentence));
    const { json } = await host.request("/sync");
    expect(json.sinks).toContainEqual(
      expect.objectContaining({
        sink: "supabase",
        state: "stopped",
        message: expect.stringContaining(sentence),
      }),
    );
  });
});
