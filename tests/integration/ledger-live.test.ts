import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { LiveFeed } from "../../src-main/ledger/live-feed.ts";
import type { EventData } from "../../src-shared/contract/index.ts";
import { databaseOf, eventually, openLogger, temporaryDirectory } from "../support/ledger.ts";
import { startChild } from "../support/processes.ts";

type Change = EventData<"message.changed">;

describe("following the ledger", () => {
  it("tells every change in order, once, from the moment one listens", { timeout: 20_000 }, async () => {
    const logger = await openLogger();
    await logger.logMessage({ topic: "before" }).accepted;
    const changes: Change[] = [];
    const off = logger.on("message.changed", (change) => changes.push(change));
    // In the same turn: nothing that is accepted after the subscription may be missed.
    const first = logger.logMessage({ topic: "0" });
    await first.accepted;
    for (let index = 1; index < 700; index += 1) logger.logMessage({ topic: String(index) });
    await logger.updateMessageStatus(first.message_uuid, "sent");
    await eventually(() => expect(changes).toHaveLength(701));
    await pause(600);
    expect(changes).toHaveLength(701);
    expect(changes.slice(0, 700).map(({ message }) => message.topic)).toEqual(
      Array.from({ length: 700 }, (_, index) => String(index)),
    );
    expect(changes.at(-1)?.message).toMatchObject({ topic: "0", status: "sent", revision: 2 });
    const ids = changes.map(({ change_id }) => change_id ?? 0);
    expect(ids).toEqual(ids.toSorted((a, b) => a - b));
    off();
    await logger.logMessage({ topic: "after" }).accepted;
    await pause(100);
    expect(changes).toHaveLength(701);
  });

  it("tells those of other processes too", { timeout: 20_000 }, async () => {
    const dataDir = temporaryDirectory();
    const logger = await openLogger(dataDir);
    const topics: (string | null)[] = [];
    logger.on("message.changed", ({ message }) => topics.push(message.topic));
    const child = startChild("log-forever.ts", [dataDir, "theirs"]);
    await child.line((line) => line.endsWith(" ledger"));
    await logger.logMessage({ topic: "ours" }).accepted;
    await eventually(() => expect(new Set(topics)).toEqual(new Set(["theirs", "ours"])));
    child.send("stop");
    await child.ended;
  });

  it("keeps up with a load that never pauses", { timeout: 20_000 }, async () => {
    const logger = await openLogger();
    let told = 0;
    logger.on("message.changed", () => {
      told += 1;
    });
    let isOn = true;
    const load = (async () => {
      while (isOn) await logger.logMessage({}).accepted;
    })();
    await eventually(() => expect(told).toBeGreaterThan(20));
    isOn = false;
    await load;
  });

  it("tells what waits in the spool, and goes on after a restore", { timeout: 20_000 }, async () => {
    const logger = await openLogger();
    await logger.logMessages([{}, {}, {}]);
    const { file } = await logger.backupDatabase();
    await logger.logMessages([{}, {}, {}]);
    const changes: Change[] = [];
    logger.on("message.changed", (change) => changes.push(change));
    const holder = startChild("hold-lock.ts", [databaseOf(logger.dataDir), "immediate"]);
    await holder.line((line) => line === "held");
    await logger.logMessage({ topic: "spooled" }).accepted;
    await eventually(() =>
      expect(changes).toMatchObject([{ change_id: null, message: { topic: "spooled" } }]),
    );
    holder.send("release");
    await holder.ended;
    await eventually(() => expect(changes.at(-1)?.change_id).toEqual(expect.any(Number)));
    await logger.restoreDatabase(file);
    await pause(600);
    changes.length = 0;
    await logger.logMessage({ topic: "restored" }).accepted;
    await eventually(() => expect(changes.map(({ message }) => message.topic)).toEqual(["restored"]));
  });
});

describe("the feed by itself", () => {
  const change = (change_id: number): Change => ({ change_id, message: {} as Change["message"] });

  /** A history that grows by hand. */
  function follow() {
    const history: Change[] = [];
    const feed = new LiveFeed({
      start: async () => history.length,
      last: async () => history.length,
      after: async (position) => ({
        changes: history
          .slice(position, position + 500)
          .map((each) => ({ ...each, change_id: each.change_id ?? 0 })),
        position: Math.min(history.length, position + 500),
      }),
    });
    onTestFinished(() => feed.stop());
    return { feed, history };
  }

  it("keeps a listener's mistake from the others, and hides it from nobody", async () => {
    const { feed, history } = follow();
    const uncaught: unknown[] = [];
    const listeners = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (error) => uncaught.push(error));
    onTestFinished(() => {
      process.removeAllListeners("uncaughtException");
      for (const listener of listeners) process.on("uncaughtException", listener);
    });
    const heard: (number | null)[] = [];
    feed.subscribe(() => {
      throw new Error("mine");
    });
    feed.subscribe(({ change_id }) => heard.push(change_id));
    await pause(10);
    history.push(change(1), change(2));
    feed.nudge();
    await eventually(() => expect(heard).toEqual([1, 2]));
    expect(uncaught).toMatchObject([{ message: "mine" }, { message: "mine" }]);
  });

  it("looks no more once nobody listens, also in the middle of a look", async () => {
    const last = vi.fn(async () => {
      await pause(20);
      return 0;
    });
    const after = vi.fn(async () => {
      await pause(20);
      return { changes: [], position: 0 };
    });
    const feed = new LiveFeed({ start: async () => 0, last, after });
    const off = feed.subscribe(() => {});
    feed.nudge();
    await eventually(() => expect(after).toHaveBeenCalled());
    off();
    const calls = after.mock.calls.length;
    await pause(700);
    expect(after.mock.calls.length).toBe(calls);
    feed.nudge();
    await pause(50);
    expect(after.mock.calls.length).toBe(calls);
  });

  it("is open once it knows where it begins, and at once for who comes later", async () => {
    const start = Promise.withResolvers<number | null>();
    const last = Promise.withResolvers<number>();
    const feed = new LiveFeed({
      start: () => start.promise,
      last: () => last.promise,
      after: async (position) => ({ changes: [], position }),
    });
    onTestFinished(() => feed.stop());
    const opened: string[] = [];
    feed.subscribe(
      () => {},
      () => opened.push("first"),
    );
    feed.subscribe(
      () => {},
      () => opened.push("gone"),
    )();
    // The database can't be read yet.
    start.resolve(null);
    await pause(700);
    expect(opened).toEqual([]);
    last.resolve(3);
    await eventually(() => expect(opened).toEqual(["first"]));
    feed.subscribe(
      () => {},
      () => opened.push("later"),
    );
    await eventually(() => expect(opened).toEqual(["first", "later"]));
  });

  it("tells one who comes back at once nothing twice", async () => {
    const { feed, history } = follow();
    const heard: (number | null)[] = [];
    feed.subscribe(() => {})();
    const off = feed.subscribe(({ change_id }) => heard.push(change_id));
    off();
    feed.subscribe(({ change_id }) => heard.push(change_id));
    await pause(10);
    history.push(change(1), change(2), change(3));
    feed.nudge();
    await eventually(() => expect(heard).toEqual([1, 2, 3]));
    await pause(100);
    expect(heard).toEqual([1, 2, 3]);
  });
});
