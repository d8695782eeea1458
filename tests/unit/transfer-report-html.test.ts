import { describe, expect, test } from "vitest";
import { barChart, dayBars, niceCeiling } from "../../src-main/transfer/report-charts.ts";
import { reportHtml } from "../../src-main/transfer/report-html.ts";
import { escapeHtml } from "../../src-main/transfer/report-text.ts";
import type { AnalyticsReport, Totals } from "../../src-shared/contract/statistics.ts";
import { STATUSES } from "../../src-shared/status.ts";

const HOSTILE = [
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  "</title></style><svg onload=alert(1)>",
  "&lt;b&gt; &amp;",
  "<!-- ]]> -->",
  "a\u0000b\u202e\u0007c",
  "\ud800",
];

const LATENCY = { count: 10, p50_seconds: 2, p95_seconds: 90 };
const TOTALS: Totals = {
  total: 100,
  successful: 90,
  failed: 8,
  success_rate: 0.9,
  to_sent: LATENCY,
  to_delivered: LATENCY,
};

function reportOf(texts: readonly string[]): AnalyticsReport {
  const rows = texts.map((key) => ({
    key,
    total: 10,
    successful: 8,
    failed: 1,
    pending: 1,
    cancelled: 0,
    success_rate: 0.8,
  }));
  return {
    from: "2026-01-01T00:00:00.000Z",
    to: "2026-01-31T00:00:00.000Z",
    generated_ts: "2026-01-31T09:00:00.000Z",
    totals: TOTALS,
    by_status: Object.fromEntries(STATUSES.map((status) => [status, 1])) as AnalyticsReport["by_status"],
    by_day: [{ ts: "2026-01-02T00:00:00.000Z", total: 100, successful: 90, failed: 8 }],
    by_hour: Array.from({ length: 24 }, (_, hour) => ({ hour, total: hour, successful: hour, failed: 0 })),
    by_channel: rows,
    by_template: rows,
    by_domain: rows,
    top_errors: texts.map((text, id) => ({
      id,
      template: text,
      sample: `${text} sample`,
      count: 4,
      first_seen_ts: "2026-01-02T00:00:00.000Z",
      last_seen_ts: "2026-01-03T00:00:00.000Z",
    })),
    busiest_hours: [],
    sessions: 3,
  };
}

/** Every tag that stands in the text, by name. */
const tagsOf = (html: string): Set<string> =>
  new Set([...html.matchAll(/<([a-z!][^\s>/]*)/gi)].map(([, name]) => name ?? ""));

describe("the HTML report", () => {
  test("holds hostile texts as text only: its tags and attributes are those of a harmless one", () => {
    const html = reportHtml(reportOf(HOSTILE), TOTALS);
    const harmless = reportHtml(reportOf(HOSTILE.map((_, index) => `text ${index}`)), TOTALS);
    expect(tagsOf(html)).toEqual(tagsOf(harmless));
    const shape = (text: string) => text.replaceAll(/>[^<]*</g, "><");
    expect(shape(html)).toBe(shape(harmless));
    expect(html).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(html).toContain("&amp;lt;b&amp;gt; &amp;amp;");
    expect(html).not.toContain("\u0000");
    expect(html).not.toContain("\u202e");
  });

  test("needs nothing else: no scripts, no addresses", () => {
    const html = reportHtml(reportOf(["email"]), null);
    expect(html).not.toMatch(/<script|<link|<img|<iframe|https?:|url\(|@import/i);
    expect(html).toContain("default-src 'none'");
  });

  test("tells the change to the period before, where there is one", () => {
    const html = reportHtml(reportOf(["email"]), { ...TOTALS, total: 80, failed: 10, success_rate: 0.85 });
    expect(html).toContain("<b>25.0% more</b>, from 80");
    expect(html).toContain('better"><b>20.0% fewer</b>, from 10');
    expect(html).toContain('better"><b>5 points better</b>, from 85.0%');
    expect(reportHtml(reportOf(["email"]), null)).not.toContain("from 80");
  });

  test("says so where there is nothing", () => {
    const empty = { ...TOTALS, total: 0, successful: 0, failed: 0, success_rate: null };
    const html = reportHtml({ ...reportOf([]), totals: empty, by_day: [] }, null);
    expect(html).toContain("There are no messages in this period.");
    expect(html).not.toContain("NaN");
  });
});

describe("the charts", () => {
  test("have a bar for each day, also the empty ones, and weeks where there are too many", () => {
    const { by_day } = reportOf([]);
    const bars = dayBars(by_day, "2026-01-01T00:00:00.000Z", "2026-01-31T00:00:00.000Z");
    expect(bars).toHaveLength(30);
    expect(bars[1]).toMatchObject({ successful: 90, failed: 8, other: 2, label: "2 Jan" });
    const year = dayBars(by_day, "2026-01-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z");
    expect(year).toHaveLength(53);
    expect(year[0]).toMatchObject({ successful: 90, failed: 8, other: 2 });
    const decades = dayBars(by_day, "1990-01-01T00:00:00.000Z", "2027-01-01T00:00:00.000Z");
    expect(decades.length).toBeLessThanOrEqual(92);
  });

  test.each([
    [1, 4],
    [4, 4],
    [11, 20],
    [201, 250],
    [2_501, 4_000],
    [99_999, 100_000],
  ])("an axis for %s ends at %s", (value, expected) => {
    expect(niceCeiling(value)).toBe(expected);
  });

  test("name themselves and their bars as text", () => {
    const bar = { label: "<b>", title: '"&', successful: 1, other: 0, failed: 0 };
    const svg = barChart('a"b', [bar]);
    expect(svg).toContain('aria-label="a&quot;b"');
    expect(svg).toContain("<title>&quot;&amp;</title>");
    expect(svg).not.toContain("<b>");
  });
});

test("escapeHtml keeps ordinary text as it is", () => {
  expect(escapeHtml("Grüße, 日本語 🚀 – 5 % off")).toBe("Grüße, 日本語 🚀 – 5 % off");
});
