import { describe, expect, it } from "vitest";
import { fingerprints } from "../../src-main/ledger/reader/fingerprints.ts";
import { countMessages } from "../../src-main/ledger/reader/messages.ts";
import { finish } from "../../src-main/ledger/reader/steps.ts";
import { DAY_MS, formatTime, HOUR_MS } from "../../src-shared/time.ts";
import { plansOf, stepsOn } from "../support/plans.ts";
import { messageEntry, openReader, openWriter } from "../support/writer.ts";

const T0 = Date.UTC(2026, 0, 10);
const WEEK = { from: formatTime(T0), to: formatTime(T0 + 7 * DAY_MS) };
const INPUT = { text: "", limit: 100, ...WEEK };

function failure(error_message: string, at: number, more: { channel?: string; session_id?: string } = {}) {
  return messageEntry({ status: "failed", error_message, origin_ts: at, ...more }, at);
}

async function ledgerOf(...entries: ReturnType<typeof messageEntry>[]) {
  const { submit, dataDir } = openWriter();
  await submit(...entries);
  return openReader(dataDir);
}

describe("fingerprints of failures", () => {
  it("cluster the texts, with their course, their sessions and channels", async () => {
    const database = await ledgerOf(
      failure("550 mailbox 17 of anna@example.com full", T0 + HOUR_MS, { channel: "email", session_id: "a" }),
      failure("550 mailbox 4 of bob@example.com full", T0 + 5 * DAY_MS, {
        channel: "email",
        session_id: "b",
      }),
      failure("550 mailbox 9 of eve@example.com full", T0 + 5 * DAY_MS, { channel: "chat", session_id: "b" }),
      failure("timed out after 30 s", T0 - DAY_MS, { channel: "sms" }),
      failure("timed out after 31 s", T0 + DAY_MS, { channel: "sms" }),
      messageEntry({ status: "sent", origin_ts: T0 + DAY_MS }),
    );
    const found = fingerprints(database, INPUT);
    expect(found).toMatchObject({ ...WEEK, total: 4, other: 0, found: 2, bucket_seconds: 4 * 3_600 });
    expect(found.fingerprints).toMatchObject([
      {
        template: "550 mailbox <n> of <address> full",
        count: 3,
        previous_count: 0,
        sessions: 2,
        channels: ["chat", "email"],
        is_new: true,
        first_seen_ts: formatTime(T0 + HOUR_MS),
        last_seen_ts: formatTime(T0 + 5 * DAY_MS),
      },
      { template: "timed out after <n> s", count: 1, previous_count: 1, sessions: 0, is_new: false },
    ]);
    const [full] = found.fingerprints;
    expect(full?.trend).toHaveLength(42);
    expect([full?.trend[0], full?.trend[30], full?.trend.reduce((sum, count) => sum + count)]).toEqual([
      1, 2, 3,
    ]);
  });

  it("lead by reason:ID to as many messages as they count", async () => {
    const database = await ledgerOf(
      ...Array.from({ length: 30 }, (_, index) => failure(`no route to host ${index}`, T0 + index * HOUR_MS)),
      ...Array.from({ length: 7 }, (_, index) => failure("quota exceeded", T0 + index * HOUR_MS)),
    );
    const { fingerprints: list } = fingerprints(database, INPUT);
    expect(list.map(({ count }) => count)).toEqual([30, 7]);
    for (const { id, count } of list) {
      expect(finish(countMessages(database, { q: `reason:${id}` })).count).toBe(count);
    }
  });

  it("are found by a part of the reason or its sample, and told how many there are past the limit", async () => {
    const database = await ledgerOf(
      ...["Überlastet: Gerät 5", "überlastet beim Senden", "Abgelehnt"].map((text, index) =>
        failure(text, T0 + index),
      ),
    );
    const found = fingerprints(database, { ...INPUT, text: "ÜBERLASTET", limit: 1 });
    expect(found).toMatchObject({ total: 3, found: 2 });
    expect(found.fingerprints).toHaveLength(1);
    expect(fingerprints(database, { ...INPUT, text: "nothing" }).fingerprints).toEqual([]);
  });

  it.each([
    [1, 3_600, 24],
    [90, 2 * 86_400, 45],
    [300, 7 * 86_400, 43],
    [3_650, 3 * 32 * 86_400, 39],
  ])("have a trend of few points over %i days", async (days, bucket_seconds, points) => {
    const database = await ledgerOf(failure("late", T0));
    const to = T0 + DAY_MS;
    const found = fingerprints(database, {
      ...INPUT,
      from: formatTime(to - days * DAY_MS),
      to: formatTime(to),
    });
    expect(found.bucket_seconds).toBe(bucket_seconds);
    expect(found.fingerprints[0]?.trend).toHaveLength(points);
    expect(found.fingerprints[0]?.trend.reduce((sum, count) => sum + count)).toBe(1);
  });

  it("never walk the messages", async () => {
    const database = await ledgerOf(failure("late", T0, { session_id: "a" }));
    const plans = plansOf(database, (spied) => fingerprints(spied, INPUT));
    for (const table of ["message_counts", "message_logs", "session_errors", "error_templates"]) {
      const steps = stepsOn(plans, table).filter((step) => step.includes(table));
      expect(steps.length, table).toBeGreaterThan(0);
      for (const step of steps) expect(step).toMatch(/^SEARCH/);
    }
  });
});
