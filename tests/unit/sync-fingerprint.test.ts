import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Stream } from "../../src-main/ledger/sync-save.ts";
import { addFingerprints, bucketOf, fingerprint } from "../../src-main/sync/fingerprint.ts";
import {
  type Bucket,
  type Entry,
  type ReconcileSide,
  reconcile,
  type Span,
} from "../../src-main/sync/reconcile.ts";

type Row = Entry & { ts: number };

/** One of the two, in memory; notes how much was asked of it. */
function sideOf(rows: readonly Row[], asked: { rows: number } = { rows: 0 }): ReconcileSide {
  const within = (span: Span | null): Row[] =>
    rows.filter(({ ts }) => span === null || (ts >= span.from && ts < span.to));
  return {
    buckets: async (stream, bucketMs, span) => {
      const buckets = new Map<number, Bucket>();
      for (const { id, revision, status, ts } of stream === "message" ? within(span) : []) {
        const start = bucketOf(ts, bucketMs);
        const bucket = buckets.get(start) ?? { start, count: 0, fingerprint: 0 };
        bucket.count += 1;
        bucket.fingerprint = addFingerprints(bucket.fingerprint, fingerprint(id, revision, status));
        buckets.set(start, bucket);
      }
      return [...buckets.values()];
    },
    entries: async (_stream, span) => {
      const found = within(span);
      asked.rows += found.length;
      return found;
    },
  };
}

async function compare(ledger: readonly Row[], remote: readonly Row[]) {
  const asked = { rows: 0 };
  const again: string[] = [];
  const progress: [number, number][] = [];
  const { message } = await reconcile({
    ledger: sideOf(ledger),
    remote: sideOf(remote, asked),
    resend: (_stream: Stream, entries) => void again.push(...entries.map(({ id }) => id)),
    onProgress: (...step) => progress.push(step),
  });
  return { message, again: again.sort(), asked: asked.rows, progress };
}

const row = (id: string, ts: number, revision = 1, status = "sent"): Row => ({ id, ts, revision, status });
const HOUR = 3_600_000;

describe("fingerprint", () => {
  it("is what the SQL makes", () => {
    expect(fingerprint("0198c0de-7000-7000-8000-000000000001", 3, "sent")).toBe(62_527_561_671_888);
  });

  it("adds in any order, exactly", () => {
    const prints = Array.from({ length: 1_000 }, (_, index) => fingerprint(String(index), index, "read"));
    const sum = prints.reduce(addFingerprints, 0);
    expect(prints.toReversed().reduce(addFingerprints, 0)).toBe(sum);
    expect(BigInt(sum)).toBe(prints.reduce((total, print) => total + BigInt(print), 0n) % 2n ** 48n);
  });

  it("counts spans from 1970, backwards too", () => {
    expect([0, 999, 1_000, -1, -1_000, -1_001].map((ms) => bucketOf(ms, 1_000))).toEqual([
      0, 0, 1_000, -1_000, -1_000, -2_000,
    ]);
  });
});

describe("reconcile", () => {
  it("asks for no row where both agree", async () => {
    const rows = Array.from({ length: 500 }, (_, index) => row(`m${index}`, index * 60_000));
    const { message, again, asked } = await compare(rows, rows);
    expect(message).toEqual({
      compared: 500,
      agreed: 500,
      missing: 0,
      older: 0,
      altered: 0,
      newer: 0,
      extra: 0,
    });
    expect({ again, asked }).toEqual({ again: [], asked: 0 });
  });

  it("sends again what is missing, older or altered there, and counts what is newer or only there", async () => {
    const ledger = [row("a", 0), row("b", 1, 2), row("c", 2, 2, "read"), row("d", 3), row("e", 5 * HOUR)];
    const remote = [
      row("b", 1, 1),
      row("c", 2, 2, "sent"),
      row("d", 3, 9),
      row("e", 5 * HOUR),
      row("x", 4),
      row("y", 90 * HOUR),
    ];
    const { message, again, asked, progress } = await compare(ledger, remote);
    expect(message).toEqual({ compared: 5, agreed: 1, missing: 1, older: 1, altered: 1, newer: 1, extra: 2 });
    expect(again).toEqual(["a", "b", "c"]);
    // Not those of the hour that agrees, nor those that only the other has.
    expect(asked).toBe(4);
    expect(progress).toEqual([
      [0, 4],
      [4, 4],
    ]);
  });

  it("moves a row whose time was changed there", async () => {
    const { message, again } = await compare([row("a", 0)], [row("a", 40 * HOUR)]);
    expect(message).toMatchObject({ missing: 1, extra: 1 });
    expect(again).toEqual(["a"]);
  });

  it("looks closer before it asks for many rows", async () => {
    const ledger = Array.from({ length: 30_000 }, (_, index) => row(`m${index}`, index * 100));
    const remote = ledger.filter(({ id }) => id !== "m777");
    const { message, again, asked } = await compare(ledger, remote);
    expect(message).toMatchObject({ compared: 30_000, agreed: 29_999, missing: 1 });
    expect(again).toEqual(["m777"]);
    expect(asked).toBeLessThan(700);
  });

  it("knows ids by the form in which they are stored there", async () => {
    const { message, again } = await compare([row("a\0b", 0), row("c", 1)], [row("a\uFFFDb", 0)]);
    expect(message).toMatchObject({ agreed: 1, missing: 1 });
    expect(again).toEqual(["c"]);
  });

  it("ends when it is told to", async () => {
    const ending = new AbortController();
    ending.abort(new Error("enough"));
    const side = sideOf([row("a", 0)]);
    await expect(
      reconcile({ ledger: side, remote: sideOf([]), resend: () => {}, signal: ending.signal }),
    ).rejects.toThrow("enough");
  });

  it("makes any remote what the ledger is, but for what is newer or only there", async () => {
    const rows = fc.uniqueArray(
      fc.record({
        id: fc.stringMatching(/^[a-z]{1,2}$/),
        ts: fc.integer({ min: -3 * HOUR, max: 3 * HOUR }),
        revision: fc.integer({ min: 1, max: 3 }),
        status: fc.constantFrom("pending", "sent", "read"),
      }),
      { selector: ({ id }) => id, maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(rows, rows, async (ledger, remote) => {
        const there = new Map(remote.map((each) => [each.id, each]));
        const { again } = await compare(ledger, remote);
        for (const id of again) {
          const own = ledger.find((each) => each.id === id)!;
          if ((there.get(id)?.revision ?? 0) <= own.revision) there.set(id, own);
        }
        const second = await compare(ledger, [...there.values()]);
        const wrong = ledger.filter(({ id, revision }) => (there.get(id)?.revision ?? 0) < revision);
        expect(wrong).toEqual([]);
        expect(second.message.older + second.message.altered).toBe(0);
      }),
    );
  });
});
