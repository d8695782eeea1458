import { readFileSync, statSync } from "node:fs";
import Database from "better-sqlite3";
import { describe, expect, it, onTestFinished } from "vitest";
import { ledgerPaths } from "../../src-main/ledger/data-dir.ts";
import { latestVersion, migrate, schemaVersion } from "../../src-main/ledger/migrate.ts";
import { MIGRATIONS, type Migration } from "../../src-main/ledger/migrations/index.ts";
import {
  assertSqliteVersion,
  openReadable,
  openWritable,
  type WritableDatabase,
} from "../../src-main/ledger/open.ts";
import { NewerLedgerError } from "../../src-main/ledger/sqlite-errors.ts";
import { checkDatabase } from "../../src-main/ledger/task/verify.ts";
import { databaseOf, eventually, openLogger, rows, temporaryDirectory } from "../support/ledger.ts";

function emptyDatabase(file = databaseOf(temporaryDirectory())): WritableDatabase {
  const database = new Database(file) as unknown as WritableDatabase;
  onTestFinished(() => {
    database.close();
  });
  return database;
}

function upTo(version: number): Migration[] {
  return MIGRATIONS.filter((migration) => migration.version <= version);
}

function objects(database: Database.Database, type: string): string[] {
  return rows<{ name: string }>(
    database,
    "SELECT name FROM sqlite_schema WHERE type = ? AND name NOT LIKE 'sqlite_%' AND sql IS NOT NULL ORDER BY 1",
    type,
  ).map(({ name }) => name);
}

it("numbers its migrations without a gap", () => {
  expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, index) => index + 1));
});

describe("migration 3, sync", () => {
  it("has each session of before as a change to send, and one more for each change of its own facts", () => {
    const database = emptyDatabase();
    migrate(database, upTo(2));
    const begin = "INSERT INTO sessions (session_id, user_id, channel, started_ts) VALUES";
    database.exec(`${begin} ('later', 'u', 'email', 9), ('first', 'u', 'email', 5)`);
    migrate(database);
    const changes = () =>
      rows<{ id: string }>(
        database,
        `SELECT c.session_id || ':' || s.revision AS id FROM session_changes AS c JOIN sessions AS s USING (session_id)
         ORDER BY change_id`,
      ).map(({ id }) => id);
    expect(changes()).toEqual(["first:1", "later:1"]);
    database.exec(`
      ${begin} ('new', 'u', 'email', 11);
      UPDATE sessions SET total = 3, failed = 1;
      UPDATE sessions SET ended_ts = 12 WHERE session_id = 'first';
      UPDATE sessions SET ended_ts = coalesce(ended_ts, 13) WHERE session_id = 'first';
    `);
    expect(changes()).toEqual(["first:2", "later:1", "new:1", "first:2"]);
    database.exec("DELETE FROM sessions WHERE session_id = 'first'");
    expect(changes()).toEqual(["later:1", "new:1"]);
    expect(database.pragma("integrity_check", { simple: true })).toBe("ok");
  });
});

describe("migration 2, proof", () => {
  it("keeps every record and its history, counts them and begins the chain", () => {
    const file = databaseOf(temporaryDirectory());
    const database = emptyDatabase(file);
    database.pragma("foreign_keys = ON");
    migrate(database, upTo(1));
    database.exec(`
      INSERT INTO sessions (session_id, user_id, channel, started_ts, total) VALUES ('s', 'u', 'email', 5, 99);
      INSERT INTO error_templates VALUES (7, 'no route', 'no route', 1, 2);
      INSERT INTO message_logs (seq, message_uuid, session_id, user_id, channel, status, origin_ts, error_message,
          error_template_id, revision)
        VALUES (3, 'a', 's', 'u', 'email', 'failed', 7200000, 'no route', 7, 2),
          (5, 'b', NULL, 'u', 'sms', 'sent', 7200001, NULL, NULL, 1), (9, 'c', NULL, 'u', 'sms', 'sent', 1, NULL, NULL, 1);
      INSERT INTO message_events (event_id, message_uuid, status, ts, recorded_ts, applied)
        VALUES (1, 'a', 'pending', 7200000, 7200100, 1), (2, 'b', 'sent', 7200001, 7200200, 1),
          (4, 'c', 'sent', 1, 2, 1), (6, 'a', 'failed', 7200300, 7200400, 1);
      DELETE FROM message_logs WHERE seq = 9;
    `);
    migrate(database);
    expect(
      rows(
        database,
        "SELECT seq, message_uuid, recorded_ts, error_template_id IS NULL AS ok FROM message_logs",
      ),
    ).toEqual([
      { seq: 3, message_uuid: "a", recorded_ts: 7200100, ok: 0 },
      { seq: 5, message_uuid: "b", recorded_ts: 7200200, ok: 1 },
    ]);
    expect(
      rows(database, "SELECT event_id, message_uuid, message_seq, replaced FROM message_events"),
    ).toEqual([
      { event_id: 1, message_uuid: "a", message_seq: 3, replaced: null },
      { event_id: 2, message_uuid: "b", message_seq: 5, replaced: null },
      { event_id: 6, message_uuid: "a", message_seq: 3, replaced: null },
    ]);
    expect(
      rows(
        database,
        "SELECT t.template FROM message_logs AS m JOIN error_templates AS t ON t.id = m.error_template_id",
      ),
    ).toEqual([{ template: "no route" }]);
    expect(rows(database, "SELECT total, failed FROM sessions")).toEqual([{ total: 1, failed: 1 }]);
    // Positions that were given and deleted are not given again.
    database.exec(
      "INSERT INTO message_logs (message_uuid, user_id, channel, status, origin_ts) VALUES ('d', 'u', 'c', 'sent', 1)",
    );
    expect(rows(database, "SELECT max(seq) AS seq FROM message_logs")).toEqual([{ seq: 10 }]);
    database.exec("DELETE FROM message_logs WHERE seq = 10");
    expect(checkDatabase(file)).toEqual({ damage: [], drift: [], chain: { groups: 1, broken: null } });
  });
});

describe("migration 1, records", () => {
  it("makes the ledger's tables and indexes in an empty file", () => {
    const database = emptyDatabase();
    migrate(database, upTo(1));
    expect(schemaVersion(database)).toBe(1);
    const tables = objects(database, "table").filter((name) => !name.startsWith("message_search_"));
    expect(tables).toEqual([
      "error_templates",
      "hourly_counts",
      "hourly_latencies",
      "ledger_meta",
      "message_events",
      "message_logs",
      "message_search",
      "sessions",
      "spool_positions",
      "system_logs",
    ]);
    expect(objects(database, "index")).toContain("message_logs_by_uuid");
    expect(rows(database, "SELECT * FROM ledger_meta")).toEqual([{ key: "search_indexed_seq", value: "0" }]);
    expect(database.pragma("integrity_check", { simple: true })).toBe("ok");
  });

  it("holds rows to their types and references", () => {
    const database = emptyDatabase();
    database.pragma("foreign_keys = ON");
    migrate(database, upTo(1));
    const insert = (session: string | null, origin: unknown, uuid: string) =>
      database
        .prepare(
          `INSERT INTO message_logs (message_uuid, session_id, user_id, channel, status, origin_ts)
           VALUES (?, ?, 'u', 'c', 'sent', ?)`,
        )
        .run(uuid, session, origin);
    insert(null, 1, "a");
    expect(() => insert(null, 1, "a")).toThrow(/UNIQUE/);
    expect(() => insert("nobody's", 1, "b")).toThrow(/FOREIGN KEY/);
    expect(() => insert(null, "yesterday", "c")).toThrow(/cannot store TEXT/);
  });

  it("never gives the position of a deleted row again", () => {
    const database = emptyDatabase();
    migrate(database, upTo(1));
    const insert = database.prepare(
      "INSERT INTO message_logs (message_uuid, user_id, channel, status, origin_ts) VALUES (?, 'u', 'c', 'sent', 1)",
    );
    insert.run("a");
    expect(insert.run("b").lastInsertRowid).toBe(2);
    database.exec("DELETE FROM message_logs");
    expect(insert.run("c").lastInsertRowid).toBe(3);
  });
});

describe("migrating", () => {
  const step = (version: number, sql: string): Migration => ({
    version,
    name: `step ${version}`,
    up: (database) => void database.exec(sql),
  });

  it("runs what is missing, once, and keeps the rows", () => {
    const database = emptyDatabase();
    const steps = [step(1, "CREATE TABLE a (x)"), step(2, "ALTER TABLE a ADD y DEFAULT 5")];
    migrate(database, steps.slice(0, 1));
    database.exec("INSERT INTO a VALUES (1)");
    migrate(database, steps);
    migrate(database, steps);
    expect(rows(database, "SELECT * FROM a")).toEqual([{ x: 1, y: 5 }]);
    expect(schemaVersion(database)).toBe(2);
  });

  it("leaves the ledger as it was when a step fails", () => {
    const database = emptyDatabase();
    const steps = [step(1, "CREATE TABLE a (x)"), step(2, "CREATE TABLE b (x)"), step(3, "no SQL at all")];
    migrate(database, steps.slice(0, 1));
    expect(() => migrate(database, steps)).toThrow(/syntax error/);
    expect(schemaVersion(database)).toBe(1);
    expect(objects(database, "table")).toEqual(["a"]);
    expect(database.inTransaction).toBe(false);
  });

  it("is done once by two programs that open a new ledger at the same moment", () => {
    const file = databaseOf(temporaryDirectory());
    const first = emptyDatabase(file);
    const second = emptyDatabase(file);
    const raced: Migration = {
      version: 1,
      name: "raced",
      up: (database) => void database.exec("CREATE TABLE a (x)"),
    };
    // The second reads version 0, and then has to wait for the lock while the first migrates.
    const transaction = second.transaction.bind(second);
    second.transaction = ((run: () => void) => {
      migrate(first, [raced]);
      return transaction(run);
    }) as typeof second.transaction;
    migrate(second, [raced]);
    expect(schemaVersion(second)).toBe(1);
  });
});

describe("a ledger from a newer Waybill", () => {
  function newerLedger(): string {
    const dataDir = temporaryDirectory();
    openWritable(databaseOf(dataDir)).close();
    const database = new Database(databaseOf(dataDir));
    database.exec("CREATE TABLE from_the_future (x)");
    database.pragma(`user_version = ${latestVersion() + 1}`);
    database.pragma("journal_mode = DELETE");
    database.close();
    return dataDir;
  }

  it("is not opened, neither to write nor to read", () => {
    const file = databaseOf(newerLedger());
    const before = readFileSync(file);
    expect(() => openWritable(file)).toThrow(NewerLedgerError);
    expect(() => openReadable(file)).toThrow(NewerLedgerError);
    expect(readFileSync(file).equals(before)).toBe(true);
  });

  it("is left untouched while records are spooled, and says what to do", async () => {
    const dataDir = newerLedger();
    const before = readFileSync(databaseOf(dataDir));
    const logger = await openLogger(dataDir);
    expect(logger.storeProblem).toEqual({
      code: "newer_ledger",
      message: expect.stringMatching(/Update Waybill/),
    });
    expect(await logger.logMessage({ topic: "kept" }).accepted).toMatchObject({ stored: "spool" });
    const health = await logger.getDatabaseHealth();
    expect(health).toMatchObject({ status: "failing", spool: { directory: ledgerPaths(dataDir).spool } });
    expect(health.spool.records).toBeGreaterThan(0);
    await expect(logger.searchMessages()).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/newer Waybill/),
    });
    await logger.close();
    expect(readFileSync(databaseOf(dataDir)).equals(before)).toBe(true);
  });

  it("is noticed when another program migrates it while this one has it open", async () => {
    const logger = await openLogger();
    await logger.logMessage({ topic: "before" }).accepted;
    const other = new Database(databaseOf(logger.dataDir));
    other.pragma(`user_version = ${latestVersion() + 1}`);
    expect(await logger.logMessage({ topic: "after" }).accepted).toMatchObject({ stored: "spool" });
    expect(logger.storeProblem?.code).toBe("newer_ledger");
    expect(rows(other, "SELECT topic FROM message_logs")).toEqual([{ topic: "before" }]);
    // As after an update of this program: it goes on by itself.
    other.pragma(`user_version = ${latestVersion()}`);
    other.close();
    await eventually(async () => {
      expect(logger.storeProblem).toBeNull();
      expect((await logger.searchMessages()).messages.map(({ topic }) => topic)).toEqual(["after", "before"]);
    });
  });
});

describe("the writer's connection", () => {
  it("is set up for durability", () => {
    const file = databaseOf(temporaryDirectory());
    const database = openWritable(file);
    onTestFinished(() => {
      database.close();
    });
    const setting = (name: string) => database.pragma(name, { simple: true });
    expect(setting("journal_mode")).toBe("wal");
    expect(setting("synchronous")).toBe(2);
    expect(setting("foreign_keys")).toBe(1);
    expect(setting("auto_vacuum")).toBe(2);
    expect(setting("busy_timeout")).toBe(1_000);
    expect(setting("checkpoint_fullfsync")).toBe(1);
    expect(schemaVersion(database)).toBe(latestVersion());
    expect(statSync(file).size).toBeGreaterThan(0);
  });

  it("is refused by a SQLite that can corrupt a shared log", () => {
    for (const version of ["3.51.3", "3.51.10", "3.52.0", "4.0.0"]) assertSqliteVersion(version);
    for (const version of ["3.51.2", "3.50.9", "3.9.99", "2.99.99", "3.51"]) {
      expect(() => assertSqliteVersion(version)).toThrow(/needs 3\.51\.3 or later/);
    }
  });

  it("and the reader's can't write", () => {
    const file = databaseOf(temporaryDirectory());
    openWritable(file).close();
    const database = openReadable(file);
    onTestFinished(() => {
      database.close();
    });
    expect(() => database.exec("DELETE FROM message_logs")).toThrow(/readonly|query_only/);
  });
});
