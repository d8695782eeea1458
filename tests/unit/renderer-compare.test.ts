import { describe, expect, test } from "vitest";
import {
  type BreakdownRow,
  nextSort,
  readSort,
  sortRows,
  writeSort,
} from "../../src-renderer/pages/analytics/breakdown-rows.ts";
import {
  COMPARE_DEFAULTS,
  periodBefore,
  rangeText,
  readOther,
} from "../../src-renderer/pages/compare/compare-state.ts";
import { differenceOf } from "../../src-renderer/pages/compare/difference.ts";
import { periodOverlay, sessionOverlay } from "../../src-renderer/pages/compare/overlay.ts";
import { pairUp } from "../../src-renderer/pages/compare/pair-up.ts";
import type { Histogram } from "../../src-shared/contract/messages.ts";
import type { AnalyticsReport } from "../../src-shared/contract/statistics.ts";
import { HOUR_MS } from "../../src-shared/time.ts";

const row = (name: string, total: number, success_rate: number | null): BreakdownRow => ({
  key: name,
  name,
  query: "",
  total,
  successful: 0,
  failed: 0,
  pending: 0,
  cancelled: 0,
  success_rate,
});

describe("sorting", () => {
  const rows = [row("b", 1, 0.5), row("a", 3, null), row("c", 2, 0.9)];
  const names = (by: string) => sortRows(rows, readSort(by)).map(({ name }) => name);

  test("goes by any column, with rows without a rate last both ways", () => {
    expect(names("total-desc")).toEqual(["a", "c", "b"]);
    expect(names("total-asc")).toEqual(["b", "c", "a"]);
    expect(names("success_rate-desc")).toEqual(["c", "b", "a"]);
    expect(names("success_rate-asc")).toEqual(["b", "c", "a"]);
    expect(names("name-asc")).toEqual(["a", "b", "c"]);
    expect(names("nonsense")).toEqual(["a", "c", "b"]);
  });

  test("turns around when chosen again", () => {
    const first = nextSort(readSort("total-desc"), "name");
    expect(writeSort(first)).toBe("name-asc");
    expect(writeSort(nextSort(first, "name"))).toBe("name-desc");
  });
});

test.each([
  ["volume", 1_500, 1_000, "+500 (+50.0%)", "neutral"],
  ["bad-count", 15, 10, "+5 (+50.0%)", "worse"],
  ["bad-count", 3, 0, "+3", "worse"],
  ["share", 0.96, 0.972, "−1.2 pts", "worse"],
  ["share", 0.96, 0.95, "+1 pts", "better"],
  ["share", 0.9601, 0.96, "no difference", "neutral"],
  ["latency", 2, 4, "−2 s (−50.0%)", "better"],
] as const)("the difference of %s %s to %s is %s, %s", (kind, a, b, text, verdict) => {
  expect(differenceOf(kind, a, b)).toEqual({ text, verdict });
});

test("there is no difference to what is missing", () => {
  expect(differenceOf("share", null, 0.5)).toBeNull();
});

test("pairUp has every key of both sides, the largest change first", () => {
  const pairs = pairUp([row("x", 10, 1), row("y", 5, 1)], [row("y", 6, 1), row("z", 4, 1)]);
  expect(pairs.map(({ key }) => key)).toEqual(["x", "z", "y"]);
  expect(pairs[0]?.b).toBeUndefined();
});

describe("periods", () => {
  test("are compared with the one before, or any", () => {
    const period = { from: "2026-03-10T00:00:00.000Z", to: "2026-03-20T00:00:00.000Z" };
    expect(periodBefore(period)).toEqual({ from: "2026-02-28T00:00:00.000Z", to: period.from });
    expect(readOther(COMPARE_DEFAULTS)).toBeNull();
    const other = { ...COMPARE_DEFAULTS, otherFrom: "2026-01-01", otherTo: "2026-01-31" };
    expect(readOther(other)?.choice).toBe("custom");
  });

  test("are named without the year where it is this one", () => {
    const range = { from: "2026-03-10T12:00:00.000Z", to: "2026-03-20T12:00:00.000Z" };
    expect(rangeText(range, Date.UTC(2026, 5, 1))).toBe("10 Mar – 20 Mar");
    expect(rangeText(range, Date.UTC(2027, 5, 1))).toBe("10 Mar 2026 – 20 Mar 2026");
  });

  const report = (from: string, to: string, totals: Record<string, number>): AnalyticsReport =>
    ({
      from,
      to,
      by_day: Object.entries(totals).map(([day, total]) => ({ ts: `${day}T00:00:00.000Z`, total })),
      by_hour: Array.from({ length: 24 }, (_, hour) => ({ hour, total: hour })),
    }) as unknown as AnalyticsReport;

  test("lie one over the other by their days, with gaps as 0 and null past the end", () => {
    const a = report("2026-03-01T00:00:00.000Z", "2026-03-06T00:00:00.000Z", { "2026-03-02": 7 });
    const b = report("2026-02-01T00:00:00.000Z", "2026-02-05T00:00:00.000Z", { "2026-02-01": 3 });
    const points = periodOverlay(a, b);
    expect(points.map((point) => point.a)).toEqual([0, 7, 0, 0, 0]);
    expect(points.map((point) => point.b)).toEqual([3, 0, 0, 0, null]);
  });

  test("go by the hours of the day where they are short", () => {
    const a = report("2026-03-01T00:00:00.000Z", "2026-03-02T00:00:00.000Z", {});
    expect(periodOverlay(a, a)).toHaveLength(24);
  });
});

test("sessions lie one over the other from their first messages on, in common steps", () => {
  const histogram = (bucket_seconds: number, totals: readonly number[]): Histogram => ({
    from: "",
    to: "",
    bucket_seconds,
    buckets: totals.map((sent) => ({ ts: "", counts: { sent } })),
  });
  const points = sessionOverlay(histogram(60, [0, 1, 2, 3, 4, 0]), histogram(120, [5, 6, 7]));
  expect(points.map(({ a }) => a)).toEqual([3, 7, null]);
  expect(points.map(({ b }) => b)).toEqual([5, 6, 7]);
  expect(points[1]?.label).toBe("+2 min");
  const long = sessionOverlay(histogram(1, new Array((2 * HOUR_MS) / 1_000).fill(1)), histogram(1, [1]));
  expect(long.length).toBeLessThanOrEqual(120);
});
