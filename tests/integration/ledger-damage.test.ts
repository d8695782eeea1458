import { randomBytes } from "node:crypto";
import { closeSync, openSync, readdirSync, readFileSync, statSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, it } from "vitest";
import { ledgerPaths } from "../../src-main/ledger/data-dir.ts";
import { checkDatabase } from "../../src-main/ledger/task/verify.ts";
import { overwrite, PAGE, pagesOf, quarantined, ROWS, sharedLedger } from "../support/damaged-ledger.ts";
import {
  countMessages,
  databaseOf,
  eventually,
  inspect,
  openLogger,
  rows,
  systemLogTexts,
  temporaryDirectory,
} from "../support/ledger.ts";
import { messageEntry, openWriter } from "../support/writer.ts";

const { uuids, copy: realLedger } = sharedLedger();

function writeOver(file: string, from: number, bytes: number): void {
  const descriptor = openSync(file, "r+");
  writeSync(descriptor, randomBytes(bytes), 0, bytes, from);
  closeSync(descriptor);
}

describe("a ledger that is damaged when it is opened", () => {
  it.each([
    ["its header", (file: string) => writeOver(file, 0, 100), 0],
    ["its first page", (file: string) => overwrite(file, [1]), 0],
  ])(
    "in %s is set aside, a new one accepts at once, and the rows come back",
    { timeout: 20_000 },
    async (_, damage, lost) => {
      const dataDir = realLedger();
      damage(databaseOf(dataDir));
      const bytes = readFileSync(databaseOf(dataDir));
      const logger = await openLogger(dataDir);
      expect(logger.storeProblem).toBeNull();
      expect(await logger.logMessage({ topic: "new" }).accepted).toMatchObject({ stored: "ledger" });
      await eventually(
        async () => expect((await systemLogTexts(logger)).join("\n")).toMatch(/came back/),
        10_000,
      );
      expect(await countMessages(logger, "topic:new")).toBe(1);
      expect(await countMessages(logger)).toBe(ROWS - lost + 1);
      const texts = (await systemLogTexts(logger)).join("\n");
      expect(texts).toMatch(/was damaged\. It was set aside/);
      expect(texts).toContain(`${ROWS} messages, ${ROWS + 500} status changes, 10 sessions`);
      expect(texts).toContain("0 rows could not be read");
      expect((await logger.getMessage(uuids[3] ?? ""))?.events).toHaveLength(2);
      // The damaged file is as it was found, and nothing else was left lying about.
      const [file = ""] = quarantined(dataDir);
      expect(readFileSync(join(ledgerPaths(dataDir).quarantine, file)).equals(bytes)).toBe(true);
      expect(readdirSync(ledgerPaths(dataDir).quarantine)).toEqual([file]);
      expect((await logger.getDatabaseHealth({ deep: true })).last_check_ok).toBe(true);
    },
  );

  it("and is no database at all is set aside, and says that nothing came back", {
    timeout: 20_000,
  }, async () => {
    const dataDir = temporaryDirectory();
    writeFileSync(databaseOf(dataDir), "this is not a database, whatever its name says\n".repeat(500));
    const logger = await openLogger(dataDir);
    expect(await logger.logMessage({ topic: "new" }).accepted).toMatchObject({ stored: "ledger" });
    await eventually(async () =>
      expect((await systemLogTexts(logger)).join("\n")).toMatch(
        /Nothing could be read from the damaged database/,
      ),
    );
    expect(quarantined(dataDir)).toHaveLength(1);
    expect(await logger.getDatabaseHealth()).toMatchObject({ status: expect.stringMatching(/ok|degraded/) });
  });

  it("and was cut short is set aside or goes on with what is there", { timeout: 20_000 }, async () => {
    const dataDir = realLedger();
    const file = databaseOf(dataDir);
    writeFileSync(file, readFileSync(file).subarray(0, Math.floor(statSync(file).size / 2 / PAGE) * PAGE));
    const logger = await openLogger(dataDir);
    expect((await logger.logMessage({ topic: "new" }).accepted).stored).toBe("ledger");
    await logger.repairDatabase();
    await eventually(async () => expect(await countMessages(logger, "topic:new")).toBe(1));
    expect(await countMessages(logger)).toBeGreaterThan(100);
    expect((await logger.getDatabaseHealth({ deep: true })).last_check_ok).toBe(true);
  });
});

describe("damage inside", () => {
  it.each(["search", "health"])(
    "that a reader meets (%s) is repaired by itself",
    { timeout: 30_000 },
    async (how) => {
      const dataDir = realLedger();
      const logger = await openLogger(dataDir);
      // While it is open: what the writer has read before is still sound to it.
      const { inner, leaves, root } = pagesOf(databaseOf(dataDir), "message_logs");
      overwrite(databaseOf(dataDir), how === "health" ? [1, root, ...inner] : leaves.slice(20, 24));
      const damaged = { code: "unavailable", message: expect.stringMatching(/damaged/) };
      if (how === "search") {
        const q = "before:2026-01-01T12:00:00Z";
        await expect(logger.searchMessages({ limit: 1_000, q })).rejects.toMatchObject(damaged);
      } else {
        expect(await logger.getDatabaseHealth()).toMatchObject({ status: "degraded" });
      }
      // Records are accepted all the while.
      expect((await logger.logMessage({ topic: "new" }).accepted).stored).toBe("ledger");
      await eventually(
        async () => expect((await systemLogTexts(logger)).join("\n")).toMatch(/came back/),
        15_000,
      );
      // Where no leaf was hit no row is lost; else those of the four pages, and it says so.
      const lost = ROWS + 1 - (await countMessages(logger));
      if (how === "health") expect(lost).toBe(0);
      else expect(lost).toBeGreaterThan(20);
      expect(lost).toBeLessThan(200);
      const told = (await systemLogTexts(logger)).find((text) => /came back/.test(text));
      expect(told).toContain(`; ${lost} rows could not be read`);
      expect(await countMessages(logger, "topic:new")).toBe(1);
      expect(quarantined(dataDir)).toHaveLength(1);
      await eventually(
        async () => expect((await logger.getDatabaseHealth()).status).not.toBe("failing"),
        10_000,
      );
    },
  );

  it.each(["message_logs", "sessions"])(
    "at the root and all inner pages of %s loses no row",
    { timeout: 30_000 },
    async (table) => {
      const dataDir = realLedger();
      const { root, inner, leaves } = pagesOf(databaseOf(dataDir), table);
      // All sessions fit their root page: they are begun anew by their messages.
      const lost = leaves.includes(root) ? 10 : 0;
      overwrite(databaseOf(dataDir), [root, ...inner]);
      const logger = await openLogger(dataDir);
      // Damage to the messages is met when the ledger is opened, and else by the repair.
      await logger.repairDatabase();
      const told = await eventually(async () => {
        const found = (await systemLogTexts(logger)).find((text) => /came back/.test(text));
        expect(found).toBeDefined();
        return found;
      });
      expect(told).toContain(`${ROWS} messages, ${ROWS + 500} status changes, ${10 - lost} sessions`);
      expect(told).toContain(`; ${lost} rows could not be read`);
      expect(await countMessages(logger)).toBe(ROWS);
      expect((await logger.read("sessions.get", { session_id: "s3" })).session.total).toBe(ROWS / 10);
      expect((await logger.getDatabaseHealth({ deep: true })).last_check_ok).toBe(true);
    },
  );

  it("of a row that SQLite reads all the same is met by whoever reads it, and mended by itself", {
    timeout: 30_000,
  }, async () => {
    const dataDir = realLedger();
    const file = databaseOf(dataDir);
    const bytes = readFileSync(file);
    const place = bytes.indexOf('["r1997@example.com"]');
    expect(place).toBeGreaterThan(0);
    writeFileSync(file, bytes.fill(0, place, place + 2));
    const logger = await openLogger(dataDir);
    await expect(logger.read("messages.search", { q: "", limit: 1_000 })).rejects.toMatchObject({
      code: "unavailable",
    });
    await expect(logger.getMessage(uuids[1_997] ?? "")).rejects.toMatchObject({ code: "unavailable" });
    await eventually(async () => {
      expect((await logger.read("messages.search", { q: "", limit: 1_000 })).messages).toHaveLength(1_000);
      const told = (await systemLogTexts(logger)).find((text) => /came back/.test(text));
      expect(told).toMatch(new RegExp(`^${ROWS - 1} messages.* 1 rows could not be read`));
    }, 15_000);
    expect(await logger.getMessage(uuids[1_997] ?? "")).toBeNull();
    expect(await logger.getMessage(uuids[1_998] ?? "")).not.toBeNull();
    expect((await logger.getDatabaseHealth({ deep: true })).last_check_ok).toBe(true);
  });

  it("of what an index says is mended in place", { timeout: 30_000 }, async () => {
    const dataDir = realLedger();
    const file = databaseOf(dataDir);
    const [leaf = 0] = pagesOf(file, "message_logs_by_session").leaves;
    const bytes = readFileSync(file);
    const page = bytes.subarray(leaf * PAGE - PAGE, leaf * PAGE);
    page.write(page.toString("latin1").replaceAll(/s\d/g, "sX"), "latin1");
    writeFileSync(file, bytes);
    const logger = await openLogger(dataDir);
    expect((await logger.getDatabaseHealth({ deep: true })).checks.integrity?.state).toBe("failing");
    const { message } = await logger.repairDatabase();
    expect(message).toMatch(/^What was wrong is mended/);
    expect(quarantined(dataDir)).toEqual([]);
    expect(await countMessages(logger)).toBe(ROWS);
    expect((await logger.getDatabaseHealth({ deep: true })).checks.integrity?.state).toBe("ok");
    expect(checkDatabase(databaseOf(dataDir))).toMatchObject({
      damage: [],
      drift: [],
      chain: { broken: null },
    });
  });

  it("of an index's pages loses no row", { timeout: 30_000 }, async () => {
    const dataDir = realLedger();
    const { leaves } = pagesOf(databaseOf(dataDir), "message_logs_by_time");
    overwrite(databaseOf(dataDir), leaves.slice(0, 2));
    const logger = await openLogger(dataDir);
    const { message } = await logger.repairDatabase();
    expect(message).toMatch(
      new RegExp(`^${ROWS} messages, ${ROWS + 500} status changes, .* 0 rows could not be read`),
    );
    expect(await countMessages(logger)).toBe(ROWS);
    expect((await logger.getDatabaseHealth({ deep: true })).checks.integrity?.state).toBe("ok");
  });

  it("of the statistics alone is mended in place", { timeout: 20_000 }, async () => {
    const dataDir = realLedger();
    const database = new Database(databaseOf(dataDir));
    database.exec("UPDATE message_counts SET failed = failed + 1 WHERE slot % 2 = 0");
    database.exec("UPDATE sessions SET total = 0");
    database.close();
    const logger = await openLogger(dataDir);
    expect((await logger.getDatabaseHealth({ deep: true })).last_check_ok).toBe(false);
    expect((await logger.repairDatabase()).message).toMatch(/^What was wrong is mended/);
    expect((await logger.getDatabaseHealth({ deep: true })).last_check_ok).toBe(true);
  });

  it.each([
    // The structure record: without it the index contradicts itself.
    ["structure", "UPDATE message_search_data SET block = x'ffffffffffffffffff' WHERE id = 10"],
    ["rows", "UPDATE message_search_data SET block = x'00000000' WHERE id = 10"],
  ])("of the search index (%s) is mended while records come in", { timeout: 20_000 }, async (_, damage) => {
    const dataDir = realLedger();
    const database = new Database(databaseOf(dataDir));
    database.unsafeMode(true);
    database.exec(damage);
    // As if the last row had not been indexed yet.
    database.exec(`UPDATE ledger_meta SET value = '${ROWS - 1}' WHERE key = 'search_indexed_seq'`);
    database.close();
    const { writer, submit, states } = openWriter(dataDir);
    expect(await submit(messageEntry({ topic: "new" }))).toEqual([{ outcome: "new" }]);
    await eventually(() => expect(writer.state()).toMatchObject({ indexLag: 0, trouble: null }), 10_000);
    expect(states.filter(({ trouble }) => trouble !== null)).toEqual([]);
    expect(quarantined(dataDir)).toEqual([]);
    inspect(dataDir, (each) => {
      expect(
        rows(each, "SELECT count(*) AS n FROM message_search WHERE message_search MATCH 'word'"),
      ).toEqual([{ n: ROWS }]);
      expect(rows(each, "SELECT message FROM system_logs ORDER BY id DESC LIMIT 1")).toEqual([
        { message: "The search index was damaged; it is made anew." },
      ]);
    });
  });
});
