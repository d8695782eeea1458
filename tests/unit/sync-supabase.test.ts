import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SinkFailure } from "../../src-main/sync/sink.ts";
import { supabaseOptions, targetOf } from "../../src-main/sync/supabase/config.ts";
import { RequestLimits } from "../../src-main/sync/supabase/request-limits.ts";
import { parseRetryAfter } from "../../src-main/sync/supabase/retry-after.ts";
import { storableJson, storableText, storableTime } from "../../src-main/sync/supabase/storable.ts";
import { type RowToSend, upsertRows } from "../../src-main/sync/supabase/upsert-rows.ts";
import { supabaseSettingsSchema } from "../../src-shared/contract/sync-settings.ts";

const SETTINGS = supabaseSettingsSchema.parse({});
const keyOf = (claims: object): string =>
  `e30.${Buffer.from(JSON.stringify(claims)).toString("base64url")}.c2ln`;

describe("the configuration", () => {
  it("needs an address and a key, the environment's first", () => {
    expect(supabaseOptions({}, SETTINGS, "key")).toBeNull();
    expect(supabaseOptions({ SUPABASE_URL: "https://a.supabase.co" }, SETTINGS, null)).toBeNull();
    const settings = { ...SETTINGS, url: "https://b.supabase.co", ca_file: "/ca.pem" };
    expect(supabaseOptions({}, settings, "own")).toEqual({
      url: "https://b.supabase.co",
      key: "own",
      caFile: "/ca.pem",
      chatTable: null,
    });
    const environment = { SUPABASE_URL: " https://a.supabase.co/ ", SUPABASE_KEY: "first\n" };
    expect(supabaseOptions(environment, settings, "own")).toMatchObject({
      url: "https://a.supabase.co",
      key: "first",
    });
  });

  it.each([
    ["https://a.supabase.co/rest/v1/", "https://a.supabase.co"],
    ["http://127.0.0.1:54321", "http://127.0.0.1:54321"],
    ["https://own.example/supabase/", "https://own.example/supabase"],
  ])("reads %s", (given, url) => {
    expect(supabaseOptions({ SUPABASE_URL: given, SUPABASE_KEY: "k" }, SETTINGS, null)?.url).toBe(url);
  });

  it.each(["a.supabase.co", "ftp://a.supabase.co", "https://user:pw@a.supabase.co", "https://"])(
    "refuses %s",
    (given) => {
      expect(() => supabaseOptions({ SUPABASE_URL: given, SUPABASE_KEY: "k" }, SETTINGS, null)).toThrow(
        /SUPABASE_URL is not the address/,
      );
    },
  );

  it("refuses the public key, and says which to use, without the key in it", () => {
    const environment = (key: string) => ({ SUPABASE_URL: "https://a.supabase.co", SUPABASE_KEY: key });
    for (const key of ["sb_publishable_abc", keyOf({ role: "anon" })]) {
      expect(() => supabaseOptions(environment(key), SETTINGS, null)).toThrow(/secret key/);
      expect(() => supabaseOptions(environment(key), SETTINGS, null)).not.toThrow(key);
    }
    expect(() => supabaseOptions(environment("a b"), SETTINGS, null)).toThrow(/Copy it again/);
    for (const key of ["sb_secret_abc", keyOf({ role: "service_role" }), "no.jwt.it"])
      expect(supabaseOptions(environment(key), SETTINGS, null)?.key).toBe(key);
  });

  it("knows two tables by SUPABASE_TABLE, and refuses any other", () => {
    const tableOf = (table: string) =>
      supabaseOptions(
        { SUPABASE_URL: "https://a.supabase.co", SUPABASE_KEY: "k", SUPABASE_TABLE: table },
        SETTINGS,
        null,
      )?.chatTable;
    for (const table of ["", " ", "message_logs"]) expect(tableOf(table)).toBeNull();
    expect(tableOf(" message_paritition\n")).toBe("message_paritition");
    for (const table of ["message_partition", "messages", "public.message_logs"])
      expect(() => tableOf(table)).toThrow(`SUPABASE_TABLE is "${table}"`);
  });

  it("names the target without its key", () => {
    const options = { url: "https://own.example:8443/supabase", key: "k", caFile: null, chatTable: null };
    expect(targetOf(options)).toBe("own.example:8443/supabase");
  });
});

describe("what PostgreSQL can store", () => {
  it("has no NUL and no half pair, in any JSON", () => {
    const text = fc
      .string({ unit: "binary" })
      .map((string) => string.replaceAll("a", "\0").replaceAll("b", "\ud800"));
    const json = fc.jsonValue({ stringUnit: "binary" });
    fc.assert(
      fc.property(fc.dictionary(text, fc.oneof(text, json)), (value) => {
        const written = JSON.stringify(value);
        const stored = storableJson(written);
        const walk = (each: unknown): unknown => {
          if (typeof each === "string") return storableText(each);
          if (Array.isArray(each)) return each.map(walk);
          if (typeof each !== "object" || each === null) return each;
          return Object.fromEntries(Object.entries(each).map(([key, own]) => [storableText(key), walk(own)]));
        };
        expect(JSON.parse(stored)).toEqual(walk(JSON.parse(written)));
      }),
    );
  });

  it("leaves alone what only looks so", () => {
    const harmless = JSON.stringify({ a: "\\u0000 \\ud800 😀 \\\\u0000" });
    expect(storableJson(harmless)).toBe(harmless);
  });

  it("has no year 0", () => {
    expect(storableTime("0000-12-31T23:59:59.999Z")).toBe("0001-12-31T23:59:59.999Z BC");
    expect(storableTime("0001-01-01T00:00:00.000Z")).toBe("0001-01-01T00:00:00.000Z");
  });
});

it.each([
  [null, null],
  ["", null],
  ["soon", null],
  ["0", 0],
  [" 12 ", 12_000],
  ["1.5", 1_500],
  ["99999999", 3_600_000],
  ["Thu, 01 Jan 1970 00:16:45 GMT", 5_000],
  ["Thu, 01 Jan 1970 00:00:00 GMT", 0],
])("reads Retry-After %j as %j", (header, ms) => {
  expect(parseRetryAfter(header, 1_000_000)).toBe(ms);
});

describe("upsertRows", () => {
  const rowsOf = (count: number): RowToSend[] =>
    Array.from({ length: count }, (_, index) => ({ row: { index }, characters: 100, indexes: [index] }));
  const fine = async (): Promise<null> => null;

  it("finds every refused row among any others, and stores the rest once", async () => {
    const count = fc.integer({ min: 1, max: 600 });
    const bad = fc.uniqueArray(fc.integer({ min: 0, max: 599 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(count, bad, async (rows, poisonous) => {
        const stored: unknown[] = [];
        const { verdicts, failure } = await upsertRows({
          rows: rowsOf(rows),
          changes: rows,
          limits: new RequestLimits(),
          probe: fine,
          send: async (chunk) => {
            if (chunk.some(({ indexes }) => poisonous.includes(indexes[0]!)))
              return { kind: "refused", reason: "no" };
            stored.push(...chunk.flatMap(({ indexes }) => indexes));
            return null;
          },
        });
        expect(failure).toBeNull();
        for (const [index, { kind }] of verdicts.entries())
          expect(kind).toBe(poisonous.includes(index) ? "parked" : "delivered");
        expect(stored.length).toBe(new Set(stored).size);
      }),
      { numRuns: 50 },
    );
  });

  it("begins nothing after a failure, and keeps what was refused before it to be tried again", async () => {
    let requests = 0;
    const failure = new SinkFailure("retry", "away");
    const outcome = await upsertRows({
      rows: rowsOf(5_000),
      changes: 5_000,
      limits: new RequestLimits(),
      probe: fine,
      send: async () => {
        requests += 1;
        return { kind: "failed", failure, isSlow: false };
      },
    });
    expect(outcome.failure).toBe(failure);
    expect(requests).toBeLessThanOrEqual(3);
    expect(new Set(outcome.verdicts.map(({ kind }) => kind))).toEqual(new Set(["unsettled"]));
  });

  it("makes no request larger than its limits, but for one row alone", async () => {
    const rows = rowsOf(1_200).map((row, index) => ({
      ...row,
      characters: index % 100 === 0 ? 3_000_000 : 5_000,
    }));
    const sizes: { rows: number; characters: number }[] = [];
    await upsertRows({
      rows,
      changes: rows.length,
      limits: new RequestLimits(),
      probe: fine,
      send: async (chunk) => {
        sizes.push({
          rows: chunk.length,
          characters: chunk.reduce((sum, { characters }) => sum + characters, 0),
        });
        return null;
      },
    });
    for (const size of sizes) {
      expect(size.rows).toBeLessThanOrEqual(500);
      if (size.rows > 1) expect(size.characters).toBeLessThanOrEqual(2 * 1024 * 1024);
    }
  });
});
