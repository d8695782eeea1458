import { describe, expect, it } from "vitest";
import { knownRows, PAGE_ROWS, pagesOf, sourceOf } from "../../src-renderer/pages/messages/page-window.ts";

describe("the pages in view", () => {
  it("are those that the rows lie on", () => {
    expect(pagesOf({ first: 0, last: 40 }, 0, 1_000)).toEqual([0]);
    expect(pagesOf({ first: 90, last: 110 }, 0, 1_000)).toEqual([0, 1]);
    expect(pagesOf({ first: 999_900, last: 999_999 }, 0, 1_000_000)).toEqual([9_999]);
  });

  it("do not reach past the end", () => {
    expect(pagesOf({ first: 180, last: 260 }, 0, 200)).toEqual([1]);
    expect(pagesOf({ first: 0, last: 40 }, 0, 0)).toEqual([]);
  });

  it("begin after the live rows", () => {
    expect(pagesOf({ first: 0, last: 9 }, 10, 1_000)).toEqual([]);
    expect(pagesOf({ first: 5, last: 50 }, 10, 1_000)).toEqual([0]);
    expect(pagesOf({ first: 100, last: 115 }, 10, 1_000)).toEqual([0, 1]);
  });
});

describe("a row's source", () => {
  it("is the live buffer first, then a place on a page", () => {
    expect(sourceOf(0, 2)).toEqual({ kind: "live", at: 0 });
    expect(sourceOf(2, 2)).toEqual({ kind: "page", page: 0, at: 0 });
    expect(sourceOf(2 + PAGE_ROWS + 7, 2)).toEqual({ kind: "page", page: 1, at: 7 });
  });
});

describe("the number of rows", () => {
  it("is known from a first page that is not full", () => {
    expect(knownRows(undefined, 0)).toBe(0);
    expect(knownRows(undefined, 37)).toBe(37);
  });

  it("lets scrolling go on while the count is under way", () => {
    expect(knownRows(undefined, PAGE_ROWS)).toBe(2 * PAGE_ROWS);
    expect(knownRows(1_024_331, PAGE_ROWS)).toBe(1_024_331);
  });
});
