import { describe, expect, it } from "vitest";
import {
  filterText,
  hasPeriod,
  narrowed,
  withoutPeriod,
  withPeriod,
} from "../../src-renderer/pages/messages/query-edit.ts";
import { parseQuery } from "../../src-shared/query/parse.ts";

describe("a filter for a value", () => {
  it("is quoted where it has to be", () => {
    expect(filterText({ field: "status", value: "failed" })).toBe("status:failed");
    expect(filterText({ field: "to", value: "+41 79 555 01 23" })).toBe('to:"+41 79 555 01 23"');
    expect(filterText({ field: "template", value: 'He said "hi"' })).toBe('template:"He said \\"hi\\""');
  });

  it("takes the beginning of a long error, in whole words", () => {
    const text = filterText({ field: "error", value: "timeout ".repeat(2_000) });
    expect(text.length).toBeLessThan(200);
    expect(text).toMatch(/^error:"(timeout )+timeout"$/);
    expect(parseQuery(text, 0).ok).toBe(true);
  });
});

describe("narrowing a query", () => {
  it("adds the filter, in the place of one for the same field", () => {
    expect(narrowed("channel:email", { field: "status", value: "failed" }, false)).toBe(
      "channel:email status:failed",
    );
    expect(narrowed("status:sent channel:email", { field: "status", value: "failed" }, false)).toBe(
      "status:failed channel:email",
    );
  });

  it("takes away what said the opposite", () => {
    expect(narrowed("status:failed invoice", { field: "status", value: "failed" }, true)).toBe(
      "invoice -status:failed",
    );
    expect(narrowed("-channel:sms", { field: "channel", value: "sms" }, false)).toBe("channel:sms");
  });
});

describe("a period", () => {
  const period = { from: "2026-03-01T00:00:00.000Z", to: "2026-03-02T12:30:15.250Z" };

  it("takes the place of an earlier one", () => {
    const once = withPeriod("status:failed", period);
    expect(once).toBe("status:failed after:2026-03-01T00:00Z before:2026-03-02T12:30:15.250Z");
    expect(withPeriod(once, { ...period, to: "2026-03-01T06:00:00.000Z" })).toBe(
      "status:failed after:2026-03-01T00:00Z before:2026-03-01T06:00Z",
    );
    expect(parseQuery(once, 0).ok).toBe(true);
  });

  it("is found and taken away, however it was written", () => {
    expect(hasPeriod("after:7d status:failed")).toBe(true);
    expect(hasPeriod("status:failed")).toBe(false);
    expect(withoutPeriod("after:7d status:failed before:1d")).toBe("status:failed");
  });
});
