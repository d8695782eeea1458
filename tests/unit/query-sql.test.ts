import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { compileQuery, compileWordCount, probeIndex } from "../../src-main/ledger/query-sql.ts";
import { PARTS } from "../../src-shared/query/ast.ts";
import { compileMatcher } from "../../src-shared/query/match.ts";
import type { StoredMessage } from "../../src-shared/record.ts";
import { STATUSES } from "../../src-shared/status.ts";
import { fillLedger, find, message, NOW, openLedger, read, reasonOf } from "./query-fixtures.ts";

const WORDS = [
  "order",
  "Ordner",
  "straße",
  "STRASSE",
  "会議",
  "会",
  "議室",
  "timed out",
  "b2",
  "ab",
  "🎉",
  "Über",
  "x",
];
const NAMES = ["email", "EMAIL", "Über", "u\u0308ber", "\u212a", "k", "a,b", "e", "T 1"];
const IDS = ["s1", "s10", "S1", "é", "a@b"];
const KEYS = ["a", "b-c", "0", "größe"];

const uuid = (index: number): string => `0198c0de-7000-7000-8000-0000000000${10 + index}`;

const { constantFrom: oneOf, option, array } = fc;
const maybe = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> => option(values, { freq: 3 });
const texts = array(oneOf(...WORDS), { minLength: 1, maxLength: 4 }).map((words) => words.join(" "));
const scalars = oneOf<unknown>("x", "X", "1", 1, 2.5, true, null, "null", "", "Straße");
const json = fc
  .dictionary(
    oneOf(...KEYS),
    fc.oneof(scalars, array(scalars, { maxLength: 2 }), fc.dictionary(oneOf(...KEYS), scalars)),
  )
  .map((value) => JSON.stringify(value));
const moments = fc.integer({ min: -3, max: 3 }).map((hours) => NOW + hours * 3_600_000);

const messages: fc.Arbitrary<StoredMessage> = fc
  .record({
    session_id: maybe(oneOf(...IDS)),
    user_id: oneOf(...IDS),
    channel: oneOf(...NAMES),
    status: oneOf(...STATUSES),
    origin_ts: moments,
    sent_ts: maybe(moments),
    delivered_ts: maybe(moments),
    read_ts: maybe(moments),
    source_subject_id: maybe(texts),
    destination_subject_ids: array(texts, { maxLength: 3 }).map((values) => JSON.stringify(values)),
    topic: maybe(oneOf(...NAMES)),
    message_type: maybe(oneOf(...NAMES)),
    template_id: maybe(oneOf(...NAMES)),
    template_name: maybe(oneOf(...NAMES)),
    external_id: maybe(oneOf(...IDS)),
    error_message: maybe(texts),
    content_preview: maybe(texts),
    message_data: json,
    message_metadata: json,
  })
  .map(message);

const quoted = (text: string): string => `"${text}"`;
const star = oneOf("", "", "*");
const valueFrom = (values: readonly string[]) =>
  fc
    .tuple(oneOf(...values), star)
    .map(([value, prefix]) => quoted(value.slice(0, prefix ? 2 : undefined)) + prefix);
const listOf = (values: readonly string[]) =>
  array(valueFrom(values), { minLength: 1, maxLength: 2 }).map((items) => items.join(","));
const words = fc.tuple(texts, star).map(([text, prefix]) => quoted(text) + prefix);
const hours = oneOf("0h", "1h", "90m", "2h");

const leaves = fc.oneof(
  { weight: 4, arbitrary: words },
  fc.tuple(oneOf("to", "from", "error"), words).map(([field, value]) => `${field}:${value}`),
  array(oneOf(...STATUSES, "success", "waiting"), { minLength: 1, maxLength: 2 }).map(
    (list) => `status:${list}`,
  ),
  fc
    .tuple(oneOf("channel", "topic", "type", "template"), listOf(NAMES))
    .map(([field, list]) => `${field}:${list}`),
  fc.tuple(oneOf("session", "user", "external"), valueFrom(IDS)).map(([field, id]) => `${field}:${id}`),
  oneOf(`reason:${reasonOf({ error_message: WORDS[0] ?? "" })}`, "reason:2", "uuid:0198*", `uuid:${uuid(1)}`),
  oneOf(...PARTS).map((part) => `has:${part}`),
  fc.tuple(oneOf("<", "<=", ">", ">="), hours).map(([comparison, amount]) => `latency${comparison}${amount}`),
  fc.tuple(oneOf("before", "after"), hours).map(([field, amount]) => `${field}:${amount}`),
  fc
    .tuple(
      oneOf("data", "meta"),
      array(oneOf(...KEYS), { minLength: 1, maxLength: 2 }),
      fc.oneof(
        fc.constant("*"),
        valueFrom(["x", "1", "1.0", "2.5", "true", "null", "", "STRASSE", "straße"]),
      ),
    )
    .map(([field, path, value]) => `${field}.${path.join(".")}:${value}`),
);

const queries = fc.letrec<{ query: string }>((tie) => ({
  query: fc.oneof(
    { depthSize: "small" },
    leaves,
    tie("query").map((term) => `-(${term})`),
    array(tie("query"), { minLength: 2, maxLength: 3 }).map((terms) => `(${terms.join(" ")})`),
    array(tie("query"), { minLength: 2, maxLength: 3 }).map((terms) => `(${terms.join(" OR ")})`),
  ),
})).query;

const database = openLedger();
const probe = probeIndex(database);

test("SQLite and the matcher find the same messages", () => {
  fc.assert(
    fc.property(
      array(messages, { minLength: 4, maxLength: 12 }),
      array(queries, { minLength: 12, maxLength: 12 }),
      (fields, list) => {
        const rows = fields.map((row, index) => ({ ...row, message_uuid: uuid(index) }));
        fillLedger(database, rows, rows.length >> 1);
        for (const text of list) {
          const query = read(text);
          const matches = compileMatcher(query);
          const expected = rows.flatMap((row, index) => (matches(row) ? [index + 1] : []));
          expect(find(database, query), text).toEqual(expected);
          expect(find(database, query, probe), `${text}, probed`).toEqual(expected);
          expect(
            find(database, query, () => "slow"),
            `${text}, by reading`,
          ).toEqual(expected);
          for (const until of [rows.length >> 2, rows.length]) {
            const words = compileWordCount(query, until);
            if (words === null) continue;
            const count = database.prepare(words.sql).pluck().get(words.parameters);
            expect(count, `${text}, counted up to ${until}`).toBe(
              expected.filter((seq) => seq <= until).length,
            );
          }
        }
      },
    ),
    { numRuns: 150 },
  );
});

describe("values", () => {
  test("are bound, whatever is in them", () => {
    const { where, parameters } = compileQuery(
      read(`topic:"x' OR 1=1 --" session:"';" "o'brien" data.a'b:c`),
    );
    expect(where).not.toContain("'x");
    expect(where).not.toMatch(/brien|OR 1=1|';/);
    expect(Object.values(parameters)).toEqual(expect.arrayContaining(["x' or 1=1 --", "';", '"o brien"']));
  });

  test("everything needs no parameters", () => {
    expect(compileQuery(null)).toEqual({
      where: "TRUE",
      parameters: {},
      isLed: false,
      asksIndex: false,
    });
  });

  test.each(['"a b" c*', "to:a OR from:b OR error:c", '-a -"b c" d', "(a OR -b) (c OR d)", "-(a b)"])(
    "text terms make one search: %s",
    (text) => {
      expect(compileQuery(read(text)).where.match(/ MATCH /g)).toHaveLength(1);
      expect(compileQuery(read(`(${text}) status:failed`)).where.match(/ MATCH /g)).toHaveLength(1);
    },
  );

  test.each([
    "会".repeat(4_096),
    "a ".repeat(198),
    `${"(".repeat(49)}a${")".repeat(49)}`,
    `${"-(".repeat(20)}a${")".repeat(20)}`,
  ])("long and deep queries are taken", (text) => {
    fillLedger(database, [message({ content_preview: "a" }), message({ message_uuid: uuid(1) })], 1);
    expect(() => find(database, read(text), probe)).not.toThrow();
  });
});

describe("query plans", () => {
  beforeAll(() => fillLedger(database, [message({ content_preview: "hello" })], 1));
  const plan = (text: string, counted = false): string => {
    const { where, parameters } = compileQuery(read(text), counted ? probe : undefined);
    const steps = database
      .prepare(
        `EXPLAIN QUERY PLAN SELECT m.* FROM message_logs AS m WHERE ${where} ORDER BY m.origin_ts DESC, m.seq DESC LIMIT 100`,
      )
      .all(parameters) as { detail: string }[];
    return steps.map(({ detail }) => detail).join("\n");
  };

  test.each([
    ["", "SCAN m USING INDEX message_logs_by_time"],
    ["status:failed", "SEARCH m USING INDEX message_logs_by_status (status=?)"],
    ["status:failed after:7d", "SEARCH m USING INDEX message_logs_by_status (status=? AND origin_ts>?)"],
    ["after:7d before:1d", "SEARCH m USING INDEX message_logs_by_time (origin_ts>? AND origin_ts<?)"],
    ["after:7d channel:sms data.a:b", "SEARCH m USING INDEX message_logs_by_time (origin_ts>?)"],
    ["session:s1", "SEARCH m USING INDEX message_logs_by_session (session_id=?)"],
    ["session:s1 status:failed hello", "SEARCH m USING INDEX message_logs_by_session (session_id=?)"],
    ["reason:3", "SEARCH m USING INDEX message_logs_by_error (error_template_id=?)"],
    ["reason:3 after:7d", "SEARCH m USING INDEX message_logs_by_error (error_template_id=? AND origin_ts>?)"],
    ["channel:sms", "SCAN m USING INDEX message_logs_by_time"],
    ["-status:failed", "SCAN m USING INDEX message_logs_by_time"],
    ["hello OR status:failed", "SCAN m USING INDEX message_logs_by_time"],
    ["hello", "SCAN m USING INDEX message_logs_by_time"],
    ["-hello", "SCAN m USING INDEX message_logs_by_time"],
    ["hello status:failed", "SEARCH m USING INDEX message_logs_by_status (status=?)"],
  ])("%j walks one index in order", (text, step) => {
    expect(plan(text).split("\n")).toContain(step);
    expect(plan(text)).not.toContain("TEMP B-TREE");
  });

  test.each(["status:failed,cancelled", "status:waiting channel:sms", "status:failed OR status:cancelled"])(
    "%j reads each status in order, and stops when the page is full",
    (text) => {
      expect(plan(text)).toContain("SEARCH m USING INDEX message_logs_by_status (status=?)");
    },
  );

  test.each(["hello", "hello status:failed after:7d", "(hello OR bye) channel:sms"])(
    "few hits of %j are fetched",
    (text) => {
      expect(plan(text, true)).toContain("SEARCH m USING INTEGER PRIMARY KEY (rowid=?)");
    },
  );

  test("a uuid is looked up", () => {
    expect(plan("uuid:0198c0de-7000-7000-8000-000000000001")).toContain(
      "message_logs_by_uuid (message_uuid=?)",
    );
    expect(plan("uuid:0198*")).toContain("message_logs_by_uuid (message_uuid>? AND message_uuid<?)");
  });
});
