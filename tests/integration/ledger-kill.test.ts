import { setTimeout as pause } from "node:timers/promises";
import { expect, it } from "vitest";
import { checkDatabase } from "../../src-main/ledger/task/verify.ts";
import { databaseOf, inspect, openLogger, rows, temporaryDirectory } from "../support/ledger.ts";
import { startChild } from "../support/processes.ts";

const ROUNDS = 3;

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
