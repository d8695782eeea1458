import { readdirSync } from "node:fs";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { ledgerPaths } from "../../src-main/ledger/data-dir.ts";
import { inodeOf } from "../../src-main/ledger/open.ts";
import { checkDatabase } from "../../src-main/ledger/task/verify.ts";
import { Salvager } from "../../src-main/ledger/writer/salvage.ts";
import { writerMethods } from "../../src-main/ledger/writer/serve.ts";
import { overwrite, pagesOf, quarantined, ROWS, salvage, sharedLedger } from "../support/damaged-ledger.ts";
import {
  countMessages,
  databaseOf,
  eventually,
  inspect,
  inspectFile,
  openLogger,
  rows,
  systemLogTexts,
} from "../support/ledger.ts";
import { messageEntry, openWriter, statusEntry } from "../support/writer.ts";

const { dataDir: original, uuids, copy: realLedger } = sharedLedger();

describe("bringing rows back", () => {
  it("goes on after a crash, with the next start, and doubles nothing", { timeout: 20_000 }, async () => {
    const dataDir = realLedger();
    overwrite(databaseOf(dataDir), [1]);
    // The first writer sets the file aside and dies before anyone brings the rows back.
    const first = openWriter(dataDir);
    expect(first.damaged).toHaveLength(1);
    await first.submit(messageEntry({ topic: "new" }));
    await first.writer.close();
    const logger = await openLogger(dataDir);
    await eventually(async () => expect(await countMessages(logger)).toBe(ROWS + 1), 10_000);
    await eventually(async () => expect((await systemLogTexts(logger)).join()).toMatch(/came back/));
    await logger.close();
    expect(readdirSync(ledgerPaths(dataDir).quarantine)).toHaveLength(1);
    expect(openWriter(dataDir).damaged).toEqual([]);
  });

  it("that was cancelled goes on with the next repair", { timeout: 20_000 }, async () => {
    const dataDir = realLedger();
    const { leaves } = pagesOf(databaseOf(dataDir), "message_logs_by_time");
    overwrite(databaseOf(dataDir), leaves.slice(0, 2));
    const logger = await openLogger(dataDir);
    const controller = new AbortController();
    const onProgress = (): void => controller.abort();
    await expect(logger.repairDatabase({ onProgress, signal: controller.signal })).rejects.toMatchObject({
      code: "cancelled",
    });
    expect(await countMessages(logger)).toBeLessThan(ROWS);
    const { message } = await logger.repairDatabase();
    expect(message).toMatch(/^No damage was found; .* came back; 0 rows could not be read/);
    expect(await countMessages(logger)).toBe(ROWS);
    expect((await logger.getDatabaseHealth()).status).not.toBe("failing");
  });

  it("leaves what came meanwhile as it is, and decides on no report before it is through", {
    timeout: 20_000,
  }, async () => {
    const dataDir = realLedger();
    overwrite(databaseOf(dataDir), [1]);
    const { submit, writer } = openWriter(dataDir);
    const [first = "", second = ""] = uuids;
    // Its row has not come back: whether there is such a message can't be told.
    expect(await submit(statusEntry(first, "failed"))).toMatchObject([{ outcome: "undecided" }]);
    expect(await submit(messageEntry({ message_uuid: second, topic: "again" }))).toEqual([
      { outcome: "new" },
    ]);
    await writer.close();
    const logger = await openLogger(dataDir);
    await eventually(async () => expect(await countMessages(logger)).toBe(ROWS), 10_000);
    expect((await logger.getMessage(second))?.message.topic).toBe("again");
    await eventually(async () =>
      expect(await logger.updateMessageStatus(first, "read")).toMatchObject({ status: "read" }),
    );
    await eventually(() =>
      expect(
        logger.updateMessageStatus("0198c0de-7000-7000-8000-000000000001", "sent"),
      ).rejects.toMatchObject({
        code: "not_found",
      }),
    );
    expect((await logger.getDatabaseHealth({ deep: true })).last_check_ok).toBe(true);
  });

  it("takes no row that is not what was written", async () => {
    const dataDir = realLedger();
    const database = new Database(databaseOf(dataDir));
    database.exec("UPDATE message_logs SET status = 'gone' WHERE seq = 5");
    database.exec("UPDATE message_logs SET message_data = '{\"torn' WHERE seq = 6");
    database.close();
    const { writer } = openWriter();
    const counts = salvage(databaseOf(dataDir), writer.requireStore().database);
    expect(counts).toMatchObject({ messages: ROWS - 2, sessions: 10 });
    expect(counts.unreadable).toBe(2);
  });
});

describe("two databases that were set aside", () => {
  const context = { progress: () => {}, signal: new AbortController().signal };

  it("one is not set aside where another is there by now than the one that was found damaged", async () => {
    const { writer, dataDir } = openWriter(realLedger());
    const paths = ledgerPaths(dataDir);
    const found = inodeOf(paths.database);
    const methods = writerMethods(writer, paths);
    expect(await methods.setAside(found)).toContain("quarantine");
    expect(await methods.setAside(found)).toBeNull();
    expect(quarantined(dataDir)).toHaveLength(1);
  });

  it("give each change back once, also where one has messages whose changes are in the other", async () => {
    const { writer, dataDir } = openWriter(realLedger());
    const methods = writerMethods(writer, ledgerPaths(dataDir));
    const first = (await methods.setAside(undefined)) ?? "";
    const { database } = writer.requireStore();
    const salvager = new Salvager(first);
    // As far as the messages, and then the next is set aside as well.
    for (const batch of salvager.batches(database)) {
      if (batch.table === "message_events") break;
      salvager.bring(database, batch);
    }
    salvager.close();
    const second = (await methods.setAside(undefined)) ?? "";
    expect(second).not.toBe(first);
    for (const file of [second, first]) await methods.salvage({ file }, context);
    const sql = "SELECT message_uuid, status, ts FROM message_events ORDER BY 1, 2, 3";
    expect(inspect(dataDir, (reading) => rows(reading, sql))).toEqual(
      inspect(original, (reading) => rows(reading, sql)),
    );
    expect(checkDatabase(databaseOf(dataDir))).toMatchObject({
      damage: [],
      drift: [],
      chain: { broken: null },
    });
  });
});

describe("the templates of errors", () => {
  it("come back with their messages where their own page is lost, and nothing else for one of them", async () => {
    const dataDir = realLedger();
    const file = databaseOf(dataDir);
    const before = inspectFile(file, (database) =>
      rows(database, "SELECT id, template FROM error_templates"),
    );
    const database = new Database(file);
    // What has the columns of a template and is none.
    database.exec("CREATE TABLE other (id INTEGER PRIMARY KEY, a TEXT, b TEXT, c INTEGER, d INTEGER)");
    database.exec("INSERT INTO other VALUES (1, 'no', 'template', 1, 2)");
    database.close();
    overwrite(file, [1, pagesOf(file, "error_templates").root]);
    const { writer, dataDir: into } = openWriter();
    const counts = salvage(file, writer.requireStore().database);
    const after = inspect(into, (reading) => rows(reading, "SELECT id, template FROM error_templates"));
    expect(after).toEqual(before);
    expect(counts.messages).toBe(ROWS);
  });
});
