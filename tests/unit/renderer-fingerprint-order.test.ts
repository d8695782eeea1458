import { expect, test } from "vitest";
import { sortFingerprints, toOrder } from "../../src-renderer/pages/failures/fingerprint-order.ts";
import type { Fingerprint } from "../../src-shared/contract/statistics.ts";

const fingerprint = (id: number, more: Partial<Fingerprint>): Fingerprint => ({
  id,
  template: "",
  sample: "",
  count: 0,
  previous_count: 0,
  first_seen_ts: "2026-01-01T00:00:00.000Z",
  last_seen_ts: "2026-01-01T00:00:00.000Z",
  trend: [],
  sessions: 0,
  channels: [],
  is_new: false,
  ...more,
});

const list = [
  fingerprint(1, { count: 9, previous_count: 12, sessions: 1 }),
  fingerprint(2, { count: 5, previous_count: 1, first_seen_ts: "2026-02-01T00:00:00.000Z" }),
  fingerprint(3, { count: 5, previous_count: 5, sessions: 4 }),
];

test.each([
  ["count", "desc", [1, 2, 3]],
  ["count", "asc", [2, 3, 1]],
  ["change", "desc", [2, 3, 1]],
  ["sessions", "desc", [3, 1, 2]],
  ["first", "desc", [2, 1, 3]],
] as const)("by %s %s", (order, direction, ids) => {
  expect(sortFingerprints(list, order, direction).map(({ id }) => id)).toEqual(ids);
});

test("an unknown order is the one by count", () => {
  expect(toOrder("nonsense")).toBe("count");
  expect(toOrder("last")).toBe("last");
});
