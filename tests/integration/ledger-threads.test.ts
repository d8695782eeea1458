import { setTimeout as pause } from "node:timers/promises";
import type { Worker } from "node:worker_threads";
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest";
import { MessageLogger } from "../../src-main/ledger/message-logger.ts";
import { checkDatabase } from "../../src-main/ledger/task/verify.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import {
  countMessages,
  databaseOf,
  eventually,
  inspect,
  openLogger,
  ownHome,
  rows,
  temporaryDirectory,
} from "../support/ledger.ts";
import { startChild } from "../support/processes.ts";

// Every thread that the ledger starts, so that a test can end one the way a crash does: unasked, at any moment.
const { workers, startup } = vi.hoisted(() => ({
  workers: [] as { name: string; worker: Worker }[],
  startup: { fails: false },
}));
vi.mock("node:worker_threads", async (importOriginal) => {
  const actual = await importOriginal<typeof import("node:worker_threads")>();
  class KnownWorker extends actual.Worker {
    constructor(...[file, options]: ConstructorParameters<typeof actual.Worker>) {
      super(
        startup.fails ? new URL("data:text/javascript,throw new Error('no SQLite here')") : file,
        options,
      );
      workers.push({ name: options?.name ?? "", worker: this });
    }
  }
  return { ...actual, Worker: KnownWorker };
});

beforeEach(() => {
  workers.length = 0;
  startup.fails = false;
});

async function kill(name: "ledger-writer" | "ledger-reader"): Promise<void> {
  await workers.findLast((started) => started.name === name)?.worker.terminate();
}

const killWriter = (): Promise<void> => kill("ledger-writer");

describe("a read that nobody waits for any more", () => {
  it("ends with its next step, and others go on", async () => {
    const logger = await openLogger();
    const records = Array.from({ length: 1_000 }, (_, index) => ({ message_data: { index } }));
    for (let list = 0; list < 45; list += 1) await logger.logMessages(records);
    const gone = new AbortController();
    // Of three steps, the first of which is under way when it is given up.
    const count = logger.read("messages.count", { q: "data.index:7" }, gone.signal);
    gone.abort();
    await expect(count).rejects.toMatchObject({ code: "cancelled" });
    expect(await countMessages(logger, "data.index:7")).toBe(45);
  });
});

describe("a writer's thread that dies", () => {
  it("loses nothing and doubles nothing, in whatever it is in the middle of", {
    timeout: 30_000,
  }, async () => {
    const logger = await openLogger();
    const logged: { message_uuid: string; accepted: Promise<unknown> }[] = [];
    const updates: Promise<unknown>[] = [];
    for (let round = 0; round < 5; round += 1) {
      for (let index = 0; index < 1_500; index += 1) {
        const each = logger.logMessage({ topic: `round ${round}`, session_id: `s${round}` });
        logged.push(each);
        if (index % 10 === 0) updates.push(logger.updateMessageStatus(each.message_uuid, "sent"));
      }
      await pause(5 * round);
      await killWriter();
      // The next thread is at work again, with this round's rest, when it dies too.
      await logged.at(-1_500)?.accepted;
    }
    await Promise.all(logged.map(({ accepted }) => accepted));
    await Promise.all(updates);
    expect(workers.filter(({ name }) => name === "ledger-writer")).toHaveLength(6);
    expect(await countMessages(logger)).toBe(7_500);
    const order = inspect(logger.dataDir, (database) => {
      expect(
        rows(
          database,
          "SELECT 1 FROM message_events GROUP BY message_uuid, status, ts, recorded_ts HAVING count(*) > 1",
        ),
      ).toEqual([]);
      expect(rows(database, "SELECT count(*) AS n FROM message_events WHERE status = 'sent'")).toEqual([
        { n: 750 },
      ]);
      return rows(database, "SELECT message_uuid FROM message_logs ORDER BY seq").map(
        (row) => row.message_uuid,
      );
    });
    expect(order).toEqual(logged.map(({ message_uuid }) => message_uuid));
    expect(checkDatabase(databaseOf(logger.dataDir))).toMatchObject({
      damage: [],
      drift: [],
      chain: { broken: null },
    });
  });

  it("leaves no lock behind, and the next one knows its spool", { timeout: 20_000 }, async () => {
    const logger = await openLogger();
    await logger.logMessage({ topic: "before" }).accepted;
    const holder = startChild("hold-lock.ts", [databaseOf(logger.dataDir), "immediate"]);
    await holder.line((line) => line === "held");
    const { message_uuid, accepted } = logger.logMessage({ topic: "during" });
    expect(await accepted).toMatchObject({ stored: "spool" });
    await killWriter();
    // Known to the new thread, though no database has it.
    expect(await logger.updateMessageStatus(message_uuid, "sent")).toBeNull();
    holder.send("release");
    await eventually(async () =>
      expect((await logger.getMessage(message_uuid))?.message.status).toBe("sent"),
    );
    await eventually(async () =>
      expect(await logger.logMessage({}).accepted).toMatchObject({ stored: "ledger" }),
    );
  });

  it("in the middle of a commit leaves the database free", { timeout: 20_000 }, async () => {
    const logger = await openLogger();
    for (let round = 0; round < 3; round += 1) {
      const list = logger.logMessages(
        Array.from({ length: 5_000 }, () => ({ message_data: { text: "x".repeat(500) } })),
      );
      await pause(40 + 30 * round);
      await killWriter();
      expect(await list).toMatchObject({ accepted: 5_000, rejected: [] });
    }
    expect(await countMessages(logger)).toBe(15_000);
    expect(logger.storeProblem).toBeNull();
  });

  it("ends what was not a record with a clear error, and health goes on", async () => {
    const logger = await openLogger();
    await logger.logMessages(
      Array.from({ length: 3_000 }, () => ({ message_data: { text: "x".repeat(2_000) } })),
    );
    const backup = logger.backupDatabase({ onProgress: () => void killWriter() });
    await expect(backup).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(/started again/),
    });
    expect(await logger.getDatabaseHealth()).toMatchObject({ status: "ok" });
    expect(await logger.backupDatabase()).toMatchObject({ file: expect.any(String) });
  });

  it("each time it is given a record is given up on in the end, and taken up again", {
    timeout: 20_000,
  }, async () => {
    const logger = await openLogger();
    // Each thread dies before it has even started.
    let killed = 0;
    const killer = setInterval(() => {
      if (workers.length === killed) return;
      killed = workers.length;
      void killWriter();
    }, 1);
    onTestFinished(() => clearInterval(killer));
    await vi.waitFor(() => expect(killed).toBeGreaterThan(0));
    await expect(logger.logMessage({}).accepted).rejects.toMatchObject({
      code: "cannot_accept",
      message: expect.stringMatching(/keeps stopping/),
      cause: expect.any(Error),
    });
    clearInterval(killer);
    // Not a new thread for every look: there are pauses between.
    expect(workers.length).toBeLessThan(20);
    expect(killed).toBeGreaterThan(1);
    await eventually(
      async () => expect(await logger.logMessage({}).accepted).toMatchObject({ stored: "ledger" }),
      8_000,
    );
  });
});

it("a thread that can't even start fails the opening with its reason, and is not started for ever", async () => {
  startup.fails = true;
  const dataDir = temporaryDirectory();
  await expect(MessageLogger.open({ dataDir })).rejects.toMatchObject({
    code: "cannot_accept",
    message: expect.stringMatching(/no SQLite here/),
  });
  const started = workers.length;
  expect(started).toBeLessThan(5);
  await pause(1_000);
  expect(workers.length).toBe(started);
});

it("a reader's thread that dies is started again by the next read", async () => {
  const logger = await openLogger();
  await logger.logMessage({}).accepted;
  expect(await countMessages(logger)).toBe(1);
  const reading = logger.searchMessages();
  await kill("ledger-reader");
  await reading.then(
    () => {},
    (error) => expect(error).toMatchObject({ code: "unavailable" }),
  );
  expect(await countMessages(logger)).toBe(1);
});

describe("close", () => {
  it("settles all that is under way, once, and refuses what comes after it", {
    timeout: 20_000,
  }, async () => {
    const dataDir = temporaryDirectory();
    const logger = await MessageLogger.open({ dataDir });
    const logged = Array.from({ length: 3_000 }, (_, index) => logger.logMessage({ topic: `${index}` }));
    const list = logger.logMessages(Array.from({ length: 400 }, () => ({})));
    const off = logger.on("message.changed", () => {});
    const backup = logger.backupDatabase().catch((error: unknown) => error);
    const check = logger.getDatabaseHealth({ deep: true }).catch((error: unknown) => error);
    const read = logger.searchMessages().catch((error: unknown) => error);
    const chunks = logger.exportChunks({ format: "csv" });
    const first = chunks.next().catch((error: unknown) => error);
    const closed = logger.close();
    expect(logger.close()).toBe(closed);
    await closed;
    for (const { accepted } of logged) expect(await accepted).toMatchObject({ duplicate: false });
    expect(await list).toMatchObject({ accepted: 400 });
    for (const other of [backup, check, read, first]) {
      const outcome = await other;
      if (outcome instanceof Error)
        expect(outcome).toMatchObject({ name: "WaybillError", code: "unavailable" });
    }
    await logger.close();
    await logger[Symbol.asyncDispose]();

    await expect(logger.logMessage({}).accepted).rejects.toMatchObject({
      code: "cannot_accept",
      message: expect.stringMatching(/closed/),
    });
    const calls: (() => Promise<unknown>)[] = [
      () => logger.logMessages([{}]),
      () => logger.beginSession(),
      () => logger.endSession("s"),
      () => logger.updateMessageStatus("0198c0de-7000-7000-8000-000000000001", "sent"),
      () => logger.logSystemEvent({ component: "c", message: "m" }),
      () => logger.searchMessages(),
      () => logger.getMessage("0198c0de-7000-7000-8000-000000000001"),
      () => logger.getDatabaseHealth(),
      () => logger.getDatabaseHealth({ deep: true }),
      () => logger.backupDatabase(),
      () => logger.restoreDatabase(databaseOf(dataDir)),
      () => logger.repairDatabase(),
      () => logger.vacuumDatabase(),
      () => logger.deleteOldData({ days: 1 }),
      () => logger.exportData({ format: "csv" }),
    ];
    for (const call of calls) {
      const error: unknown = await call().then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(error, String(call)).toBeInstanceOf(WaybillError);
      expect((error as WaybillError).code, String(call)).toMatch(/^(cannot_accept|unavailable|invalid)$/);
    }
    await logger.flush();
    off();
    logger.on("message.changed", () => {})();
    inspect(dataDir, (database) =>
      expect(rows(database, "SELECT count(*) AS n FROM message_logs")).toEqual([{ n: 3_400 }]),
    );
    // The write-ahead log is empty, as after any tidy end.
    inspect(dataDir, (database) => expect(database.pragma("journal_mode", { simple: true })).toBe("wal"));
  });

  it("waits for no one who goes on logging", async () => {
    const logger = await openLogger();
    let isOn = true;
    const others = (async () => {
      while (isOn) {
        for (let index = 0; index < 20; index += 1) logger.logMessage({});
        await pause(0);
      }
    })();
    await pause(50);
    await Promise.race([
      logger.close(),
      pause(5_000).then(() => Promise.reject(new Error("it never closed"))),
    ]);
    isOn = false;
    await others;
  });

  it("in trouble leaves what waits to the next start", { timeout: 20_000 }, async () => {
    const dataDir = temporaryDirectory();
    const logger = await openLogger(dataDir);
    const holder = startChild("hold-lock.ts", [databaseOf(dataDir), "immediate"]);
    await holder.line((line) => line === "held");
    const { message_uuid, accepted } = logger.logMessage({});
    await accepted;
    const started = performance.now();
    await logger.close();
    expect(performance.now() - started).toBeLessThan(5_000);
    holder.send("release");
    await holder.ended;
    const next = await openLogger(dataDir);
    await eventually(async () => expect(await next.getMessage(message_uuid)).not.toBeNull());
  });

  it.each([
    ["a ledger in use", ""],
    ["a ledger that can't be opened", "broken"],
  ])("lets the program end by itself: %s", { timeout: 20_000 }, async (_, how) => {
    const home = ownHome();
    const child = startChild("open-and-close.ts", [how === "" ? temporaryDirectory() : "/dev/null/nowhere"]);
    expect(await Promise.race([child.ended, pause(15_000).then(() => "it never ended")])).toBe(0);
    expect(home).not.toBe("");
  });
});
