import {
  appendFileSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { ledgerPaths } from "../../src-main/ledger/data-dir.ts";
import type { Entry } from "../../src-main/ledger/entries.ts";
import { isAbandoned } from "../../src-main/ledger/writer/spool-files.ts";
import { SpoolQueue } from "../../src-main/ledger/writer/spool-queue.ts";
import {
  cleanUpAtEnd,
  countMessages,
  databaseOf,
  eventually,
  inspect,
  openLogger,
  ownHome,
  rows,
  systemLogTexts,
  temporaryDirectory,
} from "../support/ledger.ts";
import { startChild } from "../support/processes.ts";
import { messageEntry, nextOwner, openReader, openWriter, statusEntry } from "../support/writer.ts";

// Most of these wait for what the writer does now and then.
cleanUpAtEnd();

const UNKNOWN = "0198c0de-7000-7000-8000-000000000001";

function spoolFiles(dataDir: string): string[] {
  const { spool } = ledgerPaths(dataDir);
  return existsSync(spool) ? readdirSync(spool).map((name) => join(spool, name)) : [];
}

/** A spool as a writer leaves it that ended before the database took it. */
function abandonedSpool(dataDir: string, entries: readonly Entry[], pid = 0): string {
  mkdirSync(dataDir, { recursive: true });
  const owner = nextOwner();
  const queue = new SpoolQueue(ledgerPaths(dataDir), owner);
  queue.append(entries);
  queue.close();
  const [left] = spoolFiles(dataDir).filter((path) => path.includes(`-${owner}-`));
  if (left === undefined) throw new Error("nothing was spooled");
  const path = left.replace(/-\d+-([0-9a-f]{8})-/, `-${pid}-$1-`);
  renameSync(left, path);
  return path;
}

function topics(dataDir: string): unknown[] {
  return inspect(dataDir, (database) =>
    rows(database, "SELECT topic FROM message_logs ORDER BY seq").map(({ topic }) => topic),
  );
}

describe.each(["immediate", "exclusive"])("a database that another program locks (%s)", (mode) => {
  it("is stood in for by the spool, and everything comes in, in order, by itself", {
    timeout: 20_000,
  }, async () => {
    const logger = await openLogger();
    const { dataDir } = logger;
    const health: string[] = [];
    logger.on("health.changed", ({ status }) => health.push(status));
    const before = logger.logMessage({ topic: "before", session_id: "s" });
    await before.accepted;
    expect(await logger.getDatabaseHealth()).toMatchObject({ status: "ok" });

    const holder = startChild("hold-lock.ts", [databaseOf(dataDir), mode]);
    await holder.line((line) => line === "held");
    const started = performance.now();
    const during = logger.logMessage({ topic: "during 0" });
    expect(await during.accepted).toMatchObject({ stored: "spool", duplicate: false });
    // Another program's commit is waited for, for a second.
    expect(performance.now() - started).toBeLessThan(2_500);

    const quick = performance.now();
    // Each in a group of its own, and none waits for the lock again.
    for (let index = 1; index <= 10; index += 1) {
      expect(await logger.logMessage({ topic: `during ${index}` }).accepted).toMatchObject({
        stored: "spool",
      });
    }
    expect(performance.now() - quick).toBeLessThan(1_500);

    // Of a spooled message, of one in the same turn, of a stored one, and of none.
    expect(await logger.updateMessageStatus(during.message_uuid, "sent")).toBeNull();
    const same = logger.logMessage({ topic: "during 11" });
    expect(await logger.updateMessageStatus(same.message_uuid, "failed", { error_message: "x" })).toBeNull();
    const id = logger.startSession({ channel: "email" });
    await expect(logger.endSession(id)).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/is accepted/),
    });
    expect(await logger.updateMessageStatus(before.message_uuid, "delivered")).toBeNull();
    await expect(logger.updateMessageStatus(UNKNOWN, "sent")).rejects.toMatchObject({ code: "not_found" });
    expect((await logger.searchMessages()).messages.map(({ topic }) => topic)).toEqual(["before"]);

    expect(logger.storeProblem).toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/lock/),
    });
    const degraded = await logger.getDatabaseHealth();
    expect(degraded.status).toBe("degraded");
    expect(degraded.checks.spool).toMatchObject({ state: "warning", message: expect.stringMatching(/wait/) });
    expect(degraded.spool.records).toBeGreaterThan(12);

    holder.send("release");
    await eventually(() => expect(logger.storeProblem).toBeNull());
    // A new one goes straight into the database again.
    await eventually(async () =>
      expect(await logger.logMessage({ topic: "after" }).accepted).toMatchObject({ stored: "ledger" }),
    );
    expect(await logger.getDatabaseHealth()).toMatchObject({ status: "ok", spool: { records: 0, files: 0 } });
    expect(topics(dataDir).filter((topic) => topic !== "after")).toEqual([
      "before",
      ...Array.from({ length: 12 }, (_, index) => `during ${index}`),
    ]);
    expect((await logger.getMessage(during.message_uuid))?.message.status).toBe("sent");
    expect((await logger.getMessage(same.message_uuid))?.message).toMatchObject({
      status: "failed",
      error_message: "x",
      revision: 2,
    });
    expect((await logger.getMessage(before.message_uuid))?.message.status).toBe("delivered");
    expect((await logger.read("sessions.get", { session_id: id })).session.ended_ts).not.toBeNull();
    expect(spoolFiles(dataDir)).toEqual([]);
    expect(health).toEqual(["degraded", "ok"]);
    const texts = await systemLogTexts(logger);
    expect(texts.filter((text) => /write lock/.test(text))).toHaveLength(1);
    expect(texts.filter((text) => /takes records again/.test(text))).toHaveLength(1);
    inspect(dataDir, (database) => expect(rows(database, "SELECT * FROM spool_positions")).toEqual([]));
  });
});

it("a database that another program keeps to itself is waited for from the start on", {
  timeout: 20_000,
}, async () => {
  const before = openWriter();
  const known = messageEntry({ topic: "before" });
  await before.submit(known);
  await before.writer.close();
  const holder = startChild("hold-lock.ts", [databaseOf(before.dataDir), "alone"]);
  await holder.line((line) => line === "held");
  const logger = await openLogger(before.dataDir);
  expect(logger.storeProblem).toMatchObject({ message: expect.stringMatching(/lock/) });
  const during = logger.logMessage({ topic: "during" });
  expect(await during.accepted).toMatchObject({ stored: "spool" });
  expect(await logger.updateMessageStatus(during.message_uuid, "sent")).toBeNull();
  // Not even a look inside is possible: whether there are such messages can't be told, and no other record suffers.
  const started = performance.now();
  const reports = await Promise.allSettled([
    ...Array.from({ length: 50 }, () => logger.updateMessageStatus(known.message.message_uuid, "sent")),
    logger.logMessage({ topic: "beside" }).accepted,
  ]);
  expect(performance.now() - started).toBeLessThan(2_000);
  expect(reports.at(-1)).toMatchObject({ status: "fulfilled", value: { stored: "spool" } });
  expect(reports[0]).toMatchObject({ status: "rejected", reason: { code: "cannot_accept" } });
  holder.send("release");
  await eventually(() => expect(logger.storeProblem).toBeNull());
  await eventually(() => expect(topics(before.dataDir)).toEqual(["before", "during", "beside"]));
});

describe.concurrent("the database's file, while it is open,", () => {
  it("moved away: records wait until it is back", { timeout: 15_000 }, async () => {
    const { submit, writer, dataDir } = openWriter();
    await submit(messageEntry({ topic: "a" }));
    const file = databaseOf(dataDir);
    for (const companion of ["", "-wal", "-shm"]) renameSync(file + companion, `${file}.away${companion}`);
    expect(await submit(messageEntry({ topic: "b" }))).toEqual([{ outcome: "spooled" }]);
    expect(writer.state().trouble).toMatchObject({ kind: "gone" });
    expect(existsSync(file)).toBe(false);
    for (const companion of ["", "-wal", "-shm"]) renameSync(`${file}.away${companion}`, file + companion);
    await eventually(() => expect(writer.state()).toMatchObject({ trouble: null, spooled: 0 }));
    expect(topics(dataDir)).toEqual(["a", "b"]);
  });

  it("replaced by another ledger: the same record is accepted there", async () => {
    const { submit, dataDir } = openWriter();
    await submit(messageEntry({ topic: "a" }));
    const other = openWriter();
    await other.submit(messageEntry({ topic: "other" }));
    await other.writer.close();
    const file = databaseOf(dataDir);
    for (const companion of ["-wal", "-shm"]) rmSync(file + companion);
    renameSync(databaseOf(other.dataDir), file);
    expect(await submit(messageEntry({ topic: "b" }))).toEqual([{ outcome: "new" }]);
    expect(topics(dataDir)).toEqual(["other", "b"]);
  });

  it("deleted: records wait, and the next start takes them", async () => {
    const first = openWriter();
    await first.submit(messageEntry({ topic: "a" }));
    for (const companion of ["", "-wal", "-shm"]) rmSync(databaseOf(first.dataDir) + companion);
    const entry = messageEntry({ topic: "b" });
    expect(await first.submit(entry, statusEntry(entry.message.message_uuid, "sent"))).toEqual([
      { outcome: "spooled" },
      { outcome: "spooled" },
    ]);
    await first.writer.close();
    const second = openWriter(first.dataDir);
    await eventually(() => expect(second.writer.state()).toMatchObject({ trouble: null, spooled: 0 }));
    expect(topics(first.dataDir)).toEqual(["b"]);
  });

  it("taken away with the whole folder: none is made in its place, and records wait elsewhere until it is back", async () => {
    const { submit, dataDir, writer } = openWriter(join(temporaryDirectory(), "data"));
    await submit(messageEntry({ topic: "a" }));
    renameSync(dataDir, `${dataDir}.away`);
    expect(await submit(messageEntry({ topic: "b" }))).toEqual([{ outcome: "spooled" }]);
    expect(await submit(messageEntry({ topic: "c" }))).toEqual([{ outcome: "spooled" }]);
    expect(writer.state().spooledMessages).toBe(2);
    expect(existsSync(dataDir)).toBe(false);
    renameSync(`${dataDir}.away`, dataDir);
    await eventually(() => expect(writer.state()).toMatchObject({ trouble: null, spooled: 0 }));
    expect(topics(dataDir)).toEqual(["a", "b", "c"]);
  });
});

describe("a data folder that can't be used", () => {
  it("is stood in for by the user's home, and has the records once it can", { timeout: 15_000 }, async () => {
    const home = ownHome();
    writeFileSync(join(home, "occupied"), "a file where the folder should be");
    const dataDir = join(home, "occupied", "data");
    const logger = await openLogger(dataDir);
    expect(logger.storeProblem).toMatchObject({ code: "unavailable" });
    expect(await logger.logMessage({ topic: "a" }).accepted).toMatchObject({ stored: "spool" });
    const health = await logger.getDatabaseHealth();
    expect(health.status).toBe("degraded");
    expect(health.spool.directory).toContain(join(home, "home"));
    await expect(logger.searchMessages()).rejects.toMatchObject({ code: "unavailable" });
    rmSync(join(home, "occupied"));
    await eventually(() => expect(logger.storeProblem).toBeNull());
    await eventually(async () => expect(await countMessages(logger)).toBe(1));
    expect(await logger.logMessage({ topic: "b" }).accepted).toMatchObject({ stored: "ledger" });
  });

  it.skipIf(process.getuid?.() !== 0)("is stood in for by no folder of someone else's", async () => {
    const home = ownHome();
    writeFileSync(join(home, "home"), "");
    writeFileSync(join(home, "occupied"), "");
    const { writer, submit } = openWriter(join(home, "occupied", "data"));
    await submit(messageEntry());
    const { spoolDirectory } = writer.state();
    expect(spoolDirectory.startsWith(join(home, "waybill-spool-"))).toBe(true);
    rmSync(spoolDirectory, { recursive: true });
    mkdirSync(spoolDirectory);
    chownSync(spoolDirectory, 12_345, 12_345);
    await expect(submit(messageEntry())).rejects.toMatchObject({ code: "cannot_accept" });
    expect(readdirSync(spoolDirectory)).toEqual([]);
  });
});

describe.concurrent("a spool file", () => {
  const entries = Array.from({ length: 5 }, (_, index) => messageEntry({ topic: `m${index}` }));

  it("torn at its end is replayed up to there", async () => {
    const dataDir = temporaryDirectory();
    const path = abandonedSpool(dataDir, entries);
    truncateSync(path, readFileSync(path).length - 10);
    const { writer } = openWriter(dataDir);
    await eventually(() => expect(writer.state().spooled + spoolFiles(dataDir).length).toBe(0));
    expect(topics(dataDir)).toEqual(["m0", "m1", "m2", "m3"]);
    expect(existsSync(ledgerPaths(dataDir).quarantine)).toBe(false);
  });

  it("with a flipped byte in its middle loses that record alone, which is set aside and told", async () => {
    const dataDir = temporaryDirectory();
    const path = abandonedSpool(dataDir, entries);
    const bytes = readFileSync(path);
    const place = bytes.indexOf('"m2"') + 1;
    bytes[place] = (bytes[place] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const { writer } = openWriter(dataDir);
    await eventually(() => expect(spoolFiles(dataDir)).toEqual([]));
    expect(topics(dataDir)).toEqual(["m0", "m1", "m3", "m4"]);
    const { quarantine } = ledgerPaths(dataDir);
    const [kept = ""] = readdirSync(quarantine);
    const damaged = readFileSync(join(quarantine, kept), "utf8");
    expect(damaged.trim().split("\n")).toHaveLength(1);
    expect(damaged).toContain('"l2"');
    await eventually(() =>
      inspect(dataDir, (database) =>
        expect(rows(database, "SELECT level, message FROM system_logs")).toEqual([
          {
            level: "error",
            message: expect.stringMatching(/^1 records in the spool were damaged on the disk/),
          },
        ]),
      ),
    );
    expect(writer.state()).toMatchObject({ trouble: null, spooled: 0, spoolFiles: 0 });
  });

  it("ends after some MiB, so that the disk gets their room back, and the next comes after it", async () => {
    const dataDir = temporaryDirectory();
    mkdirSync(dataDir, { recursive: true });
    const queue = new SpoolQueue(ledgerPaths(dataDir), nextOwner());
    const body = "x".repeat(500_000);
    for (let index = 0; index < 40; index += 1)
      queue.append([messageEntry({ topic: `${index}`, message_data: { body } })]);
    queue.close();
    const files = spoolFiles(dataDir);
    expect(files).toHaveLength(3);
    for (const path of files) expect(readFileSync(path).length).toBeLessThan(9_000_000);
    openWriter(dataDir);
    await eventually(() => expect(spoolFiles(dataDir)).toEqual([]));
    expect(topics(dataDir)).toEqual(Array.from({ length: 40 }, (_, index) => `${index}`));
  });

  it("with a report about nothing keeps it aside and says so", async () => {
    const dataDir = temporaryDirectory();
    abandonedSpool(dataDir, [...entries, statusEntry(UNKNOWN, "sent")]);
    openWriter(dataDir);
    await eventually(() => expect(spoolFiles(dataDir)).toEqual([]));
    const { quarantine } = ledgerPaths(dataDir);
    const [kept = ""] = readdirSync(quarantine);
    expect(readFileSync(join(quarantine, kept), "utf8")).toContain(UNKNOWN);
    await eventually(() =>
      inspect(dataDir, (database) =>
        expect(rows(database, "SELECT message FROM system_logs")).toEqual([
          { message: expect.stringMatching(/^1 records in the spool have no place/) },
        ]),
      ),
    );
  });

  it("of a process that died is taken over, what is in already is not doubled", async () => {
    const dataDir = temporaryDirectory();
    const before = openWriter(dataDir);
    await before.submit(...entries.slice(0, 2));
    await before.writer.close();
    // No process has so high a number.
    abandonedSpool(dataDir, entries, 99_999_999);
    const { writer, submit } = openWriter(dataDir);
    const [, , third] = entries;
    // Known before it is replayed.
    const [result] = await submit(statusEntry(third?.message.message_uuid ?? "", "sent"));
    expect(["spooled", "changed"]).toContain(result?.outcome);
    await eventually(() =>
      expect(writer.state()).toMatchObject({ trouble: null, spooled: 0, spoolFiles: 0 }),
    );
    expect(topics(dataDir)).toEqual(["m0", "m1", "m2", "m3", "m4"]);
    expect(spoolFiles(dataDir)).toEqual([]);
  });

  it("of a living process is left alone", async () => {
    const dataDir = temporaryDirectory();
    const path = abandonedSpool(dataDir, entries, process.ppid);
    const { submit } = openWriter(dataDir);
    expect(await submit(messageEntry({ topic: "own" }))).toEqual([{ outcome: "new" }]);
    await pause(1_500);
    expect(readdirSync(ledgerPaths(dataDir).spool)).toHaveLength(1);
    expect(existsSync(path)).toBe(true);
    expect(topics(dataDir)).toEqual(["own"]);
  });

  it("that nobody touched for long is abandoned, whoever has its number now", () => {
    const file = {
      path: "",
      directory: "",
      key: "",
      created: Date.now(),
      pid: process.ppid,
      owner: "",
      touched: Date.now(),
    };
    expect(isAbandoned(file)).toBe(false);
    expect(isAbandoned({ ...file, touched: Date.now() - 60_000 })).toBe(true);
    expect(isAbandoned({ ...file, pid: 0 })).toBe(true);
    // Another logger in this very process, and a process before this one that had its number.
    expect(isAbandoned({ ...file, pid: process.pid })).toBe(false);
    expect(
      isAbandoned({ ...file, pid: process.pid, created: Date.now() - process.uptime() * 1000 - 10_000 }),
    ).toBe(true);
  });

  it("that was taken over under its writer loses nothing that the writer accepts after that", async () => {
    const dataDir = temporaryDirectory();
    const queue = new SpoolQueue(ledgerPaths(dataDir), nextOwner());
    queue.append(entries.slice(0, 2));
    const [path = ""] = spoolFiles(dataDir);
    // As to a process that can't see this one, such as one in another container.
    const long = new Date(Date.now() - 60_000);
    utimesSync(path, long, long);
    const { writer } = openWriter(dataDir);
    queue.append(entries.slice(2));
    await eventually(() => expect(topics(dataDir)).toEqual(["m0", "m1"]));
    queue.close();
    await eventually(() => expect(topics(dataDir)).toEqual(["m0", "m1", "m2", "m3", "m4"]));
    expect(writer.state().trouble).toBeNull();
  });

  it("of another logger in the same process goes on while that one lives", async () => {
    const dataDir = temporaryDirectory();
    const first = openWriter(dataDir);
    await first.submit(messageEntry({ topic: "first" }));
    const queue = new SpoolQueue(ledgerPaths(dataDir), nextOwner());
    queue.append(entries.slice(0, 1));
    await pause(1_500);
    queue.append(entries.slice(1));
    expect(spoolFiles(dataDir)).toHaveLength(1);
    queue.close();
    await eventually(() => expect(topics(dataDir)).toEqual(["first", "m0", "m1", "m2", "m3", "m4"]));
  });

  it("is not gathered by the thousand when it can't be written", async () => {
    const dataDir = temporaryDirectory();
    const queue = new SpoolQueue(ledgerPaths(dataDir), nextOwner());
    mkdirSync(ledgerPaths(dataDir).spool);
    // A record too long for any string: the write fails before its first byte.
    const bad = { ...messageEntry(), at: 1n } as unknown as Entry;
    for (let index = 0; index < 5; index += 1) expect(() => queue.append([bad])).toThrow();
    expect(spoolFiles(dataDir)).toEqual([]);
  });

  it("with more than a slice is replayed whole, and quickly", { timeout: 20_000 }, async () => {
    const dataDir = temporaryDirectory();
    const many = Array.from({ length: 12_000 }, (_, index) => messageEntry({ topic: `m${index}` }));
    abandonedSpool(dataDir, many);
    const { writer, submit } = openWriter(dataDir);
    expect(writer.state().spooled).toBe(12_000);
    // What comes meanwhile comes after it.
    await submit(messageEntry({ topic: "last" }));
    await eventually(() => expect(writer.state()).toMatchObject({ spooled: 0, spoolFiles: 0 }), 10_000);
    await eventually(() => {
      const all = topics(dataDir);
      expect(all).toHaveLength(12_001);
      expect(all.at(-1)).toBe("last");
      expect(all.slice(0, 3)).toEqual(["m0", "m1", "m2"]);
    });
  });

  it("shrinks under a load that never pauses", { timeout: 20_000 }, async () => {
    const dataDir = temporaryDirectory();
    abandonedSpool(
      dataDir,
      Array.from({ length: 5_000 }, () => messageEntry({ topic: "old" })),
    );
    const { writer } = openWriter(dataDir);
    let isOn = true;
    const load = (async () => {
      while (isOn) await writer.submit([messageEntry({ topic: "new" })]);
    })();
    await eventually(() => expect(writer.state()).toMatchObject({ spooled: 0, spoolFiles: 0 }), 15_000);
    isOn = false;
    await load;
  });

  it("of others is found under a load that never pauses", { timeout: 20_000 }, async () => {
    const dataDir = temporaryDirectory();
    const { writer } = openWriter(dataDir);
    let isOn = true;
    const load = (async () => {
      while (isOn) {
        await writer.submit([messageEntry({ topic: "new" })]);
        await pause(5);
      }
    })();
    await pause(100);
    abandonedSpool(dataDir, entries);
    await eventually(() => expect(spoolFiles(dataDir)).toEqual([]), 10_000);
    isOn = false;
    await load;
    expect(topics(dataDir).filter((topic) => topic !== "new")).toHaveLength(5);
  });

  it("is only what has the name of one", async () => {
    const dataDir = temporaryDirectory();
    mkdirSync(ledgerPaths(dataDir).spool, { recursive: true });
    appendFileSync(join(ledgerPaths(dataDir).spool, "notes.ndjson"), "hello\n");
    const { submit } = openWriter(dataDir);
    expect(await submit(messageEntry())).toEqual([{ outcome: "new" }]);
    expect(readdirSync(ledgerPaths(dataDir).spool)).toEqual(["notes.ndjson"]);
  });
});

it("messages in the spool show in nothing until they are in, and then in everything", async () => {
  const dataDir = temporaryDirectory();
  abandonedSpool(dataDir, [messageEntry({ topic: "x", session_id: "s" })]);
  const { writer } = openWriter(dataDir);
  await eventually(() => expect(writer.state().spooled).toBe(0));
  const database = openReader(dataDir);
  expect(rows(database, "SELECT total FROM sessions WHERE session_id = 's'")).toEqual([{ total: 1 }]);
});
