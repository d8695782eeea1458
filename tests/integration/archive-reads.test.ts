import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { HostStore } from "../../src-main/api/store.ts";
import { countMatches } from "../../src-main/archive/read/messages.ts";
import { compileArchiveQuery } from "../../src-main/archive/read/query-sql.ts";
import { WHOLE_RECORD } from "../../src-main/archive/read/record-row.ts";
import { walk } from "../../src-main/archive/read/walk.ts";
import type { Output } from "../../src-shared/contract/index.ts";
import { compileMatcher } from "../../src-shared/query/match.ts";
import { parseQuery } from "../../src-shared/query/parse.ts";
import { type StoredMessage, toRecord } from "../../src-shared/record.ts";
import { STATUSES } from "../../src-shared/status.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src-shared/time.ts";
import { cleanUpAtEnd } from "../support/ledger.ts";
import { hasPostgres, type Postgres, startPostgres } from "../support/postgres.ts";
import { archiveOf, ledgerOf, type OpenArchive } from "../support/two-stores.ts";
import { messages as anyMessage, queries as anyQuery } from "../unit/query-arbitraries.ts";
import { CASES, MESSAGES, NAMES, type Name } from "../unit/query-cases.ts";
import { message, NOW, read } from "../unit/query-fixtures.ts";

cleanUpAtEnd();

let postgres: Postgres;
const STORES = ["ledger", "archive"] as const;
type Stores = Record<(typeof STORES)[number], HostStore>;

async function fill(messages: readonly StoredMessage[]): Promise<Stores & { opened: OpenArchive }> {
  const opened = await archiveOf(postgres, messages);
  return { ledger: await ledgerOf(messages), archive: opened.store, opened };
}

/** All pages, of so many messages each. */
async function search(store: HostStore, q: string, limit = 1_000): Promise<string[]> {
  const found: string[] = [];
  for (let cursor: string | null = null; ; ) {
    const page: Output<"messages.search"> = await store.read("messages.search", { q, limit, cursor });
    found.push(...page.messages.map(({ message_uuid }) => message_uuid));
    if (page.next_cursor === null) return found;
    cursor = page.next_cursor;
  }
}

async function histogramSum(store: HostStore, q: string): Promise<number> {
  const { buckets } = await store.read("messages.histogram", { q, buckets: 80 });
  return buckets.flatMap(({ counts }) => Object.values(counts)).reduce((a, b) => a + b, 0);
}

describe.skipIf(!hasPostgres)("the ledger and the archive", () => {
  beforeAll(async () => {
    postgres = await startPostgres();
  });
  afterAll(() => postgres?.stop());

  describe("find the same for a query", () => {
    let stores: Stores;
    beforeAll(async () => {
      stores = await fill(Object.values(MESSAGES));
    });

    /** The newest first, as every page is. */
    function newestFirst(names: readonly Name[]): string[] {
      return names
        .map((name) => MESSAGES[name])
        .sort((a, b) => b.origin_ts - a.origin_ts)
        .map(({ message_uuid }) => message_uuid);
    }

    describe.each(STORES)("%s", (name) => {
      test.each(CASES)("%s", async (q, names) => {
        const store = stores[name];
        const expected = newestFirst(names);
        expect(await search(store, q)).toEqual(expected);
        expect(await search(store, q, 1)).toEqual(expected);
        const window = await store.read("messages.window", { q, offset: 1, limit: 50 });
        expect(window.messages.map(({ message_uuid }) => message_uuid)).toEqual(expected.slice(1));
        expect((await store.read("messages.count", { q })).count).toBe(expected.length);
        expect(await histogramSum(store, q)).toBe(expected.length);
      });

      test("every field of a message is what was logged", async () => {
        for (const each of NAMES.map((key) => MESSAGES[key])) {
          const { message_uuid } = each;
          const found = await stores[name].read("messages.get", { message_uuid });
          expect(found.message).toEqual(toRecord(each));
          expect(found.events).toMatchObject([{ status: each.status, applied: true }]);
        }
      });

      test("a query that can't be read is told with its place", async () => {
        await expect(
          stores[name].read("messages.search", { q: "status:gone", limit: 10 }),
        ).rejects.toMatchObject({ code: "invalid", details: { position: 7, length: 4 } });
      });

      test("a message that is not there is not found", async () => {
        const message_uuid = "0198c0de-7000-7000-8000-0000000000ff";
        await expect(stores[name].read("messages.get", { message_uuid })).rejects.toMatchObject({
          code: "not_found",
        });
      });
    });
  });

  describe("take every character", () => {
    const ODD = {
      quotes: message({
        message_uuid: "0198c0de-7000-7000-8000-0000000000a1",
        origin_ts: NOW + 3,
        session_id: "it's \\ 100%_",
        source_subject_id: 'O\'Brien "the" sender',
        destination_subject_ids: JSON.stringify(['o"brien@mail.example', "{a,b}", "null"]),
        topic: "50% off_",
        message_data: JSON.stringify({ 'a"b': "c'd", "e.f": [[1], { "": "" }], long: "x".repeat(3_000) }),
      }),
      nul: message({
        message_uuid: "0198c0de-7000-7000-8000-0000000000a2",
        origin_ts: NOW + 2,
        content_preview: "before\0after",
        message_metadata: JSON.stringify({ note: "a\0b" }),
      }),
      scripts: message({
        message_uuid: "f7a1c0de-7000-4000-8000-0000000000a3",
        origin_ts: NOW + 1,
        content_preview: "Ünïcödé ﬁne ΣΊΣΥΦΟΣ İstanbul ภาษาไทย",
        template_name: "K\u0301elvin \u212a",
        destination_subject_ids: JSON.stringify(["日本@例え.jp"]),
        message_data: JSON.stringify({ größe: "ÜBER", n: 1e21, "1": { "2": "drei" } }),
      }),
      early: message({
        message_uuid: "0198c0de-7000-7000-8000-0000000000a4",
        origin_ts: Date.UTC(1969, 11, 31, 23, 59, 59, 999),
        sent_ts: Date.UTC(9999, 11, 31, 23, 59, 59, 999),
      }),
    };
    type Odd = keyof typeof ODD;
    const names = Object.keys(ODD) as Odd[];
    let stores: Stores;
    beforeAll(async () => {
      stores = await fill(Object.values(ODD));
    });

    test.each<[string, Odd[]]>([
      ["", ["quotes", "nul", "scripts", "early"]],
      ["o'brien", ["quotes"]],
      ["to:brien@mail.example", ["quotes"]],
      ["to:mail.example", ["quotes"]],
      ['to:"{a,b}"', ["quotes"]],
      ['topic:"50% off_"', ["quotes"]],
      ['topic:"50% o"*', ["quotes"]],
      ['topic:"5_% off_"', []],
      ['session:"it\'s \\\\ 100%_"', ["quotes"]],
      ['session:"it\'s \\\\"*', ["quotes"]],
      ["before", ["nul"]],
      ['"before after"', ["nul"]],
      ["unicode fine", ["scripts"]],
      ["σισυφοσ", ["scripts"]],
      ["istanbul", ["scripts"]],
      ["ไทย", ["scripts"]],
      ["例え", ["scripts"]],
      ["template:K*", ["scripts"]],
      ["template:\u212a*", []],
      ["template:Kelvin*", []],
      ['template:"ḱelvin \u212a"', ["scripts"]],
      ["data.größe:über", ["scripts"]],
      ["data.n:1e21", ["scripts"]],
      ["data.1.2:DREI", ["scripts"]],
      ["data.e:*", []],
      ["data.long:xxx*", ["quotes"]],
      ["uuid:f7a1*", ["scripts"]],
      ["uuid:f7a1c0de-7000-4000-8000-0000000000a3", ["scripts"]],
      ["uuid:nonsense", []],
      ["uuid:*", ["quotes", "nul", "scripts", "early"]],
      ["before:1970-01-01", ["early"]],
      ["after:1970-01-01 -has:data", ["nul"]],
      ["latency>1d", ["early"]],
      ["-has:recipient", ["nul", "early"]],
    ])("%s", async (q, expected) => {
      const uuids = expected.map((name) => ODD[name].message_uuid);
      for (const name of STORES) {
        expect(await search(stores[name], q), name).toEqual(uuids);
        expect((await stores[name].read("messages.count", { q })).count, name).toBe(uuids.length);
      }
    });

    test.each([
      ["a phrase of", `"${"a ".repeat(2_000)}"`],
      ["words,", "ab ".repeat(198)],
      ["a word of", "x".repeat(4_000)],
      ["characters without spaces:", "\u4f1a".repeat(4_000)],
      ["groups:", `${"-(".repeat(24)}zzz${")".repeat(24)}`],
      ["ids:", `uuid:${"0".repeat(36)} OR session:${"s".repeat(4_000)}`],
    ])("%s as much as a query may hold", async (_name, q) => {
      for (const name of STORES) {
        expect(await search(stores[name], q), name).toEqual([]);
        expect((await stores[name].read("messages.count", { q })).count, name).toBe(0);
      }
    });

    test("PostgreSQL has no NUL: what stands for it is told in docs/migrating.md", async () => {
      for (const name of names.filter((each) => each !== "nul")) {
        const { message_uuid } = ODD[name];
        const { message: found } = await stores.archive.read("messages.get", { message_uuid });
        expect(found).toEqual(toRecord(ODD[name]));
      }
      const { message: found } = await stores.archive.read("messages.get", {
        message_uuid: ODD.nul.message_uuid,
      });
      expect(found.content_preview).toBe("before\ufffdafter");
      expect(found.message_metadata).toEqual({ note: "a\ufffdb" });
    });
  });

  test("PostgreSQL and the matcher find the same for any query", async () => {
    const rows = fc
      .sample(anyMessage, { numRuns: 80, seed: 7 })
      .map((row, index) => ({ ...row, message_uuid: `0198c0de-7000-7000-8000-0000000000${10 + index}` }));
    const archive = await archiveOf(postgres, rows);
    for (const text of fc.sample(anyQuery, { numRuns: 300, seed: 11 })) {
      const query = read(text);
      const matches = compileMatcher(query);
      const expected = rows.filter((row) => matches(row)).map(({ message_uuid }) => message_uuid);
      const found: string[] = [];
      const steps = walk(archive.database, compileArchiveQuery(query), { columns: WHOLE_RECORD });
      for await (const step of steps) found.push(...step.rows.map(({ message_uuid }) => message_uuid));
      expect(found.sort(), text).toEqual(expected.sort());
      expect(await countMatches(archive.database, compileArchiveQuery(query)), text).toBe(expected.length);
    }
  });

  describe("page and count the same", () => {
    const START = Date.UTC(2026, 0, 1);
    const COUNT = 6_000;
    const rows = Array.from({ length: COUNT }, (_, index) =>
      message({
        message_uuid: `0198c0de-7000-7000-8000-${String(index).padStart(12, "0")}`,
        channel: index % 1_000 === 7 ? "fax" : (["email", "sms", "Email"][index % 3] ?? ""),
        status: STATUSES[(index * 31) % STATUSES.length] ?? "pending",
        // Sparse days and a flood of one hour, out of order.
        origin_ts:
          index % 2 === 0
            ? START + 50 * HOUR_MS + ((index * 7_919) % (HOUR_MS / 1_000)) * 1_000
            : START + ((index * 104_729) % (40 * 24 * 60)) * MINUTE_MS,
        topic: index % 501 === 0 ? "Rare Topic" : "orders",
        content_preview: index % 4 === 0 ? `parcel ${index} arrives` : "nothing of note",
        message_data: JSON.stringify({ number: index }),
      }),
    );
    const sorted = [...rows].sort(
      (a, b) => b.origin_ts - a.origin_ts || (a.message_uuid < b.message_uuid ? 1 : -1),
    );
    let stores: Stores & { opened: OpenArchive };
    beforeAll(async () => {
      stores = await fill(rows);
    });

    function matching(q: string): string[] {
      const parsed = parseQuery(q, START);
      if (!parsed.ok) throw new Error(parsed.error.message);
      const matches = compileMatcher(parsed.query);
      return sorted.filter((row) => matches(row)).map(({ message_uuid }) => message_uuid);
    }

    test.each([
      "",
      "channel:fax",
      "channel:email",
      "status:failed",
      "status:delivered",
      "status:sent,read channel:fax",
      "after:2026-01-03T01:30:00Z before:2026-01-03T02:10:00Z",
      "channel:sms after:2026-01-03T02:30:00Z before:2026-01-09T07:45:30Z",
      'topic:"rare topic" status:sent',
      "parcel",
      "-parcel status:read",
      "parcel OR status:failed",
      "data.number:4007",
    ])("%j", async (q) => {
      const expected = matching(q);
      for (const name of STORES) {
        const store = stores[name];
        expect(await search(store, q, 997), name).toEqual(expected);
        const { until } = await store.read("messages.window", { q, offset: 0, limit: 1 });
        for (const offset of [0, 10, Math.floor(expected.length / 2), Math.max(0, expected.length - 3)]) {
          const { messages } = await store.read("messages.window", { q, offset, limit: 50, until });
          const found = messages.map(({ message_uuid }) => message_uuid);
          expect(found, `${name} from ${offset}`).toEqual(expected.slice(offset, offset + 50));
        }
        expect((await store.read("messages.count", { q, until })).count, name).toBe(expected.length);
      }
      const input = { q, buckets: 80 };
      expect(await stores.archive.read("messages.histogram", input)).toEqual(
        await stores.ledger.read("messages.histogram", input),
      );
    });

    test("an export has every message once, as JSON lines", async () => {
      const { text, rows: count } = await stores.archive.exportData({ format: "ndjson", filter: "parcel" });
      const { text: ledgerText } = await stores.ledger.exportData({ format: "ndjson", filter: "parcel" });
      const lines = (each: string | null) =>
        (each ?? "")
          .split("\n")
          .filter(Boolean)
          .map((line) => JSON.parse(line));
      expect(count).toBe(matching("parcel").length);
      expect(lines(text)).toEqual(lines(ledgerText));
    });

    test.each(["", "parcel", "status:failed"])(
      "a scrolled table of %j does not move while messages come in and change",
      async (q) => {
        const { archive, opened } = stores;
        const before = await archive.read("messages.window", { q, offset: 0, limit: 100 });
        const { until } = before;
        const { count } = await archive.read("messages.count", { q, until });
        const id = String(STATUSES.length * (q.length + 1)).padStart(4, "0");
        await opened.write([
          message({
            message_uuid: `0198c0de-7000-7000-8000-99999999${id}`,
            status: "failed",
            origin_ts: START + 45 * DAY_MS,
            content_preview: "parcel that is new",
          }),
          ...rows.slice(0, 50).map((row) => ({ ...row, ack_ts: NOW, revision: 10 + q.length })),
        ]);
        const after = await archive.read("messages.window", { q, offset: 0, limit: 100, until });
        const uuids = (page: typeof before) => page.messages.map(({ message_uuid }) => message_uuid);
        expect(uuids(after)).toEqual(uuids(before));
        expect((await archive.read("messages.count", { q, until })).count).toBe(count);
        expect((await archive.read("messages.count", { q })).count).toBe(count + 1);
        expect((await archive.read("messages.window", { q, offset: 0, limit: 1 })).messages[0]).toMatchObject(
          {
            content_preview: "parcel that is new",
          },
        );
      },
    );
  });
});
