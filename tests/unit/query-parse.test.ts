import { describe, expect, test } from "vitest";
import type { QueryNode } from "../../src-shared/query/ast.ts";
import { FIELD_NAMES, FIELDS } from "../../src-shared/query/fields.ts";
import { MAX_QUERY_LENGTH, MAX_QUERY_NODES, parseQuery } from "../../src-shared/query/parse.ts";
import { NOW, read } from "./query-fixtures.ts";

const DAY = 86_400_000;

/** The tree without its places, short enough to compare at a glance. */
function shape(node: QueryNode | null): unknown {
  if (node === null) return null;
  switch (node.kind) {
    case "text":
      return node.words.tokens.join(" ") + (node.words.prefix ? "*" : "");
    case "not":
      return { not: shape(node.node) };
    case "filter": {
      const { kind, start, end, ...filter } = node;
      return filter;
    }
    default:
      return { [node.kind]: node.nodes.map(shape) };
  }
}

function fault(text: string) {
  const parsed = parseQuery(text, NOW);
  if (parsed.ok) throw new Error(`${text} is taken`);
  const { message, position, length } = parsed.error;
  return { message, marked: text.slice(position, position + length), position };
}

const pattern = (value: string, prefix = false) => ({ value, prefix });

describe("words", () => {
  test.each<[string, unknown]>([
    ["", null],
    [" \t\n\u3000", null],
    ["*", null],
    ["Hello", "hello"],
    ["hello world", { and: ["hello", "world"] }],
    ["hello AND world", { and: ["hello", "world"] }],
    ['"Hello, World"', "hello world"],
    ['"say \\"hi\\" to C:\\\\temp \\n"', "say hi to c temp n"],
    ['"a OR b"', "a or b"],
    ["order-42", "order 42"],
    ["ship*", "ship*"],
    ['"is ship"*', "is ship*"],
    ["会議", "会 議"],
    ["🎉 done", { and: ["\u{ff389}", "done"] }],
    ["send()", "send"],
    ["call(a,b) now", { and: ["call a b", "now"] }],
    ["f(a b)", { and: ["f", { and: ["a", "b"] }] }],
    ["Tom & Jerry", { and: ["tom", "jerry"] }],
    ["a - b", { and: ["a", "b"] }],
    ["and or not", { and: ["and", "or", "not"] }],
    ["ANDY ORDER NOTE", { and: ["andy", "order", "note"] }],
    ['a"b', "a b"],
  ])("%j", (text, expected) => {
    expect(shape(read(text))).toEqual(expected);
  });

  test.each([
    ["http://example.com/a", "http example com a"],
    ["10:30", "10 30"],
    ["2026-01-31T10:30:00Z", "2026 01 31t10 30 00z"],
    ["Net::ReadTimeout", "net readtimeout"],
    ["C:\\temp", "c temp"],
    ["anna@example.com:25", "anna example com 25"],
    ["db.example.com:5432", "db example com 5432"],
    ["[err:1]", "err 1"],
    ["Warning:", "warning"],
    ["status>5", "status 5"],
    ["::1", "1"],
  ])("%s is text", (text, expected) => {
    expect(shape(read(text))).toEqual(expected);
  });
});

describe("operators", () => {
  test.each<[string, unknown]>([
    ["a OR b c", { or: ["a", { and: ["b", "c"] }] }],
    ["a OR b OR c", { or: ["a", "b", "c"] }],
    ["(a OR b) c", { and: [{ or: ["a", "b"] }, "c"] }],
    ["(a)(b)", { and: ["a", "b"] }],
    ["((a))", "a"],
    ["-a", { not: "a" }],
    ["NOT a b", { and: [{ not: "a" }, "b"] }],
    ["-(a OR b)", { not: { or: ["a", "b"] } }],
    ["NOT(a)", { not: "a" }],
    ["--a", { not: { not: "a" } }],
    ['-"a b"', { not: "a b" }],
    ["a OR &", "a"],
    ["-&& a", "a"],
    ["-status:failed", { not: { field: "status", statuses: ["failed"] } }],
  ])("%j", (text, expected) => {
    expect(shape(read(text))).toEqual(expected);
  });

  test("each node knows its place", () => {
    const text = '  -foo (a OR "b c"*) status:failed';
    const places: string[] = [];
    const visit = (node: QueryNode): void => {
      places.push(text.slice(node.start, node.end));
      if (node.kind === "not") visit(node.node);
      if (node.kind === "and" || node.kind === "or") node.nodes.forEach(visit);
    };
    visit(read(text) as QueryNode);
    expect(places).toEqual([text.trim(), "-foo", "foo", '(a OR "b c"*)', "a", '"b c"*', "status:failed"]);
  });
});

describe("filters", () => {
  test.each<[string, unknown]>([
    ["status:failed", { field: "status", statuses: ["failed"] }],
    ["STATUS:Failed,cancelled,failed", { field: "status", statuses: ["failed", "cancelled"] }],
    ["status:success", { field: "status", statuses: ["sent", "delivered", "read"] }],
    ["status:waiting,failed", { field: "status", statuses: ["pending", "sending", "failed"] }],
    ['status:"read"', { field: "status", statuses: ["read"] }],
    ["channel:SMS", { field: "channel", patterns: [pattern("SMS")] }],
    ["channel:sms,what*", { field: "channel", patterns: [pattern("sms"), pattern("what", true)] }],
    ['topic:"a, b",c', { field: "topic", patterns: [pattern("a, b"), pattern("c")] }],
    ['topic:"50*"', { field: "topic", patterns: [pattern("50*")] }],
    ["type:x", { field: "type", patterns: [pattern("x")] }],
    ["template:Welcome", { field: "template", patterns: [pattern("Welcome")] }],
    ["session:a,b", { field: "session", pattern: pattern("a,b") }],
    ["session:*", { field: "session", pattern: pattern("", true) }],
    ["user:Anna", { field: "user", pattern: pattern("Anna") }],
    ["uuid:0198C0DE*", { field: "uuid", pattern: pattern("0198c0de", true) }],
    ["external:SM:1", { field: "external", pattern: pattern("SM:1") }],
    ["to:Anna@X.example", { field: "to", words: { tokens: ["anna", "x", "example"], prefix: false } }],
    ["from:shop*", { field: "from", words: { tokens: ["shop"], prefix: true } }],
    ['error:"timed out"', { field: "error", words: { tokens: ["timed", "out"], prefix: false } }],
    ["reason:12", { field: "reason", reason: 12 }],
    ["has:ERROR", { field: "has", part: "error" }],
    ["latency>5s", { field: "latency", comparison: ">", ms: 5_000 }],
    ["latency>=1.5m", { field: "latency", comparison: ">=", ms: 90_000 }],
    ["latency<200ms", { field: "latency", comparison: "<", ms: 200 }],
    ["latency<=1h30m", { field: "latency", comparison: "<=", ms: 5_400_000 }],
    ["latency:>5s", { field: "latency", comparison: ">", ms: 5_000 }],
    ['latency:">=1d"', { field: "latency", comparison: ">=", ms: DAY }],
    ["before:2026-01-31", { field: "before", ts: Date.UTC(2026, 0, 31) }],
    ["after:2026-01-31T09:30:00+02:00", { field: "after", ts: Date.UTC(2026, 0, 31, 7, 30) }],
    ['after:"2026-01-31 09:30"', { field: "after", ts: Date.UTC(2026, 0, 31, 9, 30) }],
    ["after:7d", { field: "after", ts: NOW - 7 * DAY }],
    ["before:12H", { field: "before", ts: NOW - DAY / 2 }],
    ["after:30m", { field: "after", ts: NOW - 1_800_000 }],
    ["data.key:value", { field: "data", path: ["key"], pattern: pattern("value") }],
    ["meta.A.b-c.0:x*", { field: "meta", path: ["A", "b-c", "0"], pattern: pattern("x", true) }],
    ["data.größe:*", { field: "data", path: ["größe"], pattern: null }],
    ['data.a:"*"', { field: "data", path: ["a"], pattern: pattern("*") }],
    ['data.a:""', { field: "data", path: ["a"], pattern: pattern("") }],
  ])("%s", (text, expected) => {
    expect(shape(read(text))).toEqual(expected);
  });

  test("ends where the next term begins", () => {
    expect(shape(read('(to:"a"b OR user:x)'))).toEqual({
      or: [
        { and: [{ field: "to", words: { tokens: ["a"], prefix: false } }, "b"] },
        { field: "user", pattern: pattern("x") },
      ],
    });
  });

  test.each(FIELD_NAMES)("%s: has an example that is one", (name) => {
    expect(read(FIELDS[name].example)).toMatchObject({ kind: "filter", field: name });
  });
});

describe("mistakes are told with their place", () => {
  test.each([
    ["a foo:bar", "foo", /foo: is not a field/],
    ["stauts:failed", "stauts", /Did you mean status:failed\?/],
    ["chanel:sms", "chanel", /Did you mean channel:email\?/],
    ["recipient:a", "recipient", /Did you mean to:/],
    ["session_id:a", "session_id", /Did you mean session:/],
    ["since:7d", "since", /Did you mean after:/],
    ["localhost:5672", "localhost", /Put the text in quotes/],
    ["status:done", "done", /pending, sending, sent, .* cancelled, success or waiting/],
    ["status:failed,dne x", "dne", /not a status/],
    ["status:fail*", "fail*", /not a status/],
    ["status:constructor", "constructor", /not a status/],
    ["status: failed", "status:", /value is missing.*status:failed/],
    ["status:failed,", ",", /value is missing/],
    ["(to:)", "to:", /value is missing/],
    ["to:!!", "!!", /no letter or digit/],
    ["reason:x", "x", /number of a failure group/],
    ["reason:-1", "-1", /number of a failure group/],
    ["has:luck", "luck", /error, session, .* delivered or read/],
    ["latency>5", "5", /latency>5s/],
    ["latency:5s", "5s", /latency>5s/],
    ["latency>>5s", ">5s", /latency>5s/],
    ["latency>", "latency>", /value is missing/],
    ["before:tomorrow", "tomorrow", /2026-01-31/],
    ["after:2026-02-30", "2026-02-30", /not a time/],
    ["after:99999999999999999999d", "99999999999999999999d", /not a time/],
    ["data:x", "x", /Name the key/],
    ["data.a..b:x", "data.a..b", /name is missing/],
    ["data.n>5", "data.n>", /Only latency is compared; write data.n:value/],
    ['say "hello', '"', /never closed/],
    ['to:"hello', '"', /never closed/],
    ["(a OR b", "(", /never closed/],
    ["(", "(", /never closed/],
    ["a b)", ")", /no opening parenthesis/],
    [")", ")", /no opening parenthesis/],
    ["a ( ) b", "( )", /nothing between/],
    ["a OR", "OR", /OR needs a term after it/],
    ["OR a", "OR", /OR needs a term before it/],
    ["a OR OR b", "OR", /OR needs a term after it/],
    ["a AND (OR b)", "OR", /OR needs a term before it/],
    ["AND", "AND", /AND needs a term before it/],
    ["a NOT", "NOT", /NOT needs a term after it/],
    ["wild*card", "*", /at the end of a word/],
    ["*bold*", "*", /at the end of a word/],
    ["!!! ???", "!!! ???", /no letter or digit/],
  ])("%j", (text, marked, message) => {
    const told = fault(text);
    expect(told.marked).toBe(marked);
    expect(told.message).toMatch(message);
  });

  test("the place counts from the beginning of the text", () => {
    expect(fault("会議 foo:bar").position).toBe(3);
    expect(fault("a OR OR b").position).toBe(2);
    expect(fault('"é" "x').position).toBe(4);
  });
});

describe("limits", () => {
  test("length", () => {
    expect(parseQuery("a".repeat(MAX_QUERY_LENGTH), NOW).ok).toBe(true);
    expect(parseQuery("a".repeat(MAX_QUERY_LENGTH + 5), NOW)).toEqual({
      ok: false,
      error: {
        message: "The query is 4101 characters long; 4096 are taken at most.",
        position: MAX_QUERY_LENGTH,
        length: 5,
      },
    });
  });

  test("terms", () => {
    expect(parseQuery("a ".repeat(MAX_QUERY_NODES - 1), NOW).ok).toBe(true);
    expect(fault("a ".repeat(MAX_QUERY_NODES + 1))).toMatchObject({
      marked: "a",
      position: MAX_QUERY_NODES * 2,
    });
  });

  test.each(["(", "-", "NOT ", "((-"])("depth of %j", (nesting) => {
    expect(fault(`${nesting.repeat(1_000)}a`).message).toMatch(/too deep/);
  });

  test("signs that end nowhere take no time", () => {
    for (const text of [
      '"\\'.repeat(2_000),
      "(a".repeat(2_000),
      "a(".repeat(2_000),
      `"${"\\x".repeat(2_000)}`,
    ]) {
      const started = performance.now();
      parseQuery(text, NOW);
      expect(performance.now() - started).toBeLessThan(200);
    }
  });
});
