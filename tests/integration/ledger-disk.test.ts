import { closeSync, openSync, rmSync, statfsSync, statSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { MessageLogger } from "../../src-main/ledger/message-logger.ts";
import { checkDatabase } from "../../src-main/ledger/task/verify.ts";
import { DAY_MS } from "../../src-shared/time.ts";
import { canMount, makeReadOnly, makeWritable, resizeDisk, smallDisk } from "../support/file-systems.ts";
import {
  countMessages,
  databaseOf,
  eventually,
  inspect,
  openLogger,
  ownHome,
  rows,
  systemLogTexts,
} from "../support/ledger.ts";
import { startChild } from "../support/processes.ts";

const MIB = 1024 * 1024;

// File systems of the test's own, where the machine lets it mount some.
describe.skipIf(!canMount)("a disk", () => {
  it("that is full: what was accepted stays, what is refused says so, and it goes on by itself", {
    timeout: 30_000,
  }, async () => {
    const disk = smallDisk(4 * MIB);
    const logger = await openLogger(join(disk, "data"));
    const health: string[] = [];
    logger.on("health.changed", ({ status }) => health.push(status));
    const accepted: string[] = [];
    let refused = 0;
    const text = "x".repeat(10_000);
    for (let index = 0; index < 1_000 && refused < 20; index += 1) {
      const logged = logger.logMessage({ message_data: { text, index } });
      try {
        await logged.accepted;
        accepted.push(logged.message_uuid);
      } catch (error) {
        expect(error).toMatchObject({
          code: "cannot_accept",
          message: expect.stringMatching(/disk is full/),
        });
        refused += 1;
      }
    }
    expect(refused).toBe(20);
    expect(accepted.length).toBeGreaterThan(50);
    expect(await logger.getDatabaseHealth()).toMatchObject({
      status: "failing",
      checks: {
        database: { state: "failing", message: expect.stringMatching(/refused/) },
        disk: { state: "failing" },
      },
    });
    // It does not claim to be well while nothing can be written.
    await pause(1_200);
    expect(health.filter((status) => status === "ok")).toEqual([]);

    // As when someone cleans up.
    resizeDisk(disk, 32 * MIB);
    await eventually(async () =>
      expect(await logger.logMessage({}).accepted).toMatchObject({ stored: "ledger" }),
    );
    await eventually(() => expect(logger.storeProblem).toBeNull());
    const stored = new Set(
      inspect(logger.dataDir, (database) =>
        rows(database, "SELECT message_uuid FROM message_logs").map(({ message_uuid }) => message_uuid),
      ),
    );
    expect(accepted.filter((uuid) => !stored.has(uuid))).toEqual([]);
    expect(checkDatabase(databaseOf(logger.dataDir))).toMatchObject({
      damage: [],
      drift: [],
      chain: { broken: null },
    });
    expect((await logger.getDatabaseHealth()).spool).toMatchObject({ records: 0, files: 0 });
    expect((await systemLogTexts(logger)).filter((each) => /takes records again/.test(each))).toHaveLength(1);
  });

  it("that is tiny and full takes records again once some were deleted", { timeout: 30_000 }, async () => {
    const disk = smallDisk(4 * MIB);
    const logger = await openLogger(join(disk, "data"));
    const text = "x".repeat(5_000);
    let isFull = false;
    for (let index = 0; index < 2_000 && !isFull; index += 1) {
      const origin_ts = Date.now() - (index % 2) * 400 * DAY_MS;
      await logger.logMessage({ message_data: { text, index }, origin_ts }).accepted.catch(() => {
        isFull = true;
      });
    }
    expect(isFull).toBe(true);
    expect(await logger.deleteOldData({ days: 200 })).toBeGreaterThan(50);
    await eventually(async () => {
      await logger.logMessage({ message_data: { text } }).accepted;
    });
  });

  it("that the spool filled lets it come in, so that it can be deleted", { timeout: 30_000 }, async () => {
    const disk = smallDisk(4 * MIB);
    const logger = await openLogger(join(disk, "data"));
    const text = "x".repeat(5_000);
    const log = async (): Promise<boolean> => {
      const origin_ts = Date.now() - 400 * DAY_MS;
      try {
        await logger.logMessage({ message_data: { text }, origin_ts }).accepted;
        return true;
      } catch {
        return false;
      }
    };
    for (let index = 0; index < 130; index += 1) expect(await log()).toBe(true);
    // Or else its log, once emptied, would be room.
    await eventually(() => expect(statSync(`${databaseOf(logger.dataDir)}-wal`).size).toBe(0));
    const holder = startChild("hold-lock.ts", [databaseOf(logger.dataDir), "immediate"]);
    await holder.line((line) => line === "held");
    let spooled = 0;
    while (await log()) spooled += 1;
    holder.send("release");
    await holder.line((line) => line === "released");
    const { bavail, bsize } = statfsSync(disk);
    expect(bavail * bsize).toBeLessThan(2.1 * MIB);
    await eventually(async () =>
      expect((await logger.getDatabaseHealth()).spool).toMatchObject({ records: 0, files: 0 }),
    );
    expect(spooled).toBeGreaterThan(50);
    expect(await logger.deleteOldData({ days: 200 })).toBe(130 + spooled);
    await eventually(async () =>
      expect(await logger.logMessage({ message_data: { text } }).accepted).toMatchObject({
        stored: "ledger",
      }),
    );
  });

  it.each(["the program that logs", "another one"])(
    "that the records filled has room for %s to delete",
    {
      timeout: 60_000,
    },
    async (who) => {
      const disk = smallDisk(20 * MIB);
      const logger = await openLogger(join(disk, "data"));
      const text = "x".repeat(6_000);
      let refused = 0;
      for (let index = 0; index < 5_000 && refused === 0; index += 1) {
        const daysAgo = index % 5 === 0 ? 1 : 40;
        const accepted = [0, 1, 2].map(
          () =>
            logger.logMessage({ origin_ts: Date.now() - daysAgo * DAY_MS, message_data: { text } }).accepted,
        );
        for (const { status } of await Promise.allSettled(accepted)) if (status === "rejected") refused += 1;
      }
      expect(refused).toBeGreaterThan(0);
      const { bavail, bsize } = statfsSync(disk);
      expect(bavail * bsize).toBeGreaterThan(MIB);
      const health = await logger.getDatabaseHealth();
      expect(health.checks.disk).toMatchObject({
        state: "failing",
        message: expect.stringMatching(/last 3 MiB are kept for deleting/),
      });
      // Small ones neither: what is left is not theirs.
      await expect(logger.logMessage({}).accepted).rejects.toMatchObject({ code: "cannot_accept" });
      const before = health.conservation.stored;
      const pruner = who === "another one" ? await MessageLogger.open({ dataDir: logger.dataDir }) : logger;
      const deleted = await pruner.deleteOldData({ days: 30 });
      if (pruner !== logger) await pruner.close();
      expect(deleted / before).toBeCloseTo(0.8, 1);
      await eventually(async () =>
        expect(await logger.logMessage({}).accepted).toMatchObject({ stored: "ledger" }),
      );
      await eventually(() => expect(logger.storeProblem).toBeNull());
      expect(checkDatabase(databaseOf(logger.dataDir))).toMatchObject({
        damage: [],
        drift: [],
        chain: { broken: null },
      });
      const after = await logger.getDatabaseHealth();
      expect(after.conservation).toMatchObject({ balanced: true, removed: deleted });
    },
  );

  it("that others filled to the last byte does not keep the ledger from closing", {
    timeout: 30_000,
  }, async () => {
    const disk = smallDisk(8 * MIB);
    const logger = await openLogger(join(disk, "data"));
    await logger.logMessages(
      Array.from({ length: 300 }, () => ({ message_data: { text: "x".repeat(2_000) } })),
    );
    const ballast = openSync(join(disk, "ballast"), "w");
    expect(() => {
      for (;;) writeSync(ballast, Buffer.alloc(4_096));
    }).toThrow(/ENOSPC/);
    closeSync(ballast);
    await expect(logger.logMessage({}).accepted).rejects.toMatchObject({ code: "cannot_accept" });
    await logger.close();
    rmSync(join(disk, "ballast"));
    const again = await openLogger(join(disk, "data"));
    expect(await countMessages(again)).toBe(300);
    expect(await again.logMessage({}).accepted).toMatchObject({ stored: "ledger" });
  });

  it("that is read-only when it starts: records wait in the home, and come in once it can be written", {
    timeout: 20_000,
  }, async () => {
    ownHome();
    const disk = smallDisk(256 * MIB);
    const dataDir = join(disk, "data");
    const before = await openLogger(dataDir);
    await before.logMessage({ topic: "before" }).accepted;
    await before.close();
    makeReadOnly(disk);
    const logger = await openLogger(dataDir);
    expect(await logger.logMessage({ topic: "during" }).accepted).toMatchObject({ stored: "spool" });
    expect(logger.storeProblem?.message).toMatch(/can't be written/);
    expect(await logger.getDatabaseHealth()).toMatchObject({ status: "degraded" });
    makeWritable(disk);
    await eventually(async () => expect(await countMessages(logger)).toBe(2));
    await eventually(() => expect(logger.storeProblem).toBeNull());
    expect(await logger.logMessage({ topic: "after" }).accepted).toMatchObject({ stored: "ledger" });
  });

  it("that is full fails a backup, which leaves no file", { timeout: 20_000 }, async () => {
    const disk = smallDisk(2 * MIB);
    const logger = await openLogger();
    await logger.logMessages(
      Array.from({ length: 400 }, () => ({ message_data: { text: "x".repeat(10_000) } })),
    );
    const out = join(disk, "backup.db");
    await expect(logger.backupDatabase({ out })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/^No backup was made\. The disk is full/),
    });
    expect(statfsSync(disk).bfree).toBe(statfsSync(disk).blocks);
    // The ledger itself did not suffer.
    expect(await logger.logMessage({}).accepted).toMatchObject({ stored: "ledger" });
    expect(logger.storeProblem).toBeNull();
    // An export neither.
    await expect(logger.exportData({ format: "csv", out: join(disk, "export.csv") })).rejects.toMatchObject({
      code: "ENOSPC",
    });
    expect(statfsSync(disk).bfree).toBe(statfsSync(disk).blocks);
  });
});
