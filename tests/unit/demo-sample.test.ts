import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { CHANNELS, outageBefore, weekday } from "../../src-main/demo/calendar.ts";
import type { DemoMessage } from "../../src-main/demo/compose.ts";
import { CONVERSATIONS } from "../../src-main/demo/conversations.ts";
import { EVERYDAY } from "../../src-main/demo/everyday-templates.ts";
import { fillWithDemo } from "../../src-main/demo/fill.ts";
import { createRandom } from "../../src-main/demo/random.ts";
import type { SampleSession } from "../../src-main/demo/run-campaign.ts";
import { createSample } from "../../src-main/demo/sample.ts";
import { MessageLogger } from "../../src-main/ledger/message-logger.ts";
import { MESSAGE_FIELDS, normalizeMessage, PREVIEW_CODE_POINTS } from "../../src-shared/record.ts";
import { DAY_MS, MINUTE_MS } from "../../src-shared/time.ts";

const NOW = Date.UTC(2026, 4, 6, 14, 20);

let sessions: SampleSession[];
let messages: DemoMessage[];
beforeAll(async () => {
  ({ sessions, messages } = await wholeSample(NOW));
}, 60_000);

async function wholeSample(now: number): Promise<{ sessions: SampleSession[]; messages: DemoMessage[] }> {
  const sample = await createSample(now);
  return { sessions: sample.sessions, messages: sample.messages.map(({ compose }) => compose()) };
}

describe("the sample", () => {
  it("has 25,000 messages in 60 days on 4 channels, and 20 sessions", () => {
    expect(messages).toHaveLength(25_000);
    expect(sessions).toHaveLength(20);
    expect(new Set(messages.map(({ record }) => record.message_uuid)).size).toBe(25_000);
    for (const channel of CHANNELS) {
      expect(messages.filter(({ record }) => record.channel === channel).length).toBeGreaterThan(2_000);
    }
    for (const { origin } of messages) {
      expect(origin).toBeGreaterThanOrEqual(NOW - 60 * DAY_MS);
      expect(origin).toBeLessThanOrEqual(NOW);
    }
  });

  it("is the same each time", { timeout: 60_000 }, async () => {
    expect(JSON.stringify(await wholeSample(NOW)) === JSON.stringify({ sessions, messages })).toBe(true);
  });

  it.each([NOW + 3 * DAY_MS, NOW + 9.4 * 3_600_000])("has its size whenever it is made", async (now) => {
    expect((await createSample(now)).messages).toHaveLength(25_000);
  });

  it("holds only whole, valid records", () => {
    const bad = messages.filter(({ record }) => {
      const text = record.content_preview ?? "";
      return (
        !normalizeMessage(record, NOW).ok ||
        Object.keys(record).some((key) => !(MESSAGE_FIELDS as readonly string[]).includes(key)) ||
        /[{}]|undefined/.test(text) ||
        [...text].length > PREVIEW_CODE_POINTS
      );
    });
    expect(bad).toEqual([]);
  });

  it("tells nothing from the future, and each message's steps in order", () => {
    const bad = messages.filter(({ origin, record, reports }) => {
      const own = [record.sent_ts, record.delivered_ts, record.read_ts].filter(
        (ts) => typeof ts === "string",
      );
      const times = [origin, ...own.map((ts) => Date.parse(ts)), ...reports.map(({ ts }) => ts), NOW];
      return times.some((ts, index) => ts > (times[index + 1] ?? NOW));
    });
    expect(bad).toEqual([]);
  });

  it("names only addresses and numbers that belong to nobody", () => {
    const anyone = new Set(messages.flatMap(({ record }) => record.destination_subject_ids ?? []));
    const owned = /@[a-z-]+\.example\.(?:com|org|net)$|^\+(?:447700900|3363998|49|1\d{3}55501)\d+$|^Q\d+$/;
    expect([...anyone].filter((address) => !owned.test(String(address)))).toEqual([]);
    expect(anyone.size).toBeGreaterThan(2_000);
  });

  it("is quieter at night and at the weekend, and has one bad day", () => {
    const share = (test: (origin: number) => boolean): number =>
      messages.filter(({ origin }) => test(origin)).length / messages.length;
    expect(share((origin) => new Date(origin).getUTCHours() < 5)).toBeLessThan(0.05);
    expect(share((origin) => weekday(origin) > 4)).toBeLessThan(0.22);
    const { from, to } = outageBefore(NOW);
    const during = messages.filter(({ origin }) => origin >= from && origin < to);
    const hit = during.filter(({ record, reports }) => {
      return record.status === "failed" || reports.some(({ status }) => status === "failed");
    });
    expect(hit.length / during.length).toBeGreaterThan(0.3);
  });

  it("has one campaign under way, with messages waiting and going out", () => {
    const running = sessions.filter(({ ended_ts }) => ended_ts === null);
    expect(running).toHaveLength(1);
    const states = messages
      .filter(({ record }) => record.session_id === running[0]?.session_id)
      .map(({ record, reports }) => reports.at(-1)?.status ?? record.status);
    expect(states.filter((status) => status === "pending").length).toBeGreaterThan(20);
    expect(states).toContain("sending");
    expect(states).toContain("delivered");
    expect(running[0]?.started_ts).toBeGreaterThan(NOW - 30 * MINUTE_MS);
  });
});

it("every text speaks of facts that it has", () => {
  const words = new Set(EVERYDAY.flatMap(({ value }) => Object.values(value.texts)));
  expect(words.size).toBeGreaterThan(25);
  for (const { turns } of CONVERSATIONS) {
    for (const turn of turns)
      expect(turn.replace(/\{(?:first|order|item|amount)\}/g, "")).not.toMatch(/[{}]/);
  }
});

describe("the random numbers", () => {
  it("are the same for the same seed and spread evenly", () => {
    const random = createRandom(7);
    const drawn = Array.from({ length: 10_000 }, () => random.next());
    const again = createRandom(7);
    expect(drawn.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => again.next()));
    expect(drawn.reduce((sum, value) => sum + value, 0) / drawn.length).toBeCloseTo(0.5, 1);
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...drawn)).toBeLessThan(1);
  });
});

describe("filling a ledger", () => {
  async function openLedger(): Promise<MessageLogger> {
    const dataDir = await mkdtemp(join(tmpdir(), "waybill-demo-"));
    const ledger = await MessageLogger.open({ dataDir });
    onTestFinished(async () => {
      await ledger.close();
      await rm(dataDir, { recursive: true, force: true });
    });
    return ledger;
  }

  it("shows every status, session and channel, and is refused the second time", {
    timeout: 60_000,
  }, async () => {
    const ledger = await openLedger();
    const progress: number[] = [];
    const filled = await fillWithDemo(ledger, { now: NOW, onProgress: (done) => progress.push(done) });
    expect(filled).toEqual({ messages: 25_000, sessions: 20 });
    expect(progress.at(-1)).toBe(25_000);
    const { by_status, by_channel, success_rate } = await ledger.getQuickStats({ days: 36_500 });
    expect(Object.values(by_status).every((count) => count > 0)).toBe(true);
    expect(Object.keys(by_channel).toSorted()).toEqual([...CHANNELS].toSorted());
    expect(success_rate).toBeGreaterThan(0.93);
    expect(success_rate).toBeLessThan(0.98);
    const stored = await ledger.getSessionHistory({ days: 36_500 });
    expect(stored.map((session) => [session.session_id, session.started_ts]).toSorted()).toEqual(
      sessions
        .map(({ session_id, started_ts }) => [session_id, new Date(started_ts).toISOString()])
        .toSorted(),
    );
    const retried = messages.find(({ reports }) => {
      return reports.some(({ status }) => status === "failed") && reports.at(-1)?.status === "delivered";
    });
    const found = await ledger.getMessage(retried?.record.message_uuid ?? "");
    expect(found?.message).toMatchObject({ status: "delivered", error_message: null });
    expect(found?.events.map(({ status }) => status)).toEqual(
      expect.arrayContaining(["pending", "sending", "failed", "sent", "delivered"]),
    );
    expect(found?.events.every(({ applied }) => applied)).toBe(true);
    await expect(fillWithDemo(ledger, { now: NOW })).rejects.toMatchObject({ code: "conflict" });
  });

  it("can be stopped", { timeout: 60_000 }, async () => {
    const ledger = await openLedger();
    const stop = new AbortController();
    const filling = fillWithDemo(ledger, { now: NOW, signal: stop.signal, onProgress: () => stop.abort() });
    await expect(filling).rejects.toMatchObject({ code: "cancelled" });
  });
});
