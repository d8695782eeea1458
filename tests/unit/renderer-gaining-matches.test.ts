import { describe, expect, it } from "vitest";
import { canGainMatches } from "../../src-renderer/pages/messages/gaining-matches.ts";

describe("a query that a message may begin to match", () => {
  it("asks for what changes in its life", () => {
    for (const q of [
      "status:failed",
      "-status:sent",
      "channel:email latency>5s",
      "(topic:a OR has:error)",
      "timeout",
    ]) {
      expect(canGainMatches(q), q).toBe(true);
    }
  });

  it("does not where it asks for what stays", () => {
    for (const q of ["", "channel:email", "session:7 to:anna", "after:7d -template:welcome", "status:"]) {
      expect(canGainMatches(q), q).toBe(false);
    }
  });
});
