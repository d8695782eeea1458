import { once } from "node:events";
import type pg from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { openArchive } from "../../src-main/archive/connection.ts";
import { migrateArchive } from "../../src-main/archive/migrate.ts";
import { makePartitions } from "../../src-main/archive/partitions.ts";
import { probeArchive, writeBatch } from "../../src-main/archive/write-batch.ts";
import { newId } from "../../src-shared/new-id.ts";
import type { MessageInput } from "../../src-shared/record.ts";
import { type Archive, archiveRow, createArchive, WRONG_HOURS } from "../support/archive.ts";
import { hasPostgres, type Postgres, readWaybillSql, startPostgres } from "../support/postgres.ts";

const ID = "0198c0de-7000-7000-8000-00000000000";
let postgres: Postgres;
let archive: Archive;

async function freshArchive(isEmpty = false): Promise<Archive> {
  const made = await createArchive(postgres, isEmpty);
  onTestFinished(() => made.client.end());
  return made;
}

function write(...records: MessageInput[]) {
  return writeBatch(
    archive.client,
    records.map((record) => archiveRow(record)),
  );
}

describe.skipIf(!hasPostgres)("the archive", () => {
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres?.stop());

  describe("is written", () => {
    beforeEach(async () => {
      archive = await freshArchive();
    });

    test("with all that a record has, as psql shows it", async () => {
      const record = {
        message_uuid: `${ID}1`,
        session_id: "s1",
        user_id: "u",
        channel: "email",
        status: "delivered" as const,
        origin_ts: "2026-01-31T09:30:00.123Z",
        sent_ts: "2026-01-31T09:30:01Z",
        delivered_ts: "2026-01-31T09:30:02Z",
        read_ts: null,
        ack_ts: "1969-07-20T20:17:40Z",
        source_subject_id: "a",
        destination_subject_ids: ["b", 'c "d", {e}', "f\\g"],
        topic: "t",
        message_type: "m",
        template_id: "tpl",
        template_name: "Template",
        external_id: "x",
        error_message: "e",
        content_preview: "Grüße 👋",
        message_data: { nested: { a: [1, "two", null] } },
        message_metadata: { k: "v" },
        revision: 3,
      };
      expect(await write(record)).toEqual({ inserted: 1, changed: 0, unchanged: 0 });
      const shown = archive.psql("select to_jsonb(m) - 'stored_at' from message_logs as m");
      const { origin_ts, sent_ts, delivered_ts, ack_ts, ...rest } = record;
      expect(JSON.parse(shown)).toMatchObject(rest);
      const times = "extract(epoch from origin_ts) || ' ' || extract(epoch from ack_ts)";
      expect(archive.psql(`select ${times} from message_logs`)).toBe(
        `${Date.parse(origin_ts) / 1_000}000 ${Date.parse(ack_ts) / 1_000}.000000`,
      );
      expect(await archive.query("select session_id, user_id, metadata from sessions")).toEqual([
        { session_id: "s1", user_id: "u", metadata: { begun_by: "message" } },
      ]);
    });

    test("never back to a lower revision, and its history keeps each that came", async () => {
      const at = (revision: number, status: MessageInput["status"]) =>
        write({ message_uuid: `${ID}1`, revision, status, channel: "sms" });
      expect(await at(2, "sent")).toEqual({ inserted: 1, changed: 0, unchanged: 0 });
      expect(await at(1, "pending")).toEqual({ inserted: 0, changed: 0, unchanged: 1 });
      expect(await at(2, "failed")).toEqual({ inserted: 0, changed: 0, unchanged: 1 });
      expect(await at(4, "delivered")).toEqual({ inserted: 0, changed: 1, unchanged: 0 });
      expect(archive.psql("select revision, status from message_logs")).toBe("4|delivered");
      expect(archive.psql("select revision, status from message_events order by revision")).toBe(
        "1|pending\n2|sent\n4|delivered",
      );
      expect(await archive.query(WRONG_HOURS)).toEqual([]);
    });

    test("with several revisions of one message in one batch", async () => {
      const revisions = [3, 1, 2, 3].map((revision) => ({ message_uuid: `${ID}1`, revision }));
      expect(await write(...revisions, { message_uuid: `${ID}2` })).toEqual({
        inserted: 2,
        changed: 0,
        unchanged: 0,
      });
      expect(archive.psql("select revision from message_logs order by message_uuid")).toBe("3\n1");
      expect(archive.psql("select count(*) from message_events")).toBe("4");
    });

    test("once, however often a batch comes", async () => {
      const batch = Array.from({ length: 200 }, () => ({
        message_uuid: newId(),
        session_id: "s",
        channel: "sms",
      }));
      await write(...batch);
      const again = await write(...batch);
      expect(again).toEqual({ inserted: 0, changed: 0, unchanged: 200 });
      expect(archive.psql("select count(*) from message_logs")).toBe("200");
      expect(archive.psql("select count(*) from message_events")).toBe("200");
      expect(await archive.query(WRONG_HOURS)).toEqual([]);
    });

    test("with what PostgreSQL has no character or year for", async () => {
      await write(
        {
          message_uuid: `${ID}1`,
          origin_ts: "0000-03-01T00:00:00Z",
          user_id: "a\0b",
          channel: "c\0",
          session_id: "s\0",
          destination_subject_ids: ["\0", "\ud800"],
          message_data: { "\0": ["\0", "\udc00", "\\u0000"] },
        },
        { message_uuid: `${ID}2`, origin_ts: "9999-12-31T23:59:59.999Z" },
      );
      expect(await archive.query("select user_id, channel, message_data from message_logs limit 1")).toEqual([
        {
          user_id: "a\ufffdb",
          channel: "c\ufffd",
          message_data: { "\ufffd": ["\ufffd", "\ufffd", "\\u0000"] },
        },
      ]);
      expect(archive.psql("set time zone 'UTC'; select origin_ts from message_logs order by 1")).toBe(
        "0001-03-01 00:00:00+00 BC\n9999-12-31 23:59:59.999+00",
      );
    });

    test("with payloads of 1 MiB, many in a batch", async () => {
      const text = "x".repeat(1024 * 1024 - 100);
      const batch = Array.from({ length: 8 }, () => ({ message_uuid: newId(), message_data: { text } }));
      expect(await write(...batch)).toMatchObject({ inserted: 8 });
      expect(archive.psql("select distinct length(message_data ->> 'text') from message_logs")).toBe(
        String(text.length),
      );
    });

    test("by many at once without a deadlock, whatever order they are given", async () => {
      const ids = Array.from({ length: 150 }, () => newId());
      const writers = await Promise.all(Array.from({ length: 4 }, () => postgres.connect(archive.database)));
      try {
        await Promise.all(
          writers.map(async (client, writer) => {
            for (let revision = 1; revision <= 6; revision += 1) {
              const shuffled = [...ids].sort(() => Math.random() - 0.5);
              const rows = shuffled.map((message_uuid, index) =>
                archiveRow({
                  message_uuid,
                  revision: revision * 4 + writer,
                  session_id: `s${(index + writer) % 7}`,
                  channel: `c${index % 3}`,
                  status: revision % 2 === 0 ? "sent" : "failed",
                }),
              );
              await writeBatch(client, rows);
            }
          }),
        );
      } finally {
        await Promise.all(writers.map((client) => client.end()));
      }
      expect(archive.psql("select distinct revision from message_logs")).toBe("27");
      expect(archive.psql("select count(*) from message_events")).toBe(String(150 * 24));
      expect(await archive.query(WRONG_HOURS)).toEqual([]);
    });

    test("and tells who listens, once a batch", async () => {
      const heard: pg.Notification[] = [];
      const listener = await postgres.connect(archive.database);
      try {
        await listener.query("listen waybill_changes");
        listener.on("notification", (notification) => heard.push(notification));
        const told = once(listener, "notification");
        await write({ message_uuid: `${ID}1` }, { message_uuid: `${ID}2` });
        await told;
      } finally {
        await listener.end();
      }
      expect(heard).toHaveLength(1);
      const { batch, messages } = JSON.parse(heard[0]?.payload ?? "") as { batch: number; messages: number };
      expect(messages).toBe(2);
      expect(archive.psql(`select count(*) from message_events where batch = ${batch}`)).toBe("2");
    });

    test("or refuses a row, and is as it was", async () => {
      const poison = { message_uuid: `${ID}2`, revision: 3_000_000_000 };
      await expect(write({ message_uuid: `${ID}1` }, poison)).rejects.toMatchObject({ code: "22003" });
      expect(archive.psql("select count(*) from message_logs")).toBe("0");
      await probeArchive(archive.client, archiveRow({ message_uuid: `${ID}3` }));
      expect(archive.psql("select count(*) from message_logs")).toBe("0");
    });

    test("into the month of its id, and elsewhere what has none", async () => {
      const v7 = newId();
      const [v4, low] = ["a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "00000000-0000-4000-8000-000000000001"];
      await write({ message_uuid: v7 }, { message_uuid: v4 }, { message_uuid: low });
      const month = new Date().toISOString().slice(0, 7).replace("-", "_");
      const where = (table: string) =>
        archive.psql(`select tableoid::regclass from ${table} order by message_uuid`);
      for (const table of ["message_logs", "message_events"])
        expect(where(table)).toBe(
          `waybill.${table}_default\nwaybill.${table}_${month}\nwaybill.${table}_others`,
        );
    });

    test("and its sessions are counted", async () => {
      await write(
        { session_id: "s", status: "sent", origin_ts: 1_790_000_000_000, sent_ts: 1_790_000_003_000 },
        { session_id: "s", status: "failed" },
      );
      expect(
        await archive.query(
          "select total::int, successful::int, failed::int, success_rate, average_send_seconds from session_numbers",
        ),
      ).toEqual([{ total: 2, successful: 1, failed: 1, success_rate: 0.5, average_send_seconds: 3 }]);
    });
  });

  describe("is made", () => {
    test("once by many that start together", async () => {
      const { database, url, psql } = await freshArchive(true);
      const clients = await Promise.all(
        Array.from({ length: 4 }, () => openArchive({ connectionString: url }, "test")),
      );
      try {
        await Promise.all(clients.map((client) => migrateArchive(client)));
        await Promise.all(clients.map((client) => migrateArchive(client)));
      } finally {
        await Promise.all(clients.map((client) => client.end()));
      }
      expect(psql("select version, file from waybill.migrations order by 1")).toBe(
        "1|0001-archive.sql\n2|0002-words.sql\n3|0003-counts.sql",
      );
      expect(database).not.toBe("");
    });

    test("two years ahead, and older months that came are moved out of the default", async () => {
      archive = await freshArchive();
      const old = "01823ac0-d000-7000-8000-000000000001"; // July 2022
      await write({ message_uuid: old });
      expect(await makePartitions(archive.client)).toBe(0);
      expect(archive.psql("select tableoid::regclass from message_logs")).toBe(
        "waybill.message_logs_default",
      );
      expect(await archive.query("select waybill_make_partitions(30) as made")).toEqual([{ made: 21 }]);
      expect(archive.psql("select tableoid::regclass from message_logs")).toBe(
        "waybill.message_logs_2022_07",
      );
      expect(archive.psql("select tableoid::regclass from message_events")).toBe(
        "waybill.message_events_2022_07",
      );
      expect(await write({ message_uuid: old })).toMatchObject({ unchanged: 1 });
    });

    test("not over tables that are not Waybill's, and not over Supabase's", async () => {
      const foreign = await freshArchive(true);
      await foreign.query("create table message_logs (id integer)");
      await expect(migrateArchive(foreign.client)).rejects.toMatchObject({
        kind: "stop",
        message: expect.stringContaining("A table message_logs is in"),
      });
      const supabase = await freshArchive(true);
      await supabase.query(readWaybillSql());
      await expect(migrateArchive(supabase.client)).rejects.toThrow("those of assets/supabase/waybill.sql");
    });

    test("by no older Waybill than the last that made it", async () => {
      archive = await freshArchive();
      await archive.query("insert into waybill.migrations values (9, '0009-future.sql')");
      await expect(migrateArchive(archive.client)).rejects.toThrow("has version 9, and this Waybill knows");
    });

    test("in a database that exists, by a user who may", async () => {
      const at = (rest: string) => openArchive({ connectionString: `postgres://${rest}` }, "test");
      await expect(at(`postgres@127.0.0.1:${postgres.port}/nowhere`)).rejects.toMatchObject({
        kind: "stop",
        message: expect.stringContaining("There is no database nowhere"),
      });
      await expect(at(`nobody@127.0.0.1:${postgres.port}/postgres`)).rejects.toMatchObject({ kind: "stop" });
      await expect(at("postgres@127.0.0.1:1/postgres")).rejects.toMatchObject({
        kind: "retry",
        message: expect.stringContaining("PostgreSQL does not run there"),
      });
      const { database } = await freshArchive(true);
      const client = await at(`anon@127.0.0.1:${postgres.port}/${database}`).catch((error: Error) => error);
      expect(client).toBeInstanceOf(Error);
    });
  });

  test("answers the questions that were asked of the tables it takes the place of", async () => {
    archive = await freshArchive();
    await write(
      { session_id: "1", message_type: "review_started", message_data: { file_count: 3 } },
      {
        channel: "chat",
        message_type: "chat_turn",
        user_id: "7",
        message_data: { message: "Hi", response: "Hello" },
      },
    );
    expect(archive.psql("SELECT COUNT(*) FROM log_events;")).toBe("1");
    expect(
      archive.psql("SELECT user_id, message, response FROM chat_history ORDER BY timestamp DESC LIMIT 5;"),
    ).toBe("7|Hi|Hello");
    expect(archive.psql("SELECT count(*) FROM message_exchange")).toBe("2");
  });
});
