import { setImmediate as turn } from "node:timers/promises";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ledgerPaths } from "../../src-main/ledger/data-dir.ts";
import type { Entry, EntryResult } from "../../src-main/ledger/entries.ts";
import { entriesOf, type Work } from "../../src-main/ledger/writer/apply.ts";
import { WriterLink } from "../../src-main/ledger/writer-link.ts";
import { messageEntry } from "../support/writer.ts";

type Call = { entries: readonly Entry[]; answer: () => void };
type Listeners = { onEnd: (error: Error) => void; onNotice: (notice: unknown) => void };

/** A writer's thread that answers when the test says so. */
class FakeThread {
  ended = false;
  readonly calls: Call[] = [];
  readonly #listeners: Listeners;
  readonly #rejects = new Set<(error: Error) => void>();

  constructor(listeners: Listeners) {
    this.#listeners = listeners;
    setImmediate(() => listeners.onNotice({ state: { trouble: null, refusal: null } }));
  }

  call(method: string, input?: { work: readonly Work[] }): Promise<unknown> {
    if (method !== "submit") return Promise.resolve();
    const entries = entriesOf(input?.work ?? []);
    return new Promise((resolve, reject) => {
      this.#rejects.add(reject);
      const answer = (): void => {
        this.#rejects.delete(reject);
        resolve({ results: entries.map((): EntryResult => ({ outcome: "new" })), receipt: null });
      };
      this.calls.push({ entries, answer });
    });
  }

  die(): void {
    this.ended = true;
    for (const reject of this.#rejects) reject(new Error("dead"));
    this.#listeners.onEnd(new Error("dead"));
  }

  async terminate(): Promise<void> {
    this.ended = true;
  }
}

const { threads } = vi.hoisted(() => ({ threads: [] as unknown[] }));
vi.mock("../../src-main/ledger/threads.ts", () => ({
  startWriter: (_paths: unknown, _owner: string, listeners: Listeners) => {
    const thread = new FakeThread(listeners);
    threads.push(thread);
    return thread;
  },
}));

beforeEach(() => {
  threads.length = 0;
});

function thread(): FakeThread {
  return threads.at(-1) as FakeThread;
}

const MIB = 1024 * 1024;

function large(topic: string): Entry {
  const entry = messageEntry({ topic });
  entry.message.message_data = "x".repeat(MIB);
  return entry;
}

function topics(calls: readonly Call[]): string[] {
  return calls.flatMap(({ entries }) =>
    entries.map((entry) => (entry.op === "message" ? (entry.message.topic ?? "") : entry.op)),
  );
}

async function openLink(): Promise<WriterLink> {
  const link = new WriterLink(ledgerPaths("/nowhere"), { onState: () => {}, onDamage: () => {} });
  await link.ready();
  return link;
}

describe("the way to the writer", () => {
  it("gathers what is logged in one turn", async () => {
    const link = await openLink();
    for (let index = 0; index < 2_500; index += 1) void link.push(messageEntry({ topic: String(index) }));
    await turn();
    expect(thread().calls.map(({ entries }) => entries.length)).toEqual([1_000, 1_000, 500]);
    expect(topics(thread().calls)).toEqual(Array.from({ length: 2_500 }, (_, index) => String(index)));
  });

  it("holds back what is too much for the thread's memory, and keeps the order", async () => {
    const link = await openLink();
    const expected = Array.from({ length: 120 }, (_, index) => String(index));
    const pushed = expected.slice(0, 60).map((topic) => link.push(large(topic)));
    const listed = link.submit(expected.slice(60).map(large));
    await turn();
    // One is answered at a time; the array grows as the next are let through.
    for (let answered = 0; answered < thread().calls.length; answered += 1) {
      const underWay = thread().calls.slice(answered);
      expect(topics(underWay).length).toBeLessThanOrEqual(32);
      for (const { entries } of underWay) expect(entries.length).toBeLessThanOrEqual(4);
      underWay[0]?.answer();
      await turn();
    }
    expect(topics(thread().calls)).toEqual(expected);
    expect(await Promise.all(pushed)).toHaveLength(60);
    expect((await listed).results).toHaveLength(60);
  });

  it("sends what was not answered again, before all else, when the thread dies", async () => {
    const link = await openLink();
    const expected = Array.from({ length: 80 }, (_, index) => String(index));
    const pushed = expected.map((topic) => link.push(large(topic)));
    await turn();
    thread().calls[0]?.answer();
    await turn();
    const answered = topics(thread().calls.slice(0, 1));
    thread().die();
    await vi.waitFor(() => expect(threads).toHaveLength(2));
    await turn();
    for (let index = 0; index < thread().calls.length; index += 1) {
      thread().calls[index]?.answer();
      await turn();
    }
    expect([...answered, ...topics(thread().calls)]).toEqual(expected);
    expect(await Promise.all(pushed)).toHaveLength(80);
  });

  it("flushes what was pushed before, not what comes after", async () => {
    const link = await openLink();
    void link.push(messageEntry({ topic: "before" }));
    let isFlushed = false;
    const flushed = link.flush().then(() => {
      isFlushed = true;
    });
    await turn();
    void link.push(messageEntry({ topic: "after" }));
    await turn();
    expect(thread().calls).toHaveLength(2);
    expect(isFlushed).toBe(false);
    thread().calls[0]?.answer();
    await flushed;
    expect(isFlushed).toBe(true);
  });
});
