import Database from "better-sqlite3";
import fc from "fast-check";
import { beforeEach, describe, expect, it } from "vitest";
import { migrate } from "../../src-main/ledger/migrate.ts";
import type { ReadableDatabase, WritableDatabase } from "../../src-main/ledger/open.ts";
import { messageCsv, toTexts } from "../../src-main/ledger/task/message-csv.ts";
import { inert } from "../../src-main/transfer/csv-cell.ts";
import { createFormatter } from "../../src-main/transfer/format.ts";
import { MESSAGE_FIELDS, type StoredMessage } from "../../src-shared/record.ts";

const reference = createFormatter("csv", MESSAGE_FIELDS);

let database: WritableDatabase;
let insert: Database.Statement;

beforeEach(() => {
  database = new Database(":memory:") as unknown as WritableDatabase;
  migrate(database);
  insert = database.prepare(
    `INSERT INTO message_logs (${MESSAGE_FIELDS.join(", ")}) VALUES (${MESSAGE_FIELDS.map((name) => `@${name}`).join(", ")})`,
  );
  return () => database.close();
});

const plain: StoredMessage = {
  message_uuid: "0198c0de-7000-7000-8000-000000000001",
  session_id: null,
  user_id: "shop",
  channel: "email",
  status: "sent",
  origin_ts: Date.UTC(2026, 0, 31, 9, 30),
  sent_ts: null,
  delivered_ts: null,
  read_ts: null,
  ack_ts: null,
  source_subject_id: null,
  destination_subject_ids: '["a@example.com"]',
  topic: null,
  message_type: null,
  template_id: null,
  template_name: null,
  external_id: null,
  error_message: null,
  content_preview: null,
  message_data: "{}",
  message_metadata: '{"a":"say \\"hi\\""}',
  revision: 1,
};

let made = 0;
const uuid = (): string => `0198c0de-7000-7000-8000-${String(++made).padStart(12, "0")}`;

function add(fields: Partial<StoredMessage>): number {
  return Number(insert.run({ ...plain, message_uuid: uuid(), ...fields }).lastInsertRowid);
}

type Piece = { text: string | Uint8Array; rows: number };

function write(...blocks: number[][]): Piece[] {
  const keys = blocks.map((block) => Uint32Array.from(block));
  return [...messageCsv(database as unknown as ReadableDatabase, keys)];
}

function textOf(pieces: readonly Piece[]): string {
  return pieces
    .map(({ text }) =>
      typeof text === "string" ? text : new TextDecoder("utf-8", { fatal: true }).decode(text),
    )
    .join("");
}

function expected(keys: readonly number[]): string {
  const find = database.prepare("SELECT * FROM message_logs WHERE seq = ?");
  const rows = keys.map((key) => find.get(key) as StoredMessage | undefined);
  return reference.rows(rows.filter((row) => row !== undefined).map(toTexts));
}

const MARKS =
  "'\"=+-@＝＋－＠,;\t\r\n\0\u0001\u007f\u00a0\u00ad\u0600\u200b\u2028\u3000\ufeff{}[]0a é日本🚀".split("");
const text = fc.oneof(
  fc.array(fc.constantFrom(...MARKS, "+491701234567", " "), { maxLength: 6 }).map((parts) => parts.join("")),
  fc.string({ unit: "binary", maxLength: 30 }),
);
const anyTime = fc.oneof(
  fc.integer({ min: 0, max: 4_000_000_000_000 }),
  fc.integer({ min: Date.UTC(0, 0, 1) - 1_900 * 365 * 86_400_000, max: Date.UTC(9999, 11, 31) }),
);
const optional = fc.option(text);
const message = fc.record({
  session_id: optional,
  user_id: text,
  channel: text,
  status: text as unknown as fc.Arbitrary<StoredMessage["status"]>,
  origin_ts: anyTime,
  sent_ts: fc.option(anyTime),
  delivered_ts: fc.option(anyTime),
  read_ts: fc.option(anyTime),
  ack_ts: fc.option(anyTime),
  source_subject_id: optional,
  destination_subject_ids: fc.oneof(text, fc.json()),
  topic: optional,
  message_type: optional,
  template_id: optional,
  template_name: optional,
  external_id: optional,
  error_message: optional,
  content_preview: optional,
  message_data: fc.oneof(text, fc.json()),
  message_metadata: fc.oneof(text, fc.json()),
  revision: fc.integer({ min: -5, max: 1_000_000 }),
});

describe("messages as lines of CSV, from bytes", () => {
  it("are what csvLine writes, whatever the texts and times", { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 1, maxLength: 12 }), (messages) => {
        const keys = messages.map((fields) => add(fields));
        expect(textOf(write(keys))).toBe(expected(keys));
      }),
      { numRuns: 300 },
    );
  });

  it("are what csvLine writes for a text that begins with any character at all", { timeout: 60_000 }, () => {
    const keys: number[] = [];
    database.transaction(() => {
      for (let point = 0; point <= 0x10ffff; point += 1) {
        if (point >= 0xd800 && point <= 0xdfff) continue;
        const character = String.fromCodePoint(point);
        // Those that matter, and a sample of the many that do not.
        if (inert(`${character}=1`) === `${character}=1` && point > 0x3100 && point % 97 > 0) continue;
        keys.push(add({ topic: `${character}=1`, content_preview: character, external_id: `x${character}` }));
      }
    })();
    expect(textOf(write(keys))).toBe(expected(keys));
    expect(keys.length).toBeGreaterThan(20_000);
  });

  it("come page by page in the order asked for, without those that are gone", () => {
    const keys = Array.from({ length: 2_345 }, (_, index) => add({ topic: `topic ${index}` })).reverse();
    database.prepare("DELETE FROM message_logs WHERE seq % 10 = 3").run();
    const pieces = write(keys.slice(0, 2_000), keys.slice(2_000));
    expect(textOf(pieces)).toBe(expected(keys));
    expect(pieces.map(({ rows }) => rows)).toEqual([900, 900, 310]);
    expect(pieces.every(({ text }) => text instanceof Uint8Array)).toBe(true);
    expect(write([keys[0] ?? 0, 9_999_999])).toHaveLength(1);
    expect(write([9_999_998, 9_999_999], [9_999_999], [])).toEqual([]);
  });

  it("come in smaller pieces where the rows are large", { timeout: 30_000 }, () => {
    const large = (length: number): string => JSON.stringify({ text: '"é'.repeat(length) });
    const keys = Array.from({ length: 1_100 }, (_, index) =>
      add({ message_data: index % 100 === 7 ? large(100_000) : index % 10 === 0 ? large(3_000) : "{}" }),
    );
    const pieces = write(keys);
    expect(textOf(pieces)).toBe(expected(keys));
    expect(pieces.reduce((sum, { rows }) => sum + rows, 0)).toBe(1_100);
    expect(Math.max(...pieces.map(({ text }) => text.length))).toBeLessThan(6_000_000);
  });

  it("are still lines of valid UTF-8 where the stored bytes are not", () => {
    const keys = Array.from({ length: 20 }, () => add({}));
    const damage = database.prepare("UPDATE message_logs SET topic = CAST(? AS TEXT) WHERE seq = ?");
    for (const [index, bytes] of [[0xff], [0xfe, 0x41], [0x41, 0xed, 0xa0, 0x80], [0xc3]].entries())
      damage.run(Buffer.from(bytes), keys[3 + 4 * index]);
    expect(textOf(write(keys))).toBe(expected(keys));
  });

  it("tell a damaged time from one that is written", () => {
    const keys = [add({}), add({ sent_ts: 9_000_000_000_000_000 }), add({})];
    expect(() => write(keys)).toThrow("A row is not what was written");
  });
});
