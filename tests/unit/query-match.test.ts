import { expect, test } from "vitest";
import { probeLedger } from "../../src-main/ledger/index-probe.ts";
import { compileMatcher } from "../../src-shared/query/match.ts";
import { CASES, MESSAGES, NAMES, type Name } from "./query-cases.ts";
import { fillLedger, find, message, openLedger, read, SLOW } from "./query-fixtures.ts";

const database = openLedger();

test.each<readonly [string, readonly Name[]]>([
  ...CASES,
  ["after:1h", ["mail", "bare"]],
  ["before:1h", ["text"]],
  ["before:24h", []],
  ["after:24h before:1m", ["mail", "text"]],
])("%s", (text, expected) => {
  const query = read(text);
  const matches = compileMatcher(query);
  expect(NAMES.filter((name) => matches(MESSAGES[name]))).toEqual(expected);

  for (const indexed of [0, 2, 3]) {
    fillLedger(database, Object.values(MESSAGES), indexed);
    for (const probe of [undefined, probeLedger(database), SLOW]) {
      const found = find(database, query, probe).map((seq) => NAMES[seq - 1]);
      expect(found, `${indexed} rows indexed`).toEqual(expected);
    }
  }
});

test("rows that some other program spoiled match nothing and fail nothing", () => {
  const spoiled = message({ message_data: "{", destination_subject_ids: "{" });
  fillLedger(database, [spoiled], 0);
  for (const text of ["data.a:*", "to:a", "a"]) {
    expect(compileMatcher(read(text))(spoiled)).toBe(false);
    expect(find(database, read(text))).toEqual([]);
  }
});
