import { describe, expect, test } from "vitest";
import {
  cutOffTime,
  isShorter,
  readRetention,
  toRetention,
} from "../../src-renderer/pages/settings/retention-days.ts";

describe("readRetention", () => {
  test("reads back what was saved", () => {
    expect(readRetention(toRetention(null))).toEqual({ days: null });
    expect(readRetention(toRetention(90))).toEqual({ days: 90 });
  });

  test.each(["", " ", "0", "-1", "1.5", "36501", "ninety", "1e9"])("refuses %j with a sentence", (text) => {
    expect(readRetention({ keep: "days", text })).toEqual({
      error: "Write a whole number of days from 1 to 36,500.",
    });
  });

  test("takes blanks around the number", () => {
    expect(readRetention({ keep: "days", text: " 30 " })).toEqual({ days: 30 });
  });
});

describe("isShorter", () => {
  test.each([
    [30, null, true],
    [30, 90, true],
    [90, 90, false],
    [120, 90, false],
    [null, 90, false],
    [null, null, false],
  ])("%s days after %s: %s", (days, before, expected) => {
    expect(isShorter(days, before)).toBe(expected);
  });
});

test("cutOffTime counts back from now", () => {
  expect(cutOffTime(1, Date.UTC(2026, 0, 31, 9)).toISOString()).toBe("2026-01-30T09:00:00.000Z");
});
