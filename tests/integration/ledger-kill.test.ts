import { statSync, truncateSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import Database from "better-sqlite3";
import { expect, it } from "vitest";
import { checkDatabase } from "../../src-main/ledger/task/verify.ts";
import { databaseOf, inspect, openLogger, rows, temporaryDirectory } from "../support/ledger.ts";
import { startChild } from "../support/processes.ts";

const ROUNDS = 3;
/** Of a write-ahead log, in bytes. */
const LOG_HEADER = 32;
const FRAME = 24 + 4_096;

it("loses nothing that was acknowledged when it is killed under load, and doubles nothing", {
  timeout: 60_000,
}, async () => {
  const dataDir = temporaryDirectory();
  const acknowledged: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const child = startChild("log-forever.ts", [dataDir, `round-${round}`]);
    // In the second round the database is locked from the middle on, so that the spool is what is killed.
    const isSpooled = round % 2 === 1;
    const enough = (line: string): boolean => line.endsWith(" ledger");
    await child.line(enough);
    if (isSpooled) {
      const holder = startChild("hold-lock.ts", [databaseOf(dataDir), "immediate"]);
      await holder.line((line) => line === "held");
      await child.line((line) => line.endsWith(" spool"));
      await pause(100);
      child.process.kill("SIGKILL");
      await child.ended;
      holder.send("release");
      await holder.ended;
    } else {
      await pause(150 + 100 * round);
      child.process.kill("SIGKILL");
      await child.ended;
    }
    for (const line of child.lines) {
      const [, uuid] = /^([0-9a-f-]{36}) /.exec(line) ?? [];
      if (uuid !== undefined) acknowledged.push(uuid);
    }
  }
  expect(acknowledged.length).toBeGreaterThan(50 * ROUNDS);
  const logger = await openLogger(dataDir);
  await expect.poll(async () => (await logger.getDatabaseHealth()).spool.files, { timeout: 20_000 }).toBe(0);
  const stored = inspect(dataDir, (database) =>
    rows<{ message_uuid: string; n: number }>(
      database,
      "SELECT message_uuid, count(*) AS n FROM message_logs GROUP BY 1",
    ),
  );
  const counts = new Map(stored.map(({ message_uuid, n }) => [message_uuid, n]));
  expect(acknowledged.filter((uuid) => counts.get(uuid) !== 1)).toEqual([]);
  expect(checkDatabase(databaseOf(dataDir))).toEqual({
    damage: [],
    drift: [],
    chain: { groups: expect.any(Number), broken: null },
  });
  inspect(dataDir, (database) => {
    const doubled = rows(
      database,
      "SELECT message_uuid FROM message_events GROUP BY message_uuid, status, ts, recorded_ts HAVING count(*) > 1",
    );
    expect(doubled).toEqual([]);
  });
});

it("loses nothing where a log lost its end that was in the database already", {
  timeout: 60_000,
}, async () => {
  const dataDir = temporaryDirectory();
  const child = startChild("log-forever.ts", [dataDir, "cut"]);
  await child.line((line) => line.endsWith(" ledger"));
  const file = databaseOf(dataDir);
  // A reader keeps the log as long as it is.
  const reader = new Database(file, { readonly: true });
  reader.exec("BEGIN; SELECT count(*) FROM message_logs");
  await pause(700);
  child.process.kill("SIGKILL");
  await child.ended;
  reader.exec("COMMIT; SELECT count(*) FROM message_logs");
  const mover = new Database(file);
  const [moved] = mover.pragma("wal_checkpoint(PASSIVE)") as { log: number; checkpointed: number }[];
  expect(moved?.log).toBeGreaterThan(20);
  expect(moved?.checkpointed).toBe(moved?.log);
  mover.close();
  // The last to close moves the log and empties it, but for one that only reads.
  reader.close();
  const log = `${file}-wal`;
  expect(statSync(log).size).toBeGreaterThan((moved?.log ?? 0) * FRAME);
  truncateSync(log, LOG_HEADER + FRAME * Math.floor((moved?.log ?? 0) / 2));

  const logger = await openLogger(dataDir);
  const acknowledged = child.lines.flatMap((line) => /^([0-9a-f-]{36}) /.exec(line)?.[1] ?? []);
  expect(acknowledged.length).toBeGreaterThan(50);
  const missing = async (): Promise<string[]> => {
    const found = await Promise.all(acknowledged.map((uuid) => logger.getMessage(uuid)));
    return acknowledged.filter((_uuid, index) => found[index] === null);
  };
  await expect.poll(missing, { timeout: 20_000 }).toEqual([]);
  expect((await logger.getDatabaseHealth({ deep: true })).last_check_ok).toBe(true);
});
