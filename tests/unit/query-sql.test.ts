import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { probeLedger } from "../../src-main/ledger/index-probe.ts";
import { compileQuery, compileWordCount } from "../../src-main/ledger/query-sql.ts";
import { compileMatcher } from "../../src-shared/query/match.ts";
import { messages, queries, uuid } from "./query-arbitraries.ts";
import { fillLedger, find, message, openLedger, read, SLOW } from "./query-fixtures.ts";

const database = openLedger();
const probe = probeLedger(database);

test("SQLite and the matcher find the same messages", () => {
  fc.assert(
    fc.property(
      fc.array(messages, { minLength: 4, maxLength: 12 }),
      fc.array(queries, { minLength: 12, maxLength: 12 }),
      (fields, list) => {
        const rows = fields.map((row, index) => ({ ...row, message_uuid: uuid(index) }));
        fillLedger(database, rows, rows.length >> 1);
        for (const text of list) {
          const query = read(text);
          const matches = compileMatcher(query);
          const expected = rows.flatMap((row, index) => (matches(row) ? [index + 1] : []));
          expect(find(database, query), text).toEqual(expected);
          expect(find(database, query, probe), `${text}, probed`).toEqual(expected);
          expect(find(database, query, SLOW), `${text}, by reading`).toEqual(expected);
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
    expect(plan("uuid:0198*", true)).toContain("message_logs_by_uuid (message_uuid>? AND message_uuid<?)");
  });
});
