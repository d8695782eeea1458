import { readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ledgerPaths } from "../../src-main/ledger/data-dir.ts";
import { checkDatabase } from "../../src-main/ledger/task/verify.ts";
import {
  databaseOf,
  eventually,
  inspectFile,
  openLogger,
  rows,
  temporaryDirectory,
} from "../support/ledger.ts";
import { type Child, startChild } from "../support/processes.ts";

const SOUND = { damage: [], drift: [], chain: { groups: expect.any(Number), broken: null } };

function acknowledged(child: Child, from = 0): string[] {
  return child.lines.slice(from).flatMap((line) => /^([0-9a-f-]{36}) /.exec(line)?.[1] ?? []);
}

async function moreLines(child: Child, count: number): Promise<void> {
  const enough = child.lines.length + count;
  await eventually(() => expect(child.lines.length).toBeGreaterThan(enough), 10_000);
}

function uuidsIn(file: string): string[] {
  return inspectFile(file, (database) =>
    rows<{ message_uuid: string }>(database, "SELECT message_uuid FROM message_logs").map(
      (row) => row.message_uuid,
    ),
  );
}

async function stop(child: Child): Promise<void> {
  child.send("stop");
  expect(await child.ended).toBe(0);
}

describe("two processes on one ledger", () => {
  it("both log, and read what the other logged", { timeout: 30_000 }, async () => {
    const dataDir = temporaryDirectory();
    const logger = await openLogger(dataDir);
    const children = [
      startChild("log-forever.ts", [dataDir, "a"]),
      startChild("log-forever.ts", [dataDir, "b"]),
    ];
    const own: string[] = [];
    for (const child of children) await child.line((line) => line.endsWith(" ledger"));
    for (let index = 0; index < 200; index += 1) {
      const { message_uuid, accepted } = logger.logMessage({ topic: "own", session_id: "shared" });
      await accepted;
      own.push(message_uuid);
    }
    for (const child of children) await stop(child);
    const all = [...own, ...children.flatMap((child) => acknowledged(child))];
    await eventually(() => {
      const stored = uuidsIn(databaseOf(dataDir));
      expect(new Set(stored).size).toBe(stored.length);
      expect(all.filter((uuid) => !stored.includes(uuid))).toEqual([]);
    });
    expect(checkDatabase(databaseOf(dataDir))).toEqual(SOUND);
  });

  it("go on with the restored ledger when one of them restores", { timeout: 40_000 }, async () => {
    const dataDir = temporaryDirectory();
    const logger = await openLogger(dataDir);
    const child = startChild("log-forever.ts", [dataDir, "theirs"]);
    await child.line((line) => line.endsWith(" ledger"));
    await moreLines(child, 100);
    const { file } = await logger.backupDatabase();
    const kept: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      await moreLines(child, 100);
      kept.push((await logger.restoreDatabase(file)).kept);
    }
    // What it prints from now on it has accepted after the last restore.
    await moreLines(child, 60);
    const from = child.lines.length;
    await moreLines(child, 200);
    await stop(child);
    const ours = logger.logMessage({ topic: "ours" });
    await ours.accepted;
    await eventually(async () => expect((await logger.getDatabaseHealth()).spool.files).toBe(0));
    const now = new Set(uuidsIn(databaseOf(dataDir)));
    expect(acknowledged(child, from).filter((uuid) => !now.has(uuid))).toEqual([]);
    expect(now.has(ours.message_uuid)).toBe(true);
    // All the rest is in one of the ledgers that were kept.
    const anywhere = new Set([...now, ...[file, ...kept].flatMap((each) => uuidsIn(each))]);
    expect(acknowledged(child).filter((uuid) => !anywhere.has(uuid))).toEqual([]);
    expect(checkDatabase(databaseOf(dataDir))).toEqual(SOUND);
    for (const each of kept) expect(checkDatabase(each)).toEqual(SOUND);
  });

  it("set a damaged ledger aside once, and lose nothing that they accepted", {
    timeout: 40_000,
  }, async () => {
    const dataDir = temporaryDirectory();
    const logger = await openLogger(dataDir);
    const child = startChild("log-forever.ts", [dataDir, "theirs"]);
    await child.line((line) => line.endsWith(" ledger"));
    await moreLines(child, 200);
    // As a repair does with a damaged one; the rows are whole here, so that all of them must come back.
    const { WriterLink } = await import("../../src-main/ledger/writer-link.ts");
    const link = new WriterLink(ledgerPaths(dataDir), { onState: () => {}, onDamage: () => {} });
    await link.ready();
    const file = (await link.call("setAside", undefined)) ?? "";
    await moreLines(child, 100);
    await link.call("salvage", { file });
    await link.close();
    await moreLines(child, 100);
    await stop(child);
    await logger.logMessage({}).accepted;
    await eventually(async () => expect((await logger.getDatabaseHealth()).spool.files).toBe(0));
    const stored = uuidsIn(databaseOf(dataDir));
    expect(new Set(stored).size).toBe(stored.length);
    expect(acknowledged(child).filter((uuid) => !stored.includes(uuid))).toEqual([]);
    const { quarantine } = ledgerPaths(dataDir);
    expect(readdirSync(quarantine).filter((name) => name.endsWith(".db"))).toHaveLength(1);
    expect(uuidsIn(join(quarantine, readdirSync(quarantine)[0] ?? "")).length).toBeGreaterThan(0);
    expect(checkDatabase(databaseOf(dataDir))).toEqual(SOUND);
  });

  it("that both find the damage at their start set it aside once", { timeout: 30_000 }, async () => {
    const dataDir = temporaryDirectory();
    const made = await openLogger(dataDir);
    await made.logMessages(Array.from({ length: 300 }, () => ({})));
    await made.close();
    const { openSync, writeSync, closeSync } = await import("node:fs");
    const descriptor = openSync(databaseOf(dataDir), "r+");
    writeSync(descriptor, Buffer.alloc(4_096, 0x5a), 0, 4_096, 0);
    closeSync(descriptor);
    const children = ["a", "b", "c"].map((name) => startChild("log-forever.ts", [dataDir, name]));
    for (const child of children) await child.line((line) => /^[0-9a-f-]{36} /.test(line));
    for (const child of children) await moreLines(child, 40);
    for (const child of children) await stop(child);
    const logger = await openLogger(dataDir);
    const all = children.flatMap((child) => acknowledged(child));
    await eventually(async () => {
      const stored = uuidsIn(databaseOf(dataDir));
      expect(all.filter((uuid) => !stored.includes(uuid))).toEqual([]);
      expect((await logger.getDatabaseHealth()).spool.files).toBe(0);
      expect((await logger.read("messages.count", { q: "" })).count).toBe(300 + all.length);
    }, 10_000);
    expect(checkDatabase(databaseOf(dataDir))).toEqual(SOUND);
  });
});
