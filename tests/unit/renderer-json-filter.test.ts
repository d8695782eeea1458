import { expect, test } from "vitest";
import { jsonFilter } from "../../src-renderer/pages/messages/json-filter.ts";
import { jsonRows } from "../../src-renderer/pages/messages/json-rows.ts";
import { filterText } from "../../src-renderer/pages/messages/query-edit.ts";
import { compileMatcher } from "../../src-shared/query/match.ts";
import { message, read } from "./query-fixtures.ts";

const value = { order: { id: 42, "first name": "A" }, tags: ["x", "a b"], ok: true, none: null, "a.b": 1 };
const rows = jsonRows(value, { expanded: new Set(["/order", "/tags"]), shown: new Map() });

test("a value of the tree becomes a filter, where a query can say its keys", () => {
  const filters = rows.map((row) => {
    const filter = jsonFilter("data", row);
    return [row.path, filter === null ? null : filterText(filter)];
  });
  expect(filters).toEqual([
    ["/order", null],
    ["/order/id", "data.order.id:42"],
    ["/order/first name", null],
    ["/tags", null],
    ["/tags/0", "data.tags.0:x"],
    ["/tags/1", 'data.tags.1:"a b"'],
    ["/ok", "data.ok:true"],
    ["/none", "data.none:null"],
    ["/a.b", null],
  ]);
});

test("the filter finds the message that it was taken from", () => {
  const stored = message({ message_data: JSON.stringify(value) });
  for (const row of rows) {
    const filter = jsonFilter("data", row);
    if (filter !== null) expect(compileMatcher(read(filterText(filter)))(stored), row.path).toBe(true);
  }
});
