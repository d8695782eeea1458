import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  listFilters,
  onlyFilter,
  quoteValue,
  withFilter,
  withFilterNegated,
  withoutFilter,
} from "../../src-shared/query/edit.ts";
import { compileMatcher } from "../../src-shared/query/match.ts";
import { message, read } from "./query-fixtures.ts";

const chips = (text: string): string[] => listFilters(text).map((chip) => chip.text);

test.each<[string, string[]]>([
  ["", []],
  ["*", []],
  ["hello", ["hello"]],
  [' hello  "big world"  status:failed ', ["hello", '"big world"', "status:failed"]],
  ["a AND -b & NOT c", ["a", "-b", "NOT c"]],
  ["a OR b", ["a OR b"]],
  ["(a OR b) c", ["(a OR b)", "c"]],
  ["(a b)", ["(a b)"]],
  ["(a) b", ["(a)", "b"]],
  ['to:"a b",c', ['to:"a b"', ",c"]],
  ["a (", []],
])("the filters of %j", (text, expected) => {
  expect(chips(text)).toEqual(expected);
  for (const { text: chip, start, end } of listFilters(text)) expect(text.slice(start, end)).toBe(chip);
});

describe("withFilter", () => {
  test.each([
    ["", "status:failed", "status:failed"],
    ["hello", "status:failed", "hello status:failed"],
    ["status:sent hello", "status:failed", "status:failed hello"],
    ["STATUS:sent hello status:read", "status:failed", "status:failed hello"],
    ["-status:sent", "status:failed", "-status:sent status:failed"],
    ["status:failed", "-status:sent", "status:failed -status:sent"],
    ["(status:sent OR x)", "status:failed", "(status:sent OR x) status:failed"],
    ["a OR b", "status:failed", "(a OR b) status:failed"],
    ["status:failed", "a OR b", "status:failed (a OR b)"],
    ["a OR b", "a OR b", "a OR b"],
    ["after:7d x", "after:2026-01-01", "after:2026-01-01 x"],
    ["after:7d", "before:1d", "after:7d before:1d"],
    ["to:anna", "to:bob", "to:anna to:bob"],
    ["has:error", "has:error", "has:error"],
    ["has:error", "has:session", "has:error has:session"],
    ["latency>1s latency<9s", "latency>=5s", "latency>=5s latency<9s"],
    ["data.a:1 data.b:2", "data.b:3", "data.a:1 data.b:3"],
    ["data.a:1", "meta.a:1", "data.a:1 meta.a:1"],
    ["reason:1 session:x", "reason:2 session:y", "reason:2 session:y"],
    ["a AND b", "channel:sms", "a b channel:sms"],
    ["a (", "status:failed", "a ( status:failed"],
  ])("%j with %s", (text, filter, expected) => {
    expect(withFilter(text, filter)).toBe(expected);
  });

  test("put in twice is there once", () => {
    for (const filter of ["status:failed", "to:a", "x OR y", '"a b"', "-has:error"]) {
      const once = withFilter("hello (a OR b) channel:sms", filter);
      expect(withFilter(once, filter)).toBe(once);
      expect(withoutFilter(once, chips(once).length - 1)).toBe("hello (a OR b) channel:sms");
    }
  });
});

test.each([
  ["a b c", 1, "a c"],
  ["a AND b", 0, "b"],
  ["status:failed", 0, ""],
  ["(a OR b) c", 1, "(a OR b)"],
  ["a b", 5, "a b"],
  ["a (", 0, "a ("],
])("%j without its filter %i", (text, index, expected) => {
  expect(withoutFilter(text, index)).toBe(expected);
});

describe("quoteValue", () => {
  test.each([
    ["anna@example.com", "anna@example.com"],
    ["+49-170", "+49-170"],
    ["Über", "Über"],
    ["two words", '"two words"'],
    ["a,b", '"a,b"'],
    ["a*", '"a*"'],
    ["-a", '"-a"'],
    ["10:30", '"10:30"'],
    ["OR", '"OR"'],
    ["", '""'],
    ['say "hi" \\', '"say \\"hi\\" \\\\"'],
  ])("%j", (value, expected) => {
    expect(quoteValue(value)).toBe(expected);
  });

  test("any value comes back as it was", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (value) => {
        for (const field of ["session", "topic"] as const) {
          const query = read(`(${field}:${quoteValue(value)}) x`);
          expect(query).toMatchObject({ nodes: [{ field }, { kind: "text" }] });
        }
        const matches = compileMatcher(read(`session:${quoteValue(value)} topic:${quoteValue(value)}`));
        expect(matches(message({ session_id: value, topic: value }))).toBe(true);
        expect(matches(message({ session_id: `${value}a`, topic: value }))).toBe(false);
      }),
    );
  });
});

describe("withFilterNegated", () => {
  test.each([
    ["status:failed channel:email", 0, "-status:failed channel:email"],
    ["-status:failed channel:email", 0, "status:failed channel:email"],
    ["a NOT b", 1, "a b"],
    ["a OR b", 0, "-(a OR b)"],
    ["-(a OR b)", 0, "(a OR b)"],
    ["(a OR b) c", 0, "-(a OR b) c"],
    ["latency>5s", 0, "-latency>5s"],
    ['"two words" x', 0, '-"two words" x'],
    ["--a", 0, "-a"],
    ["a b -a", 0, "-a b"],
    ["a", 3, "a"],
    ["a (", 0, "a ("],
  ])("%j at %i", (text, index, expected) => {
    expect(withFilterNegated(text, index)).toBe(expected);
  });

  test("twice is as before", () => {
    for (const text of ["status:failed x", "(a OR b) c", 'to:"a b" d', "(a b) e"]) {
      expect(withFilterNegated(withFilterNegated(text, 0), 0)).toBe(text);
      expect(listFilters(withFilterNegated(text, 0))[0]?.isNegated).toBe(true);
    }
  });
});

test.each([
  ["status:failed channel:email", 1, "channel:email"],
  ["(a OR b) c", 0, "(a OR b)"],
  ["a", 3, "a"],
])("only the filter %j at %i", (text, index, expected) => {
  expect(onlyFilter(text, index)).toBe(expected);
});
