import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { ledgerPaths } from "../../src-main/ledger/data-dir.ts";
import { checkDatabase } from "../../src-main/ledger/task/verify.ts";
import { writerMethods } from "../../src-main/ledger/writer/serve.ts";
import { DAY_MS } from "../../src-shared/time.ts";
import { databaseOf, temporaryDirectory } from "../support/ledger.ts";
import { messageEntry, openWriter, pruneBefore, statusEntry } from "../support/writer.ts";

const NOW = Date.UTC(2026, 0, 31, 12);
const CONTEXT = { progress: () => {}, signal: new AbortController().signal };

function uuid(number: number): string {
  return `0198c0de-7000-7000-8000-${String(number).padStart(12, "0")}`;
}

/** Twenty days of ten messages, each day a group of its own, then a change of status for every third. */
async function ledger() {
  const opened = openWriter(temporaryDirectory());
  for (let day = 0; day < 20; day += 1) {
    const entries = Array.from({ length: 10 }, (_, index) =>
      messageEntry({
        message_uuid: uuid(day * 10 + index),
        origin_ts: NOW - (20 - day) * DAY_MS,
        topic: `topic ${index}`,
        content_preview: "漢字 \u0000 'quoted' \u{1f600}",
        message_data: { text: "a\u0000b", nested: [1.5, null, true] },
      }),
    );
    await opened.submit(...entries);
  }
  const changes = Array.from({ length: 67 }, (_, index) =>
    statusEntry(uuid(index * 3), index % 2 === 0 ? "failed" : "delivered", {
      error_message: index % 2 === 0 ? "550 no such user" : null,
    }),
  );
  await opened.submit(...changes);
  await opened.submit(statusEntry(uuid(3), "read"));
  return opened;
}

function check(dataDir: string) {
  return checkDatabase(databaseOf(dataDir)).chain;
}

function tamper(dataDir: string, sql: string): void {
  const database = new Database(databaseOf(dataDir));
  expect(database.prepare(sql).run().changes, sql).toBeGreaterThan(0);
  database.close();
}

describe("the chain of records", () => {
  it("holds for records as they were written, changed or not", async () => {
    const { dataDir } = await ledger();
    expect(check(dataDir)).toEqual({ groups: 22, broken: null });
  });

  it.each([
    ["a text", "UPDATE message_logs SET content_preview = 'other' WHERE seq = 55", 6],
    ["a status", "UPDATE message_logs SET status = 'delivered' WHERE seq = 56", 6],
    ["a status that had changed", "UPDATE message_logs SET status = 'sent' WHERE seq = 55", 6],
    ["an error's text", "UPDATE message_logs SET error_message = 'x' WHERE error_message IS NOT NULL", 1],
    ["when it was accepted", "UPDATE message_logs SET recorded_ts = recorded_ts + 1 WHERE seq = 200", 20],
    ["a change's time", "UPDATE message_events SET ts = ts + 1 WHERE replaced IS NOT NULL", 21],
    [
      "what a change did",
      "UPDATE message_events SET replaced = '{}' WHERE message_seq = 1 AND replaced IS NOT NULL",
      1,
    ],
    ["a group's figures", "UPDATE chain_groups SET accepted_total = 1 WHERE group_id = 9", 9],
    ["a group's hash", "UPDATE chain_groups SET sha256 = zeroblob(32) WHERE group_id = 9", 9],
    ["the last group's hash", "UPDATE chain_groups SET sha256 = zeroblob(32) WHERE group_id = 22", 22],
  ])("breaks where %s is altered", async (_, sql, group) => {
    const { dataDir } = await ledger();
    tamper(dataDir, sql);
    expect(check(dataDir)?.broken).toMatchObject({ group });
  });

  it.each([
    ["a record", "DELETE FROM message_logs WHERE seq = 55", 6],
    ["a change", "DELETE FROM message_events WHERE message_seq = 55 AND replaced IS NOT NULL", 6],
    ["a group", "DELETE FROM chain_groups WHERE group_id = 5", 6],
  ])("breaks where %s is taken out", async (_, sql, group) => {
    const { dataDir } = await ledger();
    tamper(dataDir, sql);
    expect(check(dataDir)?.broken).toMatchObject({ group });
  });

  it("breaks where a record was put in past Waybill", async () => {
    const { dataDir } = await ledger();
    tamper(
      dataDir,
      "INSERT INTO message_logs (message_uuid, user_id, channel, status, origin_ts) VALUES ('x', 'u', 'c', 'sent', 1)",
    );
    expect(check(dataDir)?.broken).toMatchObject({
      group: 23,
      message: "Message x is in no group of the chain",
    });
  });

  it("still holds after retention, which signs what it cut, and shows what is altered after that", async () => {
    const { dataDir, writer, submit } = await ledger();
    // The cut goes through the middle of groups: 11 days and a bit are left of 20.
    await submit(
      ...Array.from({ length: 10 }, (_, index) =>
        messageEntry({ message_uuid: uuid(1_000 + index), origin_ts: NOW - (index + 5) * DAY_MS }),
      ),
    );
    expect(await pruneBefore({ writer, dataDir }, NOW - 11.5 * DAY_MS)).toBe(93);
    const held = check(dataDir);
    expect(held?.broken).toBeNull();
    await submit(statusEntry(uuid(1_002), "delivered"));
    expect(check(dataDir)?.broken).toBeNull();
    expect(await pruneBefore({ writer, dataDir }, NOW - 6.5 * DAY_MS)).toBe(55);
    expect(check(dataDir)?.broken).toBeNull();
    tamper(dataDir, `UPDATE message_logs SET topic = 'x' WHERE message_uuid = '${uuid(1_000)}'`);
    expect(check(dataDir)?.broken?.message).toMatch(/^What retention left of group 23 .* was altered$/);
  });

  it("does not take a deletion for retention", async () => {
    const { dataDir, writer } = await ledger();
    await pruneBefore({ writer, dataDir }, NOW - 15.5 * DAY_MS);
    tamper(dataDir, `UPDATE chain_cuts SET messages = 0, sha256 = zeroblob(32) WHERE cut_group = 1`);
    expect(check(dataDir)?.broken).toMatchObject({ group: 1 });
  });

  it("goes on over a restore, and says where the ledger before it ended", async () => {
    const { dataDir, writer, submit } = await ledger();
    const methods = writerMethods(writer, ledgerPaths(dataDir));
    const paths = ledgerPaths(dataDir);
    await methods.backup({ file: `${paths.database}.copy` }, CONTEXT);
    await submit(messageEntry({ topic: "after the backup" }));
    const end = writer.requireStore().applier.chainHead();
    await methods.swap({ incoming: `${paths.database}.copy`, kept: `${paths.database}.kept` });
    expect(check(dataDir)).toEqual({ groups: 23, broken: null });
    const database = new Database(paths.database, { readonly: true });
    expect(database.prepare("SELECT reason FROM chain_cuts").pluck().all()).toEqual([
      `A backup was restored. The ledger before it ended with group 23, ${end?.sha256}.`,
    ]);
    database.close();
  });
});
