import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { ledgerPaths } from "../../src-main/ledger/data-dir.ts";
import type { MessageLogger } from "../../src-main/ledger/message-logger.ts";
import { latestVersion } from "../../src-main/ledger/migrate.ts";
import { checkDatabase } from "../../src-main/ledger/task/verify.ts";
import { DAY_MS } from "../../src-shared/time.ts";
import {
  countMessages,
  databaseOf,
  eventually,
  inspect,
  inspectFile,
  openLogger,
  rows,
  systemLogTexts,
  temporaryDirectory,
} from "../support/ledger.ts";

const SOUND = { damage: [], drift: [], chain: { groups: expect.any(Number), broken: null } };

async function fill(logger: MessageLogger, count: number, fields: object = {}): Promise<void> {
  const list = Array.from({ length: count }, (_, index) => ({
    content_preview: `text ${index}`,
    message_data: { index, padding: "x".repeat(200) },
    ...fields,
  }));
  expect(await logger.logMessages(list)).toMatchObject({ accepted: count, rejected: [] });
}

describe("a backup", () => {
  it("is made while records come in, is whole by itself, and never takes another's name", {
    timeout: 20_000,
  }, async () => {
    const logger = await openLogger();
    await fill(logger, 3_000);
    const progress: [number, number | null][] = [];
    let isOn = true;
    const load = (async () => {
      while (isOn) await logger.logMessage({ topic: "meanwhile" }).accepted;
    })();
    const { file, size_bytes } = await logger.backupDatabase({
      onProgress: (done, total) => progress.push([done, total]),
    });
    isOn = false;
    await load;
    expect(size_bytes).toBe(statSync(file).size);
    expect(progress.length).toBeGreaterThan(0);
    expect(readdirSync(ledgerPaths(logger.dataDir).backups)).toEqual([file.split("/").at(-1)]);
    expect(checkDatabase(file)).toEqual(SOUND);
    inspectFile(file, (database) => {
      expect(database.pragma("journal_mode", { simple: true })).toBe("delete");
      expect(
        rows<{ n: number }>(database, "SELECT count(*) AS n FROM message_logs")[0]?.n,
      ).toBeGreaterThanOrEqual(3_000);
    });
    expect((await logger.listBackups()).map((backup) => backup.file)).toEqual([file]);
    const before = readFileSync(file);
    await expect(logger.backupDatabase({ out: file })).rejects.toMatchObject({ code: "conflict" });
    expect(readFileSync(file).equals(before)).toBe(true);
    await expect(logger.backupDatabase({ out: join(logger.dataDir, "none", "b.db") })).rejects.toMatchObject({
      code: "not_found",
      message: expect.stringMatching(/make it first/),
    });
    expect((await logger.getDatabaseHealth()).last_backup_ts).not.toBeNull();
    expect(await systemLogTexts(logger)).toEqual(["A backup was made and verified."]);
  });

  it("that is cancelled leaves no file", async () => {
    const logger = await openLogger();
    await fill(logger, 3_000);
    const out = join(logger.dataDir, "out");
    for (const when of ["before", "at the first step", "while it is verified"]) {
      const controller = new AbortController();
      if (when === "before") controller.abort();
      const onProgress = (done: number, total: number | null): void => {
        if (when === "at the first step" || done === total) controller.abort();
      };
      await expect(
        logger.backupDatabase({ out, onProgress, signal: controller.signal }),
      ).rejects.toMatchObject({ code: "cancelled" });
      expect(readdirSync(logger.dataDir).filter((name) => name.includes("out"))).toEqual([]);
    }
    expect(await logger.backupDatabase({ out })).toMatchObject({ file: out });
  });

  it("of a ledger that is not sound is not kept", async () => {
    const logger = await openLogger();
    await fill(logger, 10);
    const database = new Database(databaseOf(logger.dataDir));
    database.exec("UPDATE message_counts SET failed = failed + 1");
    database.close();
    await expect(logger.backupDatabase()).rejects.toMatchObject({
      code: "invalid",
      message: expect.stringMatching(/repair/),
    });
    expect(await logger.listBackups()).toEqual([]);
    await logger.repairDatabase();
    await logger.backupDatabase();
    expect(await logger.listBackups()).toHaveLength(1);
  });
});

describe("a restore", () => {
  it("brings the backup, and keeps the ledger before it", { timeout: 20_000 }, async () => {
    const logger = await openLogger();
    await fill(logger, 50, { topic: "first" });
    const { file } = await logger.backupDatabase();
    await fill(logger, 30, { topic: "second" });
    const backup = readFileSync(file);
    const { kept, message } = await logger.restoreDatabase(file);
    expect(message).toContain(kept);
    expect(await countMessages(logger)).toBe(50);
    expect(readFileSync(file).equals(backup)).toBe(true);
    expect(checkDatabase(kept)).toEqual(SOUND);
    inspectFile(kept, (database) =>
      expect(rows(database, "SELECT topic, count(*) AS n FROM message_logs GROUP BY 1")).toEqual([
        { topic: "first", n: 50 },
        { topic: "second", n: 30 },
      ]),
    );
    expect(await logger.logMessage({ topic: "third" }).accepted).toMatchObject({ stored: "ledger" });
    expect(await countMessages(logger, "topic:third")).toBe(1);
    expect((await logger.getDatabaseHealth({ deep: true })).last_check_ok).toBe(true);
    expect(await systemLogTexts(logger)).toContain("A backup was restored; the ledger before it was kept.");
    // And back again.
    await logger.restoreDatabase(kept);
    expect(await countMessages(logger)).toBe(80);
    // Nothing is left lying about.
    expect(readdirSync(logger.dataDir).sort()).toEqual([
      "backups",
      "ledger.db",
      "ledger.db-head",
      "ledger.db-shm",
      "ledger.db-wal",
    ]);
  });

  it("takes the commits that a database has not yet in its main file", async () => {
    const logger = await openLogger();
    await fill(logger, 20);
    // As an operator copies a ledger by hand, from a machine that lost its power.
    const copy = join(temporaryDirectory(), "copy.db");
    for (const companion of ["", "-wal"])
      copyFileSync(databaseOf(logger.dataDir) + companion, copy + companion);
    expect(statSync(`${copy}-wal`).size).toBeGreaterThan(0);
    await fill(logger, 5);
    await logger.restoreDatabase(copy);
    expect(await countMessages(logger)).toBe(20);
  });

  it("of what is no sound ledger of ours changes nothing", { timeout: 20_000 }, async () => {
    const logger = await openLogger();
    await fill(logger, 20);
    const { file: sound } = await logger.backupDatabase();
    const directory = temporaryDirectory();
    const garbage = join(directory, "garbage.db");
    writeFileSync(garbage, "no database at all".repeat(1_000));
    const empty = join(directory, "empty.db");
    writeFileSync(empty, "");
    const other = join(directory, "other.db");
    new Database(other).exec("CREATE TABLE cats (name)").close();
    const newer = join(directory, "newer.db");
    copyFileSync(sound, newer);
    const database = new Database(newer);
    database.pragma(`user_version = ${latestVersion() + 1}`);
    database.exec("DROP TABLE message_counts");
    database.close();
    const damaged = join(directory, "damaged.db");
    const bytes = readFileSync(sound);
    bytes.fill(0xa5, 5 * 4_096, 9 * 4_096);
    writeFileSync(damaged, bytes);

    const uuid = logger.logMessage({ topic: "here" }).message_uuid;
    await logger.flush();
    for (const [file, code] of [
      [garbage, "invalid"],
      [empty, "invalid"],
      [other, "invalid"],
      [newer, "newer_ledger"],
      [damaged, "invalid"],
      [join(directory, "none.db"), "not_found"],
      [databaseOf(logger.dataDir), "invalid"],
    ] as const) {
      const before = existsSync(file) && file !== databaseOf(logger.dataDir) ? readFileSync(file) : null;
      await expect(logger.restoreDatabase(file), file).rejects.toMatchObject({ code });
      if (before !== null) expect(readFileSync(file).equals(before)).toBe(true);
    }
    expect((await logger.getMessage(uuid))?.message.topic).toBe("here");
    expect(readdirSync(logger.dataDir).sort()).toEqual([
      "backups",
      "ledger.db",
      "ledger.db-head",
      "ledger.db-shm",
      "ledger.db-wal",
    ]);
    expect(await logger.listBackups()).toHaveLength(1);
  });

  it("lets an export go on with the ledger that it began with", { timeout: 20_000 }, async () => {
    const logger = await openLogger();
    await fill(logger, 2_500);
    const { file } = await logger.backupDatabase();
    await fill(logger, 2_500);
    let exported = 0;
    for await (const chunk of logger.exportChunks({ format: "ndjson" })) {
      if (exported === 0 && chunk.rows > 0) await logger.restoreDatabase(file);
      exported += chunk.rows;
    }
    expect(exported).toBe(5_000);
    expect(await countMessages(logger)).toBe(2_500);
  });
});

describe("retention", () => {
  it("deletes the old with all that belongs to it, and keeps the rest exact", {
    timeout: 20_000,
  }, async () => {
    const logger = await openLogger();
    const now = Date.now();
    const old = { origin_ts: now - 40 * DAY_MS, session_id: "old", topic: "ancient" };
    await logger.beginSession({ session_id: "old", started_ts: now - 40 * DAY_MS });
    await logger.beginSession({ session_id: "both", started_ts: now - 40 * DAY_MS });
    await fill(logger, 1_200, old);
    await fill(logger, 10, { ...old, session_id: "both" });
    await fill(logger, 30, { session_id: "both", topic: "recent" });
    await eventually(async () =>
      expect((await logger.getDatabaseHealth()).checks.search_index?.value).toBe(0),
    );
    expect(await countMessages(logger, "ancient")).toBe(1_210);
    const progress: number[] = [];
    expect(await logger.deleteOldData({ days: 30, onProgress: (done) => progress.push(done) })).toBe(1_210);
    expect(progress.at(-1)).toBe(1_210);
    expect(await countMessages(logger)).toBe(30);
    expect(await countMessages(logger, "ancient")).toBe(0);
    expect(await countMessages(logger, "recent")).toBe(30);
    inspect(logger.dataDir, (database) => {
      expect(rows(database, "SELECT count(*) AS n FROM message_events")).toEqual([{ n: 30 }]);
      expect(rows(database, "SELECT session_id, total FROM sessions")).toEqual([
        { session_id: "both", total: 30 },
      ]);
      expect(rows(database, "SELECT count(*) AS n FROM message_search_docsize")).toEqual([{ n: 30 }]);
    });
    expect(checkDatabase(databaseOf(logger.dataDir))).toEqual(SOUND);
    expect((await logger.getQuickStats({ days: 90 })).total).toBe(30);
    // A session that went is begun anew by the next message that names it.
    await logger.logMessage({ session_id: "old" }).accepted;
    expect((await logger.read("sessions.get", { session_id: "old" })).session.total).toBe(1);
    for (const days of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(logger.deleteOldData({ days })).rejects.toMatchObject({ code: "invalid" });
    }
    expect(await logger.deleteOldData({ days: 30 })).toBe(0);
  });

  it("can be cancelled, and records are accepted all the while", { timeout: 20_000 }, async () => {
    const logger = await openLogger();
    await fill(logger, 4_000, { origin_ts: Date.now() - 40 * DAY_MS });
    const controller = new AbortController();
    let slowest = 0;
    let isOn = true;
    const load = (async () => {
      while (isOn) {
        const started = performance.now();
        await logger.logMessage({}).accepted;
        slowest = Math.max(slowest, performance.now() - started);
      }
    })();
    await expect(
      logger.deleteOldData({ days: 30, signal: controller.signal, onProgress: () => controller.abort() }),
    ).rejects.toMatchObject({ code: "cancelled" });
    isOn = false;
    await load;
    expect(slowest).toBeLessThan(2_000);
    expect(await countMessages(logger, "before:30d")).toBeGreaterThan(0);
    expect(checkDatabase(databaseOf(logger.dataDir))).toEqual(SOUND);
  });
});

describe("a vacuum", () => {
  it("gives the space of what was deleted back to the disk", { timeout: 20_000 }, async () => {
    const logger = await openLogger();
    await fill(logger, 3_000, { message_data: { text: "x".repeat(2_000) } });
    const database = new Database(databaseOf(logger.dataDir));
    database.pragma("foreign_keys = OFF");
    database.exec("DELETE FROM message_logs; DELETE FROM message_events; DELETE FROM message_counts");
    database.pragma("wal_checkpoint(TRUNCATE)");
    database.close();
    const before = statSync(databaseOf(logger.dataDir)).size;
    const { freed_bytes } = await logger.vacuumDatabase();
    await eventually(() => {
      const after = statSync(databaseOf(logger.dataDir)).size;
      expect(after).toBeLessThan(before / 4);
      expect(freed_bytes).toBeGreaterThan((before - after) / 2);
    });
    const health = await logger.getDatabaseHealth();
    expect(health.last_vacuum_ts).not.toBeNull();
    expect(health.database.free_bytes).toBeLessThan(65_536);
  });

  it("ends also where the file can't give any back", { timeout: 20_000 }, async () => {
    const dataDir = temporaryDirectory();
    const made = await openLogger(dataDir);
    await fill(made, 500);
    await made.close();
    const database = new Database(databaseOf(dataDir));
    // As a ledger that was made anew from a dump.
    database.pragma("journal_mode = DELETE");
    database.pragma("auto_vacuum = NONE");
    database.exec("VACUUM");
    database.close();
    const logger = await openLogger(dataDir);
    expect(await logger.deleteOldData({ days: 1e-9 })).toBe(500);
    expect(await logger.vacuumDatabase()).toEqual({ freed_bytes: 0 });
  });
});

describe("upkeep beside another program's lock", () => {
  it("says what is in the way", { timeout: 20_000 }, async () => {
    const logger = await openLogger();
    await fill(logger, 10, { origin_ts: Date.now() - 40 * DAY_MS });
    const database = new Database(databaseOf(logger.dataDir));
    database.exec("BEGIN IMMEDIATE");
    const locked = { code: "unavailable", message: expect.stringMatching(/write lock/) };
    await expect(logger.deleteOldData({ days: 30 })).rejects.toMatchObject(locked);
    const { file } = await logger.backupDatabase();
    await expect(logger.restoreDatabase(file)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/^Nothing was restored\. Another program holds/),
    });
    database.exec("ROLLBACK");
    database.close();
    await pause(600);
    expect(await logger.deleteOldData({ days: 30 })).toBe(10);
  });
});

describe("all of it at once, while records come in,", () => {
  it("loses no record, and each either does its work or says why not", { timeout: 40_000 }, async () => {
    const logger = await openLogger();
    await fill(logger, 1_000);
    await fill(logger, 500, { origin_ts: Date.now() - 40 * DAY_MS, topic: "old" });
    const { file } = await logger.backupDatabase();
    const accepted: string[] = [];
    let isOn = true;
    const load = Promise.all(
      [1, 2, 3].map(async () => {
        while (isOn) {
          const { message_uuid, accepted: taken } = logger.logMessage({ topic: "load", session_id: "s" });
          await taken;
          accepted.push(message_uuid);
        }
      }),
    );
    const files = [file];
    for (let round = 0; round < 2; round += 1) {
      const outcomes = await Promise.allSettled([
        logger.backupDatabase(),
        logger.deleteOldData({ days: 30 }),
        logger.vacuumDatabase(),
        logger.restoreDatabase(file),
        logger.repairDatabase(),
        logger.getDatabaseHealth({ deep: true }),
        logger.exportData({ format: "csv" }),
        logger.searchMessages(),
      ]);
      for (const outcome of outcomes) {
        if (outcome.status === "rejected")
          expect(outcome.reason).toMatchObject({
            name: "WaybillError",
            code: expect.stringMatching(/unavailable|conflict/),
          });
      }
      const [backup, , , restore] = outcomes;
      if (backup.status === "fulfilled") files.push(backup.value.file);
      if (restore.status === "fulfilled") files.push(restore.value.kept);
    }
    isOn = false;
    await load;
    await eventually(async () => expect((await logger.getDatabaseHealth()).spool.files).toBe(0));
    const found = new Set<unknown>();
    for (const each of [databaseOf(logger.dataDir), ...files]) {
      inspectFile(each, (database) => {
        for (const row of rows(database, "SELECT message_uuid FROM message_logs"))
          found.add(row.message_uuid);
      });
    }
    expect(accepted.length).toBeGreaterThan(50);
    expect(accepted.filter((uuid) => !found.has(uuid))).toEqual([]);
    expect(checkDatabase(databaseOf(logger.dataDir))).toEqual(SOUND);
    expect(logger.storeProblem).toBeNull();
    expect(readdirSync(logger.dataDir).filter((name) => name.startsWith("."))).toEqual([]);
  });
});
