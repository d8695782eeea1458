import { copyFileSync, readFileSync, renameSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { DamagedLogError, LogAwayError } from "../../src-main/ledger/sqlite-errors.ts";
import { assertLogHolds, committedPages } from "../../src-main/ledger/writer/wal-file.ts";
import { databaseOf, inspectFile, rows, temporaryDirectory } from "../support/ledger.ts";
import { messageEntry, openWriter } from "../support/writer.ts";

const FRAME = 4_096 + 24;
const HEADER = 32;

/** The files of a ledger as a crash leaves them, with some commits in the log. */
async function crashed(): Promise<string> {
  const { dataDir, submit } = openWriter();
  for (let index = 0; index < 5; index += 1) await submit(messageEntry({ topic: `t${index}` }));
  const copy = join(temporaryDirectory(), "ledger.db");
  for (const companion of ["", "-wal"]) copyFileSync(databaseOf(dataDir) + companion, copy + companion);
  return copy;
}

function frames(log: Buffer): number {
  return Math.floor((log.length - HEADER) / FRAME);
}

function scribble(file: string, frame: number): void {
  const log = readFileSync(`${file}-wal`);
  log.fill(0xa5, HEADER + frame * FRAME + 100, HEADER + frame * FRAME + 200);
  writeFileSync(`${file}-wal`, log);
}

it("holds as SQLite wrote it, whole or with a torn end", async () => {
  const file = await crashed();
  expect(() => assertLogHolds(file)).not.toThrow();
  const log = readFileSync(`${file}-wal`);
  truncateSync(`${file}-wal`, log.length - 5_000);
  expect(() => assertLogHolds(file)).not.toThrow();
  expect(() => assertLogHolds(`${file}.none`)).not.toThrow();
});

it("is told broken where commits lie behind a frame that does not hold", async () => {
  const file = await crashed();
  scribble(file, 3);
  expect(() => assertLogHolds(file)).toThrow(DamagedLogError);
});

it("is not told broken for the last commit, which a power cut may have torn", async () => {
  const file = await crashed();
  scribble(file, frames(readFileSync(`${file}-wal`)) - 2);
  expect(() => assertLogHolds(file)).not.toThrow();
});

it("gives all pages but those of the damaged frames", async () => {
  const file = await crashed();
  const log = readFileSync(`${file}-wal`);
  const all = committedPages(log);
  scribble(file, frames(log) - 1);
  const left = committedPages(readFileSync(`${file}-wal`));
  expect(all.size).toBeGreaterThan(5);
  // The last frame is the commit of the last group: the pages of that group have older versions.
  expect([...left.keys()].every((page) => all.has(page))).toBe(true);
  expect(left.size).toBeGreaterThan(all.size / 2);
});

it("is told to be cut where it is shorter than SQLite has written it", async () => {
  const { dataDir, submit, writer } = openWriter();
  await submit(messageEntry());
  await submit(messageEntry());
  const { length } = readFileSync(`${databaseOf(dataDir)}-wal`);
  expect(() => writer.requireStore().assertLogWhole()).not.toThrow();
  truncateSync(`${databaseOf(dataDir)}-wal`, length - FRAME);
  expect(() => writer.requireStore().assertLogWhole()).toThrow(DamagedLogError);
});

it("is away, and not damaged, while it is not where it was, and whole once it is put back", async () => {
  const { dataDir, submit, writer } = openWriter();
  await submit(messageEntry());
  const log = `${databaseOf(dataDir)}-wal`;
  const store = writer.requireStore();
  renameSync(log, `${log}.away`);
  expect(() => store.assertLogWhole()).toThrow(LogAwayError);
  // Another program has begun a second one.
  writeFileSync(log, "");
  expect(() => store.assertLogWhole()).toThrow(LogAwayError);
  renameSync(`${log}.away`, log);
  expect(() => store.assertLogWhole()).not.toThrow();
});

it("is all in the database once it was taken away, so that nothing depends on its return", async () => {
  const { dataDir, submit, writer } = openWriter();
  await submit(messageEntry());
  const log = `${databaseOf(dataDir)}-wal`;
  renameSync(log, `${log}.away`);
  writer.store?.rescueLog();
  expect(statSync(`${log}.away`).size).toBe(0);
  const copy = join(temporaryDirectory(), "ledger.db");
  copyFileSync(databaseOf(dataDir), copy);
  expect(inspectFile(copy, (database) => rows(database, "SELECT seq FROM message_logs"))).toHaveLength(1);
  renameSync(`${log}.away`, log);
});
