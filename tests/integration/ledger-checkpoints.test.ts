import { statSync } from "node:fs";
import Database from "better-sqlite3";
import { expect, it } from "vitest";
import type { MessageLogger } from "../../src-main/ledger/message-logger.ts";
import { checkDatabase } from "../../src-main/ledger/task/verify.ts";
import { cleanUp, countMessages, databaseOf, eventually, openLogger } from "../support/ledger.ts";

const MIB = 1024 * 1024;

function logBytes(logger: MessageLogger): number {
  return statSync(`${databaseOf(logger.dataDir)}-wal`, { throwIfNoEntry: false })?.size ?? 0;
}

async function fill(logger: MessageLogger, count: number): Promise<void> {
  for (let done = 0; done < count; done += 500) {
    const list = Array.from({ length: 500 }, () => ({ message_data: { text: "x".repeat(2_000) } }));
    expect(await logger.logMessages(list)).toMatchObject({ accepted: 500 });
  }
}

it("keep the write-ahead log short under records that never pause, and empty it after them", {
  timeout: 60_000,
}, async () => {
  const logger = await openLogger();
  let longest = 0;
  for (let round = 0; round < 30; round += 1) {
    await fill(logger, 1_000);
    longest = Math.max(longest, logBytes(logger));
  }
  // All that was written is several times as much.
  expect(longest).toBeLessThan(90 * MIB);
  expect(await countMessages(logger)).toBe(30_000);
  await eventually(() => expect(logBytes(logger)).toBe(0), 20_000);
  expect(statSync(databaseOf(logger.dataDir)).size).toBeGreaterThan(60 * MIB);
});

it("are held up by a long reader, and made up for right after it", { timeout: 60_000 }, async () => {
  const logger = await openLogger();
  await fill(logger, 1_000);
  const reader = new Database(databaseOf(logger.dataDir), { readonly: true });
  cleanUp(() => void reader.close());
  reader.exec("BEGIN");
  expect(reader.prepare("SELECT count(*) FROM message_logs").pluck().get()).toBe(1_000);
  await fill(logger, 5_000);
  expect(logBytes(logger)).toBeGreaterThan(8 * MIB);
  expect((await logger.getDatabaseHealth()).checks.wal).toMatchObject({ unit: "bytes", state: "ok" });
  // Records are accepted without waiting for it.
  const started = performance.now();
  expect(await logger.logMessage({}).accepted).toMatchObject({ stored: "ledger" });
  expect(performance.now() - started).toBeLessThan(2_000);
  expect(reader.prepare("SELECT count(*) FROM message_logs").pluck().get()).toBe(1_000);
  reader.exec("COMMIT");
  await eventually(() => expect(logBytes(logger)).toBe(0), 20_000);
  await logger.close();
  expect(checkDatabase(databaseOf(logger.dataDir))).toMatchObject({ damage: [], drift: [] });
});
