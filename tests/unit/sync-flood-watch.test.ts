import { expect, it } from "vitest";
import { FloodWatch } from "../../src-main/sync/flood-watch.ts";

/** Notes the position every 50 ms for so long, at so many records a second. */
function fill(watch: FloodWatch, perSecond: number, { from = 0, at = 0, ms = 1_000 } = {}): number {
  for (let passed = 0; passed <= ms; passed += 50)
    watch.note(from + (perSecond * passed) / 1_000, at + passed);
  return from + (perSecond * ms) / 1_000;
}

it("tells a flood from a steady stream, within a moment, and its end as soon", () => {
  const watch = new FloodWatch();
  expect(watch.isFlood()).toBe(false);
  const quiet = fill(watch, 5_000);
  expect(watch.isFlood()).toBe(false);
  const high = fill(watch, 30_000, { from: quiet, at: 1_050, ms: 200 });
  expect(watch.isFlood()).toBe(true);
  fill(watch, 1_000, { from: high, at: 1_300, ms: 450 });
  expect(watch.isFlood()).toBe(false);
});

it("does not take one list of records for a flood", () => {
  const watch = new FloodWatch();
  watch.note(0, 0);
  watch.note(1_000, 50);
  expect(watch.isFlood()).toBe(false);
});
