import { describe, expect, it } from "vitest";
import { timeTicks } from "../../src-renderer/pages/messages/time-axis.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src-shared/time.ts";

const start = new Date(2026, 2, 4, 9, 7).getTime();

describe("the ticks of a time axis", () => {
  it("are round local times, no more than asked for", () => {
    const ticks = timeTicks(start, start + 10 * HOUR_MS, 5, "en-GB");
    expect(ticks.map(({ label }) => label)).toEqual(["12:00", "15:00", "18:00"]);
  });

  it("are days over weeks, and the first of a month over a year", () => {
    expect(timeTicks(start, start + 7 * DAY_MS, 8, "en-GB").map(({ label }) => label)[0]).toBe("5 Mar");
    expect(timeTicks(start, start + 400 * DAY_MS, 14, "en-GB").map(({ label }) => label)[0]).toBe("1 Apr");
  });

  it("name the day at midnight", () => {
    const ticks = timeTicks(start, start + 24 * HOUR_MS, 8, "en-GB");
    expect(ticks.map(({ label }) => label)).toContain("5 Mar");
  });

  it("cover any span and never run away", () => {
    for (const span of [MINUTE_MS, HOUR_MS, DAY_MS, 30 * DAY_MS, 3_650 * DAY_MS]) {
      const ticks = timeTicks(start, start + span, 6);
      expect(ticks.length).toBeLessThanOrEqual(7);
      expect(ticks.every(({ ms }) => ms >= start && ms <= start + span)).toBe(true);
    }
    expect(timeTicks(start, start, 6)).toEqual([]);
  });
});
