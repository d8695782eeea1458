import { randomBytes } from "node:crypto";
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { beforeAll, describe, expect, it } from "vitest";
import { ledgerPaths } from "../../src-main/ledger/data-dir.ts";
import { inodeOf } from "../../src-main/ledger/open.ts";
import { checkDatabase } from "../../src-main/ledger/task/verify.ts";
import { bringBack } from "../../src-main/ledger/writer/bring-back.ts";
import { Salvager } from "../../src-main/ledger/writer/salvage.ts";
import { writerMethods } from "../../src-main/ledger/writer/serve.ts";
import { Writer } from "../../src-main/ledger/writer/writer.ts";
import { STATUSES } from "../../src-shared/status.ts";
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
import { messageEntry, nextOwner, openWriter, statusEntry } from "../support/writer.ts";

const PAGE = 4_096;
const ROWS = 2_000;

/** Made once: a ledger with enough rows that its tables have pages between root and leaves. */
const original = mkdtempSync(join(tmpdir(), "waybill-damage-"));
let uuids: string[] = [];

beforeAll(async () => {
  const writer = new Writer(ledgerPaths(original), nextOwner(), { onState: () => {}, onDamage: () => {} });
  writer.start();
  const entries = Array.from({ length: ROWS }, (_, index) =>
    messageEntry({
      session_id: `s${index % 10}`,
      status: STATUSES[index % STATUSES.length] ?? "pending",
      error_message: index % 7 === 5 ? `no route ${index}` : null,
      origin_ts: Date.UTC(2026, 0, 1) + index * 60_000,
      content_preview: `message ${index} ${"word ".repeat(20)}`,
      destination_subject_ids: [`r${index}@example.com`],
    }),
  );
  uuids = entries.map(({ message }) => message.message_uuid);
  await writer.submit(entries);
  await writer.submit(uuids.slice(0, 500).map((uuid) => statusEntry(uuid, "read")));
  await writer.submit([
    { op: "system_log", at: 1, level: "info", component: "test", message: "kept", details: null },
  ]);
  // Or the next writer would read the rows for its search index, and meet the damage before anyone else.
  await eventually(() => expect(writer.state().indexLag).toBe(0));
  await writer.close();
  return () => rmSync(original, { recursive: true });
});

/** A copy of it. */
function realLedger(): string {
  const dataDir = temporaryDirectory();
  copyFileSync(databaseOf(original), databaseOf(dataDir));
  return dataDir;
}

function overwrite(file: string, pages: readonly number[]): void {
  const descriptor = openSync(file, "r+");
  for (const page of pages) writeSync(descriptor, randomBytes(PAGE), 0, PAGE, (page - 1) * PAGE);
  closeSync(descriptor);
}

/** The pages of a table or index, the root first. */
function pagesOf(file: string, name: string): { root: number; inner: number[]; leaves: number[] } {
  return inspectFile(file, (database) => {
    const root = database
      .prepare("SELECT rootpage FROM sqlite_schema WHERE name = ?")
      .pluck()
      .get(name) as number;
    // Walk the tree by the file format: 2 and 5 are interior pages.
    const bytes = readFileSync(file);
    const inner: number[] = [];
    const leaves: number[] = [];
    const walk = (page: number): void => {
      const start = (page - 1) * PAGE;
      const kind = bytes.readUInt8(start);
      if (kind !== 2 && kind !== 5) {
        leaves.push(page);
        return;
      }
      if (page !== root) inner.push(page);
      const cells = bytes.readUInt16BE(start + 3);
      for (let cell = 0; cell < cells; cell += 1)
        walk(bytes.readUInt32BE(start + bytes.readUInt16BE(start + 12 + 2 * cell)));
      walk(bytes.readUInt32BE(start + 8));
    };
    walk(root);
    return { root, inner, leaves };
  });
}

function quarantined(dataDir: string): string[] {
  const { quarantine } = ledgerPaths(dataDir);
  return existsSync(quarantine) ? readdirSync(quarantine).filter((name) => name.endsWith(".db")) : [];
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

function writeOver(file: string, from: number, bytes: number): void {
  const descriptor = openSync(file, "r+");
  writeSync(descriptor, randomBytes(bytes), 0, bytes, from);
  closeSync(descriptor);
}

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
    const salvager = new Salvager(databaseOf(dataDir));
    const { writer } = openWriter();
    const { database: target } = writer.requireStore();
    for (const batch of salvager.batches(target)) salvager.bring(target, batch);
    salvager.close();
    expect(salvager.counts).toMatchObject({ messages: ROWS - 2, sessions: 10 });
    expect(salvager.counts.unreadable).toBe(2);
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
    const salvager = new Salvager(file);
    const target = writer.requireStore().database;
    for (const batch of salvager.batches(target)) salvager.bring(target, batch);
    salvager.close();
    const after = inspect(into, (reading) => rows(reading, "SELECT id, template FROM error_templates"));
    expect(after).toEqual(before);
    expect(salvager.counts.messages).toBe(ROWS);
  });
});

describe("a log that lost its end", () => {
  it("hides nothing that a checkpoint had moved to the database before", async () => {
    const { dataDir, submit, writer } = openWriter();
    const file = databaseOf(dataDir);
    const early = Array.from({ length: 40 }, (_, index) => messageEntry({ topic: `early ${index}` }));
    for (const entry of early) await submit(entry);
    const cut = readFileSync(`${file}-wal`);
    const late = Array.from({ length: 40 }, (_, index) => messageEntry({ topic: `late ${index}` }));
    for (const entry of late) await submit(entry);
    const changed = early[39]?.message.message_uuid ?? "";
    await submit(statusEntry(changed, "read"));
    writer.requireStore().moveLog();

    const damaged = join(temporaryDirectory(), "ledger.db");
    for (const companion of ["", "-head"]) copyFileSync(file + companion, damaged + companion);
    writeFileSync(`${damaged}-wal`, cut);
    const head = JSON.parse(readFileSync(`${damaged}-head`, "utf8")) as Record<string, unknown>;
    writeFileSync(`${damaged}-head`, JSON.stringify({ ...head, inode: String(statSync(damaged).ino) }));

    const into = openWriter();
    const { database } = into.writer.requireStore();
    const salvager = new Salvager(damaged);
    for (const batch of salvager.batches(database)) salvager.bring(database, batch);
    salvager.close();
    expect(salvager.counts).toMatchObject({ messages: 80, events: 81, unreadable: 0 });
    const found = inspect(into.dataDir, (reading) =>
      rows(reading, "SELECT topic, status FROM message_logs WHERE message_uuid = ?", changed),
    );
    expect(found).toEqual([{ topic: "early 39", status: "read" }]);
  });

  it("with all that there was is told by how much that was", async () => {
    const { dataDir, submit } = openWriter();
    const file = databaseOf(dataDir);
    for (let index = 0; index < 5; index += 1) await submit(messageEntry());
    const damaged = join(temporaryDirectory(), "ledger.db");
    for (const companion of ["", "-head"]) copyFileSync(file + companion, damaged + companion);
    writeFileSync(`${damaged}-wal`, readFileSync(`${file}-wal`).subarray(0, PAGE));
    const head = JSON.parse(readFileSync(`${damaged}-head`, "utf8")) as Record<string, unknown>;
    writeFileSync(`${damaged}-head`, JSON.stringify({ ...head, inode: String(statSync(damaged).ino) }));
    const context = { progress: () => {}, signal: new AbortController().signal };
    const counts = await bringBack(openWriter().writer, damaged, context);
    expect(counts).toMatchObject({ messages: 0, unreadable: 5 });
  });

  it("is noticed before the search index or anything else is written behind the gap", async () => {
    const { dataDir, submit, damaged } = openWriter();
    for (let index = 0; index < 5; index += 1)
      await submit(messageEntry({ content_preview: `words ${index}` }));
    const log = `${databaseOf(dataDir)}-wal`;
    const { size } = statSync(log);
    truncateSync(log, size - PAGE);
    await eventually(() => expect(damaged).toHaveLength(1));
    expect(statSync(`${damaged[0]}-wal`).size).toBe(size - PAGE);
  });
});
