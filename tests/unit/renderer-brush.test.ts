import { describe, expect, it } from "vitest";
import {
  brushBetween,
  brushPeriod,
  brushTotal,
  bucketAt,
  isWhole,
  moveEdge,
} from "../../src-renderer/pages/messages/brush.ts";
import { formatTime, HOUR_MS } from "../../src-shared/time.ts";

const START = Date.UTC(2026, 2, 1);
const HISTOGRAM = {
  from: formatTime(START),
  to: formatTime(START + 4 * HOUR_MS),
  bucket_seconds: 3_600,
  buckets: [
    { ts: formatTime(START), counts: { sent: 3, failed: 1 } },
    { ts: formatTime(START + HOUR_MS), counts: {} },
    { ts: formatTime(START + 2 * HOUR_MS), counts: { delivered: 5 } },
    { ts: formatTime(START + 3 * HOUR_MS), counts: { read: 2 } },
  ],
};

describe("the bucket under the pointer", () => {
  it("is the one that it stands over", () => {
    expect(bucketAt(0, 800, 80)).toBe(0);
    expect(bucketAt(9.9, 800, 80)).toBe(0);
    expect(bucketAt(10, 800, 80)).toBe(1);
  });

  it("is the first or last one for a pointer that left the plot", () => {
    expect(bucketAt(-40, 800, 80)).toBe(0);
    expect(bucketAt(800, 800, 80)).toBe(79);
    expect(bucketAt(5, 0, 80)).toBe(0);
  });
});

describe("a brush", () => {
  it("covers both buckets of a drag, in either direction", () => {
    expect(brushBetween(3, 7)).toEqual({ start: 3, end: 8 });
    expect(brushBetween(7, 3)).toEqual({ start: 3, end: 8 });
    expect(brushBetween(5, 5)).toEqual({ start: 5, end: 6 });
  });

  it("keeps a bucket between its edges and stays on the plot", () => {
    expect(moveEdge({ start: 3, end: 5 }, "start", 10, 80)).toEqual({ start: 4, end: 5 });
    expect(moveEdge({ start: 3, end: 5 }, "end", -10, 80)).toEqual({ start: 3, end: 4 });
    expect(moveEdge({ start: 3, end: 5 }, "start", -10, 80)).toEqual({ start: 0, end: 5 });
    expect(moveEdge({ start: 3, end: 5 }, "end", 100, 80)).toEqual({ start: 3, end: 80 });
  });

  it("is whole when it covers all", () => {
    expect(isWhole({ start: 0, end: 80 }, 80)).toBe(true);
    expect(isWhole({ start: 0, end: 79 }, 80)).toBe(false);
  });

  it("spans from its first bucket's start to its last one's end", () => {
    expect(brushPeriod(HISTOGRAM, { start: 1, end: 3 })).toEqual({
      from: formatTime(START + HOUR_MS),
      to: formatTime(START + 3 * HOUR_MS),
    });
    expect(brushPeriod(HISTOGRAM, { start: 3, end: 4 }).to).toBe(formatTime(START + 4 * HOUR_MS));
  });

  it("counts what it covers", () => {
    expect(brushTotal(HISTOGRAM, { start: 0, end: 2 })).toBe(4);
    expect(brushTotal(HISTOGRAM, { start: 0, end: 4 })).toBe(11);
  });
});
