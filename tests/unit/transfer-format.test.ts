import { describe, expect, it } from "vitest";
import { inert, original } from "../../src-main/transfer/csv-cell.ts";
import { createFormatter } from "../../src-main/transfer/format.ts";
import type { ExportFormat } from "../../src-shared/contract/upkeep.ts";

type Rows = readonly Record<string, unknown>[];

function whole(format: ExportFormat, columns: readonly string[], ...pages: Rows[]): string {
  const formatter = createFormatter(format, columns);
  return formatter.begin() + pages.map((page) => formatter.rows(page)).join("") + formatter.end();
}

describe("CSV", () => {
  it("has a header and CRLF, quotes what needs it, and writes JSON as text", () => {
    const row = {
      a: 'say "hi", please',
      b: null,
      c: ["x", "y"],
      d: { n: 1 },
      e: -12.5,
      f: "two\nlines",
      g: "",
    };
    expect(whole("csv", ["a", "b", "c", "d", "e", "f", "g", "absent"], [row])).toBe(
      'a,b,c,d,e,f,g,absent\r\n"say ""hi"", please",,"[""x"",""y""]","{""n"":1}",-12.5,"two\nlines",,\r\n',
    );
  });

  it("quotes semicolons, tabs and outer blanks, which other readers stumble over", () => {
    expect(whole("csv", ["a", "b", "c"], [{ a: "x;y", b: "x\ty", c: " x" }])).toBe(
      'a,b,c\r\n"x;y","x\ty"," x"\r\n',
    );
  });

  it("is a header alone for no rows", () => {
    expect(whole("csv", ["a", "b"])).toBe("a,b\r\n");
  });

  it("has no byte order mark", () => {
    expect(whole("csv", ["a"], [{ a: "é" }]).charCodeAt(0)).toBe("a".charCodeAt(0));
  });
});

describe("cells that a spreadsheet would run", () => {
  it.each([
    "=1+1",
    "+1-1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\rx",
    "\tx",
    "  =1+1",
    "\n=1+1",
    "\u00a0=1",
    "\u200b=1",
    "\ufeff=1",
    "\u0000=1",
    "＝1+1",
    "＋1-1",
    "－1",
    "＠SUM(A1)",
    "'=1+1",
    "''@x",
    "' =1",
    "+49 170 1234567",
    "-",
  ])("%j gets one apostrophe, and loses it again", (text) => {
    expect(inert(text)).toBe(`'${text}`);
    expect(original(inert(text))).toBe(text);
  });

  it.each([
    "-12.5",
    "+49123",
    "+491701234567",
    "-1,5",
    "'-12.5",
    "plain",
    "a=b",
    "'quoted'",
    "",
    '["=1"]',
    "mail@example.com",
    "  indented",
    "'",
    "日本語",
  ])("%j stays, both ways", (text) => {
    expect(inert(text)).toBe(text);
    expect(original(text)).toBe(text);
  });

  it("keeps what others wrote without our apostrophe", () => {
    expect(original("=1+1")).toBe("=1+1");
  });
});

describe("JSON", () => {
  const pages: Rows[] = [[{ a: 1, b: "x", more: true }, { a: 2 }], [], [{ a: null, b: { c: [1] } }]];

  it("is one array with a record a line, of any number of pages", () => {
    const text = whole("json", ["a", "b"], ...pages);
    expect(JSON.parse(text)).toEqual([
      { a: 1, b: "x" },
      { a: 2, b: null },
      { a: null, b: { c: [1] } },
    ]);
    expect(text.split("\n")).toHaveLength(6);
  });

  it("is valid without a row", () => {
    expect(JSON.parse(whole("json", ["a"]))).toEqual([]);
  });

  it("is a record a line as NDJSON", () => {
    expect(whole("ndjson", ["a", "b"], ...pages)).toBe(
      '{"a":1,"b":"x"}\n{"a":2,"b":null}\n{"a":null,"b":{"c":[1]}}\n',
    );
    expect(whole("ndjson", ["a"])).toBe("");
  });
});
