import { expect, test } from "vitest";
import { activeView, viewHref } from "../../src-renderer/views/active-view.ts";

const mail = { view_id: "1", name: "Mail", q: "channel:email", columns: null };
const wide = { view_id: "2", name: "Wide", q: "channel:email", columns: ["time", "uuid"] };
const views = [mail, wide];

test.each([
  ["the one that was opened", { viewId: "2", q: "channel:email", columns: ["time", "uuid"] }, "Wide", false],
  ["its query was changed", { viewId: "1", q: "channel:email x", columns: [] }, "Mail", true],
  ["its columns were changed", { viewId: "2", q: "channel:email", columns: ["time"] }, "Wide", true],
  ["columns that it does not keep", { viewId: "1", q: "channel:email", columns: ["time"] }, "Mail", false],
  ["the same query typed", { viewId: "", q: "channel:email", columns: ["time", "uuid"] }, "Mail", false],
  ["a view that is gone", { viewId: "9", q: "channel:email", columns: [] }, "Mail", false],
])("%s", (_case, shown, name, isChanged) => {
  expect(activeView(views, shown)).toMatchObject({ view: { name }, isChanged });
});

test("another query is no view, nor is everything", () => {
  expect(activeView(views, { viewId: "", q: "channel:sms", columns: [] })).toBeNull();
  const all = { view_id: "3", name: "All", q: "", columns: null };
  expect(activeView([all], { viewId: "", q: "", columns: [] })).toBeNull();
});

test("a view's address has its query", () => {
  expect(viewHref(mail)).toBe("/messages?q=channel%3Aemail&view=1");
});
