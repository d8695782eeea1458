import { copyFileSync, existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { scheduledName } from "../../src-main/ledger/backup-rotation.ts";
import { ledgerPaths } from "../../src-main/ledger/data-dir.ts";
import type { MessageLogger } from "../../src-main/ledger/message-logger.ts";
import { checkDatabase } from "../../src-main/ledger/task/verify.ts";
import { DAY_MS, HOUR_MS } from "../../src-shared/time.ts";
import {
  countMessages,
  databaseOf,
  inspectFile,
  openLogger,
  rows,
  systemLogTexts,
  temporaryDirectory,
} from "../support/ledger.ts";

const SOUND = { damage: [], drift: [], chain: { groups: expect.any(Number), broken: null } };
const SETTINGS = {
  enabled: true,
  every_hours: 24,
  keep_hourly: 0,
  keep_daily: 2,
  keep_weekly: 0,
  directory: null,
};

async function fill(logger: MessageLogger, count: number): Promise<void> {
  const list = Array.from({ length: count }, (_, index) => ({
    session_id: `s ${index % 7}`,
    status: index % 5 === 0 ? ("failed" as const) : ("sent" as const),
    error_message: index % 5 === 0 ? "550 no such user" : null,
    message_data: { index },
  }));
  expect(await logger.logMessages(list)).toMatchObject({ accepted: count });
}

describe("backups of the schedule", () => {
  it("rotate once a new one is verified, and touch nothing else", { timeout: 30_000 }, async () => {
    const logger = await openLogger();
    const { backups } = ledgerPaths(logger.dataDir);
    await fill(logger, 10);
    const { file: manual } = await logger.backupDatabase();
    const old = [1, 2, 3, 4].map((days) => scheduledName(logger.dataDir, Date.now() - days * DAY_MS));
    const foreign = scheduledName("/elsewhere", Date.now() - 9 * DAY_MS);
    for (const name of [...old, foreign]) writeFileSync(join(backups, name), "");
    const { file, deleted } = await logger.backupOnSchedule(SETTINGS);
    expect(deleted).toBe(3);
    expect(
      readdirSync(backups)
        .map((name) => join(backups, name))
        .sort(),
    ).toEqual([file, manual, join(backups, old[0] ?? ""), join(backups, foreign)].sort());
    expect(checkDatabase(file)).toEqual(SOUND);
    expect(Date.now() - ((await logger.lastScheduledBackup(null)) ?? 0)).toBeLessThan(HOUR_MS);
  });

  it("that fail delete none, and are told in health and the system log", { timeout: 30_000 }, async () => {
    const logger = await openLogger();
    await fill(logger, 10);
    const directory = temporaryDirectory();
    const names = [5, 6, 7].map((days) => scheduledName(logger.dataDir, Date.now() - days * DAY_MS));
    for (const name of names) writeFileSync(join(directory, name), "");
    await logger.noteBackupSchedule(24);
    const away = `${directory}-away`;
    renameSync(directory, away);
    await expect(logger.backupOnSchedule({ ...SETTINGS, directory })).rejects.toMatchObject({
      code: "not_found",
    });
    // A disk that is not mounted is not written around.
    expect(existsSync(directory)).toBe(false);
    renameSync(away, directory);
    expect(readdirSync(directory).sort()).toEqual(names.sort());
    expect((await systemLogTexts(logger)).at(-1)).toMatch(/^The backup failed\. There is no folder/);
    expect((await logger.getDatabaseHealth()).checks.backup).toMatchObject({
      state: "warning",
      message: expect.stringMatching(/There is no folder/),
    });
    const { file } = await logger.backupOnSchedule({ ...SETTINGS, directory });
    expect((await logger.getDatabaseHealth()).checks.backup).toMatchObject({
      state: "ok",
      value: expect.any(Number),
      unit: "milliseconds",
    });
    expect(await logger.listBackups(directory)).toContainEqual(expect.objectContaining({ file }));
  });
});

describe("a restore drill", () => {
  it("brings back just what a backup under load had, and goes on from there", {
    timeout: 60_000,
  }, async () => {
    const logger = await openLogger();
    await fill(logger, 5_000);
    let isOn = true;
    const load = Promise.all(
      [1, 2].map(async () => {
        while (isOn) await logger.logMessage({ topic: "meanwhile", session_id: "load" }).accepted;
      }),
    );
    await pause(100);
    const { file } = await logger.backupOnSchedule(SETTINGS);
    await pause(100);
    isOn = false;
    await load;
    const counts = inspectFile(file, (database) => tableCounts(database));
    expect(counts.message_logs).toBeGreaterThan(5_000);
    expect(await countMessages(logger)).toBeGreaterThan(counts.message_logs ?? 0);
    await logger.restoreDatabase(file);
    expect(inspectFile(databaseOf(logger.dataDir), (database) => tableCounts(database))).toMatchObject({
      message_logs: counts.message_logs,
      message_events: counts.message_events,
      sessions: counts.sessions,
    });
    const health = await logger.getDatabaseHealth({ deep: true });
    expect(health).toMatchObject({ last_check_ok: true, chain: { state: "intact" } });
    expect(health.conservation).toMatchObject({ balanced: true, stored: counts.message_logs });
    expect((await logger.getQuickStats({ days: 1 })).total).toBe(counts.message_logs);
    expect(await logger.logMessage({}).accepted).toMatchObject({ stored: "ledger" });
  });
});

function tableCounts(database: Parameters<Parameters<typeof inspectFile>[1]>[0]): Record<string, number> {
  return Object.fromEntries(
    ["message_logs", "message_events", "sessions"].map((table) => [
      table,
      rows<{ n: number }>(database, `SELECT count(*) AS n FROM ${table}`)[0]?.n ?? -1,
    ]),
  );
}

describe("a restore that was cut short between its renames", () => {
  it.each(["all of the ledger's files", "only the first of them"])(
    "with %s moved is undone",
    {
      timeout: 30_000,
    },
    async (moved) => {
      const dataDir = temporaryDirectory();
      const paths = ledgerPaths(dataDir);
      const before = await openLogger(dataDir);
      await fill(before, 20);
      const { file } = await before.backupDatabase();
      await fill(before, 5);
      const copies = [paths.database, `${paths.database}-wal`];
      const saved = join(dataDir, "saved");
      mkdirSync(saved);
      // As a crash leaves it: with commits that are only in the log.
      for (const each of copies) copyFileSync(each, join(saved, each.split("/").at(-1) ?? ""));
      await before.close();
      const stamp = "2026-01-31T09-30-00-000Z";
      const incoming = join(dataDir, `.restoring-${stamp}.db`);
      copyFileSync(file, incoming);
      const kept = join(paths.backups, `before-restore-${stamp}.db`);
      for (const companion of ["", "-wal", "-shm"])
        if (existsSync(paths.database + companion))
          renameSync(paths.database + companion, join(saved, `end${companion}`));
      renameSync(join(saved, "ledger.db"), kept);
      const isAll = moved.startsWith("all");
      renameSync(join(saved, "ledger.db-wal"), isAll ? `${kept}-wal` : `${paths.database}-wal`);
      // One that was left by a copy that did not finish has no counterpart, and means nothing.
      writeFileSync(join(dataDir, ".restoring-2020-01-01T00-00-00-000Z.db"), "half");
      await pause(2_100);

      const logger = await openLogger(dataDir);
      expect(logger.storeProblem).toBeNull();
      expect(await countMessages(logger)).toBe(25);
      expect(existsSync(incoming)).toBe(false);
      expect(existsSync(kept)).toBe(false);
      await logger.flush();
      expect((await systemLogTexts(logger)).at(-1)).toMatch(/^A restore was cut short/);
      expect(await logger.logMessage({}).accepted).toMatchObject({ stored: "ledger" });
      await logger.close();
      expect(checkDatabase(paths.database)).toEqual(SOUND);
    },
  );
});
