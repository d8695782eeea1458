import { expect, it } from "vitest";
import { outcomeShares } from "../../src-renderer/pages/sessions/outcome-shares.ts";

it("gives each outcome its share, and leaves out what did not happen", () => {
  const session = { total: 200, successful: 150, failed: 50, pending: 0, cancelled: 0 };
  expect(outcomeShares(session).map(({ outcome, share }) => [outcome, share])).toEqual([
    ["successful", 0.75],
    ["failed", 0.25],
  ]);
  expect(outcomeShares({ total: 0, successful: 0, failed: 0, pending: 0, cancelled: 0 })).toEqual([]);
});
