import { describe, expect, it } from "vitest";
import { highestTotal, stackedBars, statusTotals } from "../../src-renderer/pages/messages/bars.ts";

const histogram = (...counts: Record<string, number>[]) => ({
  from: "2026-03-01T00:00:00.000Z",
  to: "2026-03-02T00:00:00.000Z",
  bucket_seconds: 3_600,
  buckets: counts.map((each) => ({ ts: "2026-03-01T00:00:00.000Z", counts: each })),
});
const SIZE = { width: 100, height: 80 };

describe("stacked bars", () => {
  it("are one path for each status that occurs, failures on top", () => {
    const bars = stackedBars(histogram({ sent: 3, failed: 1 }, { failed: 2 }), SIZE);
    expect(bars.map(({ status }) => status)).toEqual(["sent", "failed"]);
    // The failures of the first bucket stand on its three sent ones, and the bar is full.
    expect(bars[1]?.path).toMatch(/^M1\.00 0\.00|^M0\.00 0\.00/);
  });

  it("show one failure among a million", () => {
    const failed = stackedBars(histogram({ delivered: 1_000_000, failed: 1 }), SIZE).at(-1);
    expect(failed).toMatchObject({ status: "failed" });
    expect(failed?.path).toContain("v1.00");
  });

  it("never leave the plot, and are none where nothing is", () => {
    const paths = stackedBars(histogram({ sent: 1, failed: 1, read: 1, pending: 1_000 }), SIZE);
    const tops = paths.map(({ path }) => Number(/^M\S+ (\S+?)h/.exec(path)?.[1]));
    expect(Math.min(...tops)).toBeGreaterThanOrEqual(0);
    expect(stackedBars(histogram({}, {}), SIZE)).toEqual([]);
    expect(stackedBars(histogram({ sent: 1 }), { width: 0, height: 80 })).toEqual([]);
  });
});

describe("the figures beside them", () => {
  it("are summed by status, along a message's way", () => {
    const both = histogram({ read: 2, failed: 1 }, { pending: 4, failed: 1 });
    expect(statusTotals(both)).toEqual([
      { status: "pending", count: 4 },
      { status: "read", count: 2 },
      { status: "failed", count: 2 },
    ]);
    expect(highestTotal(both)).toBe(5);
  });
});
