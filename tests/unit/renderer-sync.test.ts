import { describe, expect, test } from "vitest";
import { envFile } from "../../src-renderer/pages/sync/env-file.ts";
import { forecast, nextTryText } from "../../src-renderer/pages/sync/forecast.ts";
import { parseBody } from "../../src-renderer/pages/sync/parse-body.ts";
import { describeCourse, queuePoints } from "../../src-renderer/pages/sync/queue-points.ts";
import { localInput, readPeriodDraft } from "../../src-renderer/pages/sync/resend-period.ts";
import { DAY_MS, formatTime, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../src-shared/time.ts";

const NOW = Date.parse("2026-03-04T12:00:00.000Z");

describe("forecast", () => {
  test.each([
    [-SECOND_MS, "a few seconds"],
    [9 * SECOND_MS, "a few seconds"],
    [61 * SECOND_MS, "about 61 seconds"],
    [4.2 * MINUTE_MS, "about 4 minutes"],
    [90 * MINUTE_MS, "about 90 minutes"],
    [7.6 * HOUR_MS, "about 8 hours"],
    [3 * DAY_MS, "about 3 days"],
  ])("%d ms is %s", (ms, words) => expect(forecast(ms)).toBe(words));

  test("counts down to the next try", () => {
    expect(nextTryText(formatTime(NOW + 12_300), NOW)).toBe("It tries again in 12 s.");
    expect(nextTryText(formatTime(NOW + 90_000), NOW)).toBe("It tries again in 1.5 min.");
    expect(nextTryText(formatTime(NOW - 1), NOW)).toBe("It tries again right now.");
    expect(nextTryText(null, NOW)).toBe("It tries again right now.");
  });
});

describe("queuePoints", () => {
  const sample = (secondsAgo: number, depth: number) => ({
    ts: formatTime(NOW - secondsAgo * SECOND_MS),
    depth,
    consumers: 1,
  });

  test("keeps ten minutes, and breaks the line where nothing was asked", () => {
    const points = queuePoints([sample(700, 9), sample(595, 1), sample(590, 3), sample(10, 2)], NOW);
    expect(points.map(({ depth }) => depth)).toEqual([1, 3, null, 2]);
    expect(points[2]?.at).toBeGreaterThan(points[1]?.at ?? 0);
    expect(points[2]?.at).toBeLessThan(points[3]?.at ?? 0);
    expect(describeCourse(points, "depth")).toBe("1 to 3 in the last 10 minutes, 2 at last.");
    expect(describeCourse(points, "consumers")).toBe("1 throughout in the last 10 minutes, 1 at last.");
  });

  test("says so where there is nothing", () => {
    expect(describeCourse(queuePoints([], NOW), "depth")).toBe("Not asked in the last 10 minutes.");
  });
});

describe("parseBody", () => {
  test("gives the object", () => {
    expect(parseBody('{"a": [1]}')).toEqual({ body: { a: [1] }, error: null });
  });

  test.each(["[1]", "null", '"text"', "7"])("refuses %s, which is no object", (text) => {
    expect(parseBody(text)).toEqual({ body: null, error: "It must be one JSON object, in braces: { … }." });
  });

  test("says what is wrong and where", () => {
    expect(parseBody(" \n").error).toContain("It is empty");
    expect(parseBody('{\n  "a": 1,\n}').error).toMatch(/^This is not valid JSON at line 3, column 1: /);
    expect(parseBody('{"a": 1').error).toMatch(/at line 1, column 8: /);
    expect(parseBody('{\n"a": ').error).toBe(
      "This is not valid JSON at line 2, column 6: it ends too early.",
    );
    expect(parseBody('{"a": x}').error).toMatch(/^This is not valid JSON: Unexpected token 'x'/);
  });
});

describe("readPeriodDraft", () => {
  test("reads what the fields write, in local time", () => {
    const from = localInput(NOW - HOUR_MS);
    expect(readPeriodDraft({ from, to: "" }, NOW).period).toEqual({
      from: formatTime(NOW - HOUR_MS),
      to: null,
    });
    expect(readPeriodDraft({ from, to: localInput(NOW) }, NOW).period?.to).toBe(formatTime(NOW));
  });

  test("says which field is wrong", () => {
    const from = localInput(NOW - HOUR_MS);
    expect(readPeriodDraft({ from: "", to: "" }, NOW).errors?.from).toBe("Write a date and a time.");
    expect(readPeriodDraft({ from: localInput(NOW + HOUR_MS), to: "" }, NOW).errors?.from).toContain(
      "Nothing was accepted yet",
    );
    expect(readPeriodDraft({ from, to: localInput(NOW - DAY_MS) }, NOW).errors?.to).toBe(
      "It is before the beginning.",
    );
  });
});

test("the file for secrets is in the data folder of either system", () => {
  expect(envFile("/home/ana/.local/share/waybill")).toBe("/home/ana/.local/share/waybill/.env");
  expect(envFile("C:\\Users\\Ana\\Waybill")).toBe("C:\\Users\\Ana\\Waybill\\.env");
  expect(envFile(undefined)).toBe(".env in the data folder");
});
