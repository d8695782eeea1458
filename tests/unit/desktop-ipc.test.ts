import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type InvokeEvent, IpcRouter } from "../../src-main/desktop/ipc/ipc-router.ts";
import { PendingCalls } from "../../src-main/desktop/ipc/pending-calls.ts";
import { TailFeeds, type TailOptions } from "../../src-main/desktop/ipc/tail-feeds.ts";
import { Signals } from "../../src-main/desktop/signals.ts";
import type { DesktopSignal } from "../../src-shared/desktop-bridge.ts";
import { WaybillError } from "../../src-shared/errors.ts";

type Listener = (event: InvokeEvent<string>, ...args: unknown[]) => unknown;

function createRouter(callMs?: number) {
  const listeners = new Map<string, Listener>();
  const unexpected: string[] = [];
  const router = new IpcRouter<string>({
    ipc: { handle: (channel, listener) => void listeners.set(channel, listener) },
    isOwnWindow: (sender) => sender === "ours",
    onUnexpected: ({ component, error }) => unexpected.push(`${component}: ${String(error)}`),
    ...(callMs === undefined ? {} : { callMs }),
  });
  const send = (channel: string, ...args: unknown[]) =>
    listeners.get(channel)?.(
      { sender: "ours", senderFrame: { url: "app://waybill/", parent: null } },
      ...args,
    );
  const sendAs = (event: InvokeEvent<string>, channel: string, ...args: unknown[]) =>
    listeners.get(channel)?.(event, ...args);
  return { router, send, sendAs, unexpected };
}

describe("calls over IPC", () => {
  const schema = z.strictObject({ a: z.number() });

  test("are answered with what was made of the checked input", async () => {
    const { router, send } = createRouter();
    router.handle("double", schema, ({ a }) => 2 * a);
    expect(await send("double", { a: 2 })).toEqual({ ok: true, value: 4 });
    expect(await send("double", { a: "2" })).toMatchObject({ ok: false, error: { code: "invalid" } });
    expect(await send("double", { a: 2, b: 3 })).toMatchObject({ ok: false, error: { code: "invalid" } });
  });

  test("tell our own errors, and of others only that there was one", async () => {
    const { router, send, unexpected } = createRouter();
    router.handle("ours", schema, () => {
      throw new WaybillError("not_found", "There is none.");
    });
    router.handle("other", schema, async () => {
      throw new Error("a secret path");
    });
    expect(await send("ours", { a: 1 })).toEqual({
      ok: false,
      error: { code: "not_found", message: "There is none." },
    });
    expect(JSON.stringify(await send("other", { a: 1 }))).not.toContain("secret");
    expect(unexpected).toEqual(["other: Error: a secret path"]);
  });

  test("from elsewhere are refused before anything of them is read", async () => {
    const { router, sendAs, unexpected } = createRouter();
    let ran = 0;
    router.handle("run", schema, () => {
      ran += 1;
    });
    const frame = { url: "app://waybill/", parent: null };
    expect(await sendAs({ sender: "other", senderFrame: frame }, "run", { a: 1 })).toMatchObject({
      error: { code: "forbidden" },
    });
    expect(await sendAs({ sender: "ours", senderFrame: null }, "run", { a: 1 })).toMatchObject({
      error: { code: "forbidden" },
    });
    expect({ ran, logged: unexpected.length }).toEqual({ ran: 0, logged: 2 });
  });

  test("that take too long are given up", async () => {
    const { router, send } = createRouter(10);
    router.handleReply("sleep", (_input, late) => new Promise(() => (signal = late)));
    let signal: AbortSignal | undefined;
    expect(await send("sleep", { a: 1 })).toMatchObject({ error: { code: "unavailable" } });
    expect(signal?.aborted).toBe(true);
  });

  test("in flight are waited for when it closes, new ones refused", async () => {
    const { router, send } = createRouter();
    const { promise, resolve } = Promise.withResolvers<string>();
    router.handle("wait", schema, () => promise);
    const first = send("wait", { a: 1 });
    const closed = router.close(1_000);
    expect(await send("wait", { a: 1 })).toMatchObject({ error: { code: "unavailable" } });
    resolve("done");
    await closed;
    expect(await first).toEqual({ ok: true, value: "done" });
  });

  test("that never end do not hold up the closing", async () => {
    const { router, send } = createRouter(60_000);
    router.handle("sleep", schema, () => new Promise(() => {}));
    void send("sleep", { a: 1 });
    await router.close(10);
  });
});

describe("calls that the page gives up", () => {
  const never = new AbortController().signal;
  const untilGivenUp = (signal: AbortSignal): Promise<string> =>
    new Promise((resolve) => signal.addEventListener("abort", () => resolve("given up")));

  test("end alone, or all of them with the page, or when they are late", async () => {
    const calls = new PendingCalls();
    const late = new AbortController();
    const [first, second, third] = [
      calls.run(1, never, untilGivenUp),
      calls.run(2, never, untilGivenUp),
      calls.run(3, late.signal, untilGivenUp),
    ];
    calls.giveUp(1);
    expect(await first).toBe("given up");
    expect(await Promise.race([second, third, "still running"])).toBe("still running");
    late.abort();
    expect(await third).toBe("given up");
    calls.giveUpAll();
    expect(await second).toBe("given up");
  });

  test("have no number any more once they have ended", async () => {
    const calls = new PendingCalls();
    let signal: AbortSignal | undefined;
    await calls.run(1, never, async (given) => {
      signal = given;
    });
    calls.giveUp(1);
    calls.giveUpAll();
    expect(signal?.aborted).toBe(false);
  });
});

describe("live tails over IPC", () => {
  type Change = Parameters<Parameters<TailOptions["follow"]>[1]>[0];
  const change = (change_id: number) => ({ change_id }) as Change;

  function createFeeds() {
    const sent: { tail_id: number; ids: (number | null)[]; missed: boolean }[] = [];
    const listeners = new Map<string, (change: Change) => void>();
    const openings = new Map<string, () => void>();
    const feeds = new TailFeeds({
      follow(q, listener, onOpen) {
        listeners.set(q, listener);
        openings.set(q, onOpen);
        return () => listeners.delete(q);
      },
      send: ({ tail_id, changes, missed }) =>
        sent.push({ tail_id, ids: changes.map(({ change_id }) => change_id), missed }),
    });
    return {
      feeds,
      sent,
      listeners,
      begin: (q: string) => openings.get(q)?.(),
      tell: (q: string, id: number) => listeners.get(q)?.(change(id)),
    };
  }

  test("have one batch on its way, and the rest together in the next", () => {
    const { feeds, sent, tell } = createFeeds();
    feeds.open(1, "a");
    for (const id of [1, 2, 3]) tell("a", id);
    expect(sent).toEqual([{ tail_id: 1, ids: [1], missed: false }]);
    feeds.confirm(1);
    expect(sent[1]).toEqual({ tail_id: 1, ids: [2, 3], missed: false });
  });

  test("say with a batch when they begin to hear, an empty one or that of the first changes", () => {
    const { feeds, sent, begin, tell } = createFeeds();
    feeds.open(1, "a");
    begin("a");
    tell("a", 1);
    expect(sent).toEqual([{ tail_id: 1, ids: [], missed: true }]);
    feeds.confirm(1);
    expect(sent[1]).toEqual({ tail_id: 1, ids: [1], missed: false });
    feeds.open(2, "b");
    tell("b", 2);
    tell("b", 3);
    begin("b");
    feeds.confirm(2);
    expect(sent.slice(2)).toEqual([
      { tail_id: 2, ids: [2], missed: false },
      { tail_id: 2, ids: [3], missed: true },
    ]);
  });

  test("say so when the page does not keep up, instead of filling the memory", () => {
    const { feeds, sent, tell } = createFeeds();
    feeds.open(1, "a");
    for (let id = 0; id <= 10_000; id += 1) tell("a", id);
    feeds.confirm(1);
    expect(sent[1]?.missed).toBe(true);
    expect(sent[1]?.ids.length).toBe(500);
    feeds.confirm(1);
    expect(sent[2]?.missed).toBe(false);
  });

  test("end with the page, and there are not any number of them", () => {
    const { feeds, listeners } = createFeeds();
    for (let id = 1; id <= 32; id += 1) feeds.open(id, String(id));
    expect(() => feeds.open(33, "33")).toThrow(/Too many/);
    expect(() => feeds.open(1, "1")).toThrow(/already/);
    feeds.closeAll();
    expect(listeners.size).toBe(0);
    feeds.open(33, "33");
  });
});

test("what is signalled before the page listens waits for it", () => {
  const sent: DesktopSignal[] = [];
  const signals = new Signals((signal) => sent.push(signal));
  const to = (path: string): DesktopSignal => ({ kind: "navigate", path });
  signals.tell(to("/a"));
  signals.tell({ kind: "desktop-changed" });
  signals.heard();
  signals.tell(to("/b"));
  signals.unheard();
  signals.tell(to("/c"));
  expect(sent).toEqual([to("/a"), to("/b")]);
  signals.heard();
  expect(sent.at(-1)).toEqual(to("/c"));
});
