import { copyFileSync, existsSync, renameSync, rmSync, truncateSync } from "node:fs";
import { afterEach, expect, it, vi } from "vitest";
import { ledgerPaths } from "../../src-main/ledger/data-dir.ts";
import { openReadable } from "../../src-main/ledger/open.ts";
import { DamagedLogError, LogAwayError } from "../../src-main/ledger/sqlite-errors.ts";
import { checkDatabase } from "../../src-main/ledger/task/verify.ts";
import { Store } from "../../src-main/ledger/writer/store.ts";
import { databaseOf, eventually, inspect, rows, temporaryDirectory } from "../support/ledger.ts";
import { messageEntry, openWriter } from "../support/writer.ts";

const AWAITED_MS = 10_000;

afterEach(() => {
  vi.useRealTimers();
});

function topics(dataDir: string): unknown[] {
  return inspect(dataDir, (database) =>
    rows(database, "SELECT topic FROM message_logs ORDER BY seq").map(({ topic }) => topic),
  );
}

it("while the log is away records go to the spool, and in order to the database once it is back", async () => {
  const { dataDir, submit, writer, damaged } = openWriter();
  const log = `${databaseOf(dataDir)}-wal`;
  await submit(messageEntry({ topic: "before" }));
  renameSync(log, `${log}.away`);
  const [one] = await submit(messageEntry({ topic: "one" }));
  expect(one?.outcome).toBe("spooled");
  expect(writer.state()).toMatchObject({ trouble: { kind: "gone" }, spooled: 1 });
  await submit(messageEntry({ topic: "two" }));
  renameSync(`${log}.away`, log);
  await eventually(() => expect(writer.state()).toMatchObject({ trouble: null, spooled: 0 }));
  expect(topics(dataDir)).toEqual(["before", "one", "two"]);
  expect(damaged).toEqual([]);
  expect(checkDatabase(databaseOf(dataDir))).toMatchObject({
    damage: [],
    drift: [],
    chain: { broken: null },
  });
});

it("nobody begins a second log beside the one that is away, however long it stays there", async () => {
  const { dataDir, submit } = openWriter();
  const log = `${databaseOf(dataDir)}-wal`;
  await submit(messageEntry());
  renameSync(log, `${log}.away`);
  const paths = ledgerPaths(dataDir);
  expect(() => openReadable(paths.database)).toThrow(LogAwayError);
  expect(() => checkDatabase(paths.database)).toThrow(/Put it back/);
  expect(() => Store.open(paths, 20)).toThrow(LogAwayError);
  // Another connection has the database open, which has the log still.
  expect(() => Store.open(paths, 20, false)).toThrow(LogAwayError);
  expect(existsSync(log)).toBe(false);
  renameSync(`${log}.away`, log);
});

/** A ledger as a crash leaves it, whose log somebody then took away. */
async function withoutLog(): Promise<{ dataDir: string; log: string }> {
  const { dataDir, submit } = openWriter();
  await submit(messageEntry({ topic: "moved" }));
  const crashed = temporaryDirectory();
  for (const companion of ["", "-wal", "-shm"])
    copyFileSync(databaseOf(dataDir) + companion, databaseOf(crashed) + companion);
  const log = `${databaseOf(crashed)}-wal`;
  renameSync(log, `${log}.away`);
  return { dataDir: crashed, log };
}

it("a ledger without its log is not opened at its start, and goes on when the log is put back", async () => {
  const { dataDir, log } = await withoutLog();
  const { submit, writer } = openWriter(dataDir);
  const [first] = await submit(messageEntry({ topic: "new" }));
  expect(first?.outcome).toBe("spooled");
  expect(existsSync(log)).toBe(false);
  renameSync(`${log}.away`, log);
  await eventually(() => expect(writer.state()).toMatchObject({ trouble: null, spooled: 0 }));
  expect(topics(dataDir)).toEqual(["moved", "new"]);
});

it("a log that nobody puts back is waited for no longer than some seconds", async () => {
  const { dataDir, log } = await withoutLog();
  rmSync(`${log}.away`);
  vi.useFakeTimers({ toFake: ["Date"] });
  const { submit, writer } = openWriter(dataDir);
  await submit(messageEntry({ topic: "new" }));
  expect(writer.state().trouble?.kind).toBe("gone");
  vi.setSystemTime(Date.now() + AWAITED_MS + 1_000);
  await eventually(() => expect(writer.state()).toMatchObject({ trouble: null, spooled: 0 }));
  expect(topics(dataDir)).toEqual(["new"]);
});

it("a log that is shorter than its index tells is damaged, and an empty one may be another's", async () => {
  const { dataDir, submit } = openWriter();
  await submit(messageEntry());
  const paths = ledgerPaths(dataDir);
  truncateSync(`${paths.database}-wal`, 1_000);
  expect(() => Store.open(paths, 20)).toThrow(DamagedLogError);
  truncateSync(`${paths.database}-wal`);
  expect(() => Store.open(paths, 20)).toThrow(LogAwayError);
  expect(() => Store.open(paths, 20, false)).toThrow(DamagedLogError);
});
