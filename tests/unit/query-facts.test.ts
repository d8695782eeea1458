import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { probeLedger } from "../../src-main/ledger/index-probe.ts";
import { compileQuery } from "../../src-main/ledger/query-sql.ts";
import { factTokens, jsonFacts } from "../../src-shared/query/facts.ts";
import { compileJsonTest } from "../../src-shared/query/json-value.ts";
import { tokenize } from "../../src-shared/query/tokens.ts";
import { fillLedger, find, message, openLedger, read } from "./query-fixtures.ts";

function hasOneOf(tokens: string, facts: readonly string[] | null): boolean {
  const own = new Set(tokens.split(" "));
  return facts?.some((fact) => own.has(fact)) ?? true;
}

describe("the values of a record", () => {
  const paths = fc.array(fc.constantFrom("a", "b", "0", "1", "Key", "__proto__"), {
    minLength: 1,
    maxLength: 4,
  });
  const scalars = fc.oneof(
    fc.constantFrom("x", "X", "1", "1.0", "", "null", "É", "E\u0301"),
    fc.constantFrom(1, -0, 1e21, 1.5, true, null),
  );
  const values = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      scalars,
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom("a", "b", "0", "1", "Key", "__proto__"), tie("value"), { maxKeys: 4 }),
    ),
  })).value;
  const texts = fc.oneof(scalars.map(String), fc.constantFrom("1.50", "01", "1e21", "0x1", "+1"));

  test("are never missed: what a filter matches has one of its tokens", () => {
    let matched = 0;
    fc.assert(
      fc.property(values, paths, texts, (value, path, text) => {
        const json = JSON.stringify(value);
        const pattern = { value: text, prefix: false };
        if (!compileJsonTest(path, pattern)(json)) return;
        matched += 1;
        const rows = { data: { message_data: json }, meta: { message_metadata: json } };
        for (const field of ["data", "meta"] as const) {
          const tokens = factTokens(message(rows[field]));
          expect(hasOneOf(tokens, jsonFacts(field, path, pattern)), json).toBe(true);
        }
      }),
      { numRuns: 20_000 },
    );
    expect(matched).toBeGreaterThan(50);
  });

  test("tell apart what differs in field, key or value", () => {
    const tokens = factTokens(message({ message_data: '{"order":4711,"list":[{"order":1}]}' }));
    const asked = (field: "data" | "meta", path: string[], value: string) =>
      hasOneOf(tokens, jsonFacts(field, path, { value, prefix: false }));
    expect(asked("data", ["order"], "4711")).toBe(true);
    expect(asked("data", ["list", "0", "order"], "1")).toBe(true);
    expect(asked("meta", ["order"], "4711")).toBe(false);
    expect(asked("data", ["number"], "4711")).toBe(false);
    expect(asked("data", ["order"], "4712")).toBe(false);
  });

  test("more of them than are kept, and deep ones, are any value", () => {
    const many = JSON.stringify(Array.from({ length: 5_000 }, (_, index) => ({ number: index })));
    expect(factTokens(message({ message_data: many })).length).toBeLessThan(2_000);
    const deep = `${"[".repeat(50_000)}7${"]".repeat(50_000)}`;
    for (const json of [many, `{"a":${deep},"b":${many}}`]) {
      const facts = jsonFacts("data", ["number"], { value: "4999", prefix: false });
      expect(hasOneOf(factTokens(message({ message_data: json })), facts)).toBe(true);
    }
  });

  test("are no words", () => {
    expect(tokenize(factTokens(message({ message_data: '{"a":"b"}' }))).join(" ")).not.toContain("\u{e001}");
  });
});

describe("a ledger", () => {
  const database = openLedger();
  const ORDERS = 5_000;
  const probe = probeLedger(database);
  beforeAll(() => {
    const rows = Array.from({ length: ORDERS }, (_, index) =>
      message({
        message_uuid: `0198c0de-7000-7000-8000-${String(index).padStart(12, "0")}`,
        user_id: index === 17 ? "ann" : "shop",
        message_data: JSON.stringify({ order: index, currency: index % 2 === 0 ? "EUR" : "CHF" }),
      }),
    );
    fillLedger(database, rows, ORDERS - 10);
  });

  const plan = (text: string): string => {
    const { where, parameters } = compileQuery(read(text), probe);
    const steps = database
      .prepare(
        `EXPLAIN QUERY PLAN SELECT m.* FROM message_logs AS m WHERE ${where} ORDER BY m.origin_ts DESC, m.seq DESC LIMIT 100`,
      )
      .all(parameters) as { detail: string }[];
    return steps.map(({ detail }) => detail).join("\n");
  };

  test.each([
    "data.order:4711",
    "user:ann",
    "user:nobody",
    "data.order:4711 status:pending",
    "uuid:0198c0de-7000-7000-8000-0000000047*",
  ])("looks up what is rare: %s", (text) =>
    expect(plan(text)).toContain("SEARCH m USING INTEGER PRIMARY KEY (rowid=?)"),
  );

  test.each(["data.currency:EUR", "user:shop", "uuid:0198*"])("walks what is common: %s", (text) =>
    expect(plan(text)).toContain("SCAN m USING INDEX message_logs_by_time"),
  );

  test("finds rows that the index has and rows that it has not yet", () => {
    expect(find(database, read("data.order:17"), probe)).toEqual([18]);
    expect(find(database, read("user:ann data.order:17"), probe)).toEqual([18]);
    expect(find(database, read(`data.order:${ORDERS - 1}`), probe)).toEqual([ORDERS]);
    expect(find(database, read("data.currency:USD"), probe)).toEqual([]);
    expect(find(database, read("-data.currency:EUR data.order:1"), probe)).toEqual([2]);
    expect(find(database, read("data.order:3 OR data.order:4"), probe)).toEqual([4, 5]);
  });
});
