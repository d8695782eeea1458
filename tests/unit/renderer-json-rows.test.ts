import { describe, expect, it } from "vitest";
import { CHILDREN_SHOWN, initiallyExpanded, jsonRows } from "../../src-renderer/pages/messages/json-rows.ts";

const closed = { expanded: new Set<string>(), shown: new Map<string, number>() };

describe("the rows of a JSON tree", () => {
  const value = { a: 1, "x/y": { deep: null }, list: ["one", true], empty: {} };

  it("are the top level while all is closed", () => {
    const rows = jsonRows(value, closed);
    expect(rows.map(({ name, kind, text }) => [name, kind, text])).toEqual([
      ["a", "number", "1"],
      ["x/y", "object", "1 field"],
      ["list", "array", "2 items"],
      ["empty", "object", "0 fields"],
    ]);
    expect(rows.map(({ expandable }) => expandable)).toEqual([false, true, true, false]);
  });

  it("have the children of an open branch under it", () => {
    const rows = jsonRows(value, { ...closed, expanded: new Set(["/x~1y"]) });
    expect(rows.map(({ name, level }) => [name, level])).toEqual([
      ["a", 1],
      ["x/y", 1],
      ["deep", 2],
      ["list", 1],
      ["empty", 1],
    ]);
    expect(rows[2]).toMatchObject({ parent: "/x~1y", position: 1, setSize: 1, kind: "null", text: "null" });
  });

  it("end in an offer to show more where a branch is long", () => {
    const rows = jsonRows(
      Array.from({ length: 250 }, (_, index) => index),
      closed,
    );
    expect(rows).toHaveLength(CHILDREN_SHOWN + 1);
    expect(rows.at(-1)).toMatchObject({ kind: "more", text: "Show 100 of 150 more" });
    const longer = jsonRows(Array(250).fill(0), { ...closed, shown: new Map([["", 300]]) });
    expect(longer).toHaveLength(250);
  });
});

describe("what is open at first", () => {
  it("is all of a small tree", () => {
    expect(initiallyExpanded({ a: { b: { c: 1 } } })).toEqual(new Set(["/a", "/a/b"]));
  });

  it("is only the top of a large one", () => {
    expect(initiallyExpanded({ list: Array(60).fill(1) })).toEqual(new Set());
  });
});
