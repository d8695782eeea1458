import fc from "fast-check";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { newId } from "../../src-shared/new-id.ts";
import { readPlainFields } from "../../src-shared/plain-fields.ts";
import { parsePlainTime } from "../../src-shared/plain-time.ts";
import { MAX_RECORD_BYTES, MESSAGE_FIELDS, normalizeMessage } from "../../src-shared/record.ts";
import { STATUSES } from "../../src-shared/status.ts";
import { parseTime } from "../../src-shared/time.ts";

// Well-formed records are read without zod, and plain times without the pattern: both must be told apart by their
// speed alone. So the straight paths can be switched off here, and everything is read both ways.
const straight = vi.hoisted(() => ({ isOn: true }));
vi.mock("../../src-shared/plain-fields.ts", async (original) => {
  const actual = await original<typeof import("../../src-shared/plain-fields.ts")>();
  const read = (sent: Record<string, unknown>) => (straight.isOn ? actual.readPlainFields(sent) : undefined);
  return { ...actual, readPlainFields: read };
});
vi.mock("../../src-shared/plain-time.ts", async (original) => {
  const actual = await original<typeof import("../../src-shared/plain-time.ts")>();
  const parse = (text: string) => (straight.isOn ? actual.parsePlainTime(text) : undefined);
  return { ...actual, parsePlainTime: parse };
});

beforeEach(() => {
  straight.isOn = true;
});

function theLongWay<T>(work: () => T): T {
  straight.isOn = false;
  try {
    return work();
  } finally {
    straight.isOn = true;
  }
}

const NOW = Date.UTC(2026, 0, 31, 12);

/** All that can be told from outside; an id that was made differs each time. */
function outcome(input: unknown, userId: string | undefined): unknown {
  try {
    const result = normalizeMessage(input, NOW, userId === undefined ? {} : { userId });
    const hasOwnId = (input as { message_uuid?: unknown } | null)?.message_uuid != null;
    return result.ok && !hasOwnId ? { ...result, message: { ...result.message, message_uuid: "" } } : result;
  } catch (error) {
    return { thrown: String(error) };
  }
}

function expectSame(input: unknown, userId?: string): void {
  expect(outcome(input, userId)).toStrictEqual(theLongWay(() => outcome(input, userId)));
}

const anyUnits = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xffff }), fc.integer({ min: 0xd7ff, max: 0xe001 })))
  .map((units) => String.fromCharCode(...units));
const nearLimit = (limit: number) =>
  fc
    .tuple(fc.constantFrom("x", "é", "😀", "\ud800"), fc.integer({ min: limit - 2, max: limit + 2 }))
    .map(([unit, length]) => unit.repeat(length));
const texts = fc.oneof(
  fc.string(),
  fc.string({ unit: "grapheme" }),
  anyUnits,
  fc.constantFrom("", " ", "\0"),
);

const numbers = fc.oneof(
  fc.double(),
  fc.integer(),
  fc.constantFrom(0, -0, 1, 1.5, 2 ** 53, 2 ** 53 - 1, Number.NaN, Number.POSITIVE_INFINITY, 1e21),
);
class Sent {
  readonly a = 1;
}
const wild = fc.oneof(
  fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withNullPrototype: true,
    withSparseArray: true,
  }),
  fc.constantFrom<unknown>(null, undefined, true, 1n, Symbol("s"), new Date(NOW), new Sent(), () => "", /x/),
  fc.constantFrom<unknown>(
    new String("boxed"),
    new Number(5),
    Object.create({ inherited: 1 }),
    Object.create(null),
  ),
);

const moments = fc.date({
  min: new Date("0000-01-01"),
  max: new Date("9999-12-31T23:59:59.999Z"),
  noInvalidDate: true,
});
const isoTexts = moments.map((date) => date.toISOString());
const zones = fc.constantFrom("Z", "z", "", "+02", "+02:00", "-0530", " Z", "+24:00", "-99:99");
const looseIsoTexts = fc
  .tuple(isoTexts, fc.constantFrom(10, 16, 19, 21, 23), fc.constantFrom("T", "t", " "), zones)
  .map(([text, end, between, zone]) => text.slice(0, end).replace("T", between) + (end > 10 ? zone : ""));
/** A part of a time, at and just beyond its ends as often as between them. */
const part = (min: number, max: number, length = 2) =>
  fc
    .oneof(fc.constantFrom(0, min, max - 2, max - 1, max, max + 1, max + 2), fc.integer({ min, max }))
    .map((value) => String(value).padStart(length, "0"));
const nearTimes = fc
  .tuple(part(0, 9_998, 4), part(1, 12), part(1, 30), part(0, 23), part(0, 59), part(0, 59), part(0, 997, 3))
  .chain(([year, month, day, hour, minute, second, ms]) => {
    const whole = `${year}-${month}-${day}T${hour}:${minute}:${second}`;
    return fc.constantFrom(`${whole}Z`, `${whole}.${ms}Z`);
  });
const spoilt = fc
  .tuple(
    isoTexts,
    fc.nat({ max: 23 }),
    fc.oneof(anyUnits, fc.constantFrom("", " ", ",", "-", "٣", "z", "T", "0")),
  )
  .map(([text, at, unit]) => text.slice(0, at) + unit + text.slice(at + 1));
const timeTexts = fc.oneof(isoTexts, looseIsoTexts, nearTimes, spoilt, texts);
const epochs = fc.oneof(
  fc.integer({ min: 0, max: 2_000_000_000 }),
  fc.double({ min: 0, max: 2_000_000_000, noNaN: true }),
  fc.integer({ min: -1e13, max: 3e14 }),
);

const uuids = fc.oneof(
  fc.uuid(),
  fc.uuid().map((uuid) => uuid.toUpperCase()),
  anyUnits,
);
const keys = fc.oneof(
  texts,
  fc.constantFrom("__proto__", "constructor", "toString", "toJSON", "status", "a.b"),
);
const data = fc.oneof(
  fc.object({ key: keys, withBigInt: false, withDate: true }),
  // As JSON has it, where __proto__ is a key like any other.
  fc.array(fc.tuple(keys, fc.jsonValue())).map((entries) => {
    const pairs = entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
    return JSON.parse(`{${pairs.join(",")}}`) as object;
  }),
  fc.constantFrom<unknown>(
    {},
    new Sent(),
    [],
    new Map([["a", 1]]),
    { [Symbol("s")]: 1 },
    { toJSON: () => ({ other: 1 }) },
    { toJSON: () => 5 },
    { constructor: Sent },
    { constructor: () => 1 },
    { text: "\ud800" },
    Object.assign(Object.create(null), { bare: true }),
    Object.create({ inherited: 1 }),
    Object.defineProperty({}, "hidden", { value: 1 }),
  ),
);

const orWild = <T>(usual: fc.Arbitrary<T>): fc.Arbitrary<unknown> =>
  fc.oneof(
    { arbitrary: usual, weight: 30 },
    { arbitrary: wild, weight: 1 },
    { arbitrary: fc.constant(null), weight: 2 },
  );
const textField = orWild(fc.oneof(texts, numbers, { arbitrary: nearLimit(4_096), weight: 1 }));
const timeField = orWild(fc.oneof(timeTexts, isoTexts, epochs, numbers));

const fields: Record<string, fc.Arbitrary<unknown>> = {
  ...Object.fromEntries(MESSAGE_FIELDS.map((field) => [field, textField])),
  ...Object.fromEntries(
    MESSAGE_FIELDS.filter((field) => field.endsWith("_ts")).map((field) => [field, timeField]),
  ),
  message_uuid: orWild(uuids),
  status: orWild(fc.oneof({ arbitrary: fc.constantFrom(...STATUSES), weight: 20 }, texts, keys)),
  destination_subject_ids: orWild(fc.oneof(fc.array(textField), fc.array(texts), texts, numbers)),
  error_message: orWild(fc.oneof(texts, { arbitrary: nearLimit(65_536), weight: 1 })),
  content_preview: orWild(fc.oneof(texts, nearLimit(200))),
  message_data: orWild(data),
  message_metadata: orWild(data),
  revision: orWild(fc.oneof(fc.integer({ min: 1 }), numbers)),
};
const unknownFields = fc.dictionary(keys, fc.oneof(fc.jsonValue(), wild));
const literal = fc
  .tuple(fc.record(fields, { requiredKeys: [] }), fc.oneof(fc.constant({}), unknownFields))
  .map(([known, unknown]) => ({ ...unknown, ...known }));
const inputs = fc.oneof(
  { arbitrary: literal, weight: 20 },
  // One field at a time: here most are taken, or refused for that field alone.
  {
    arbitrary: fc.constantFrom(...MESSAGE_FIELDS).chain((name) => fc.record({ [name]: fields[name]! })),
    weight: 20,
  },
  literal.map((sent) => Object.create(sent) as unknown),
  literal.map((sent) => Object.assign(new Sent(), sent)),
  data,
  wild,
);

describe("the straight path", () => {
  it("reads every record as the schema does, or leaves it to the schema", () => {
    fc.assert(
      fc.property(inputs, fc.option(fc.string(), { nil: undefined }), (input, userId) =>
        expectSame(input, userId),
      ),
      { numRuns: 5_000 },
    );
  });

  it("reads records of any size as the schema does", () => {
    for (const bytes of [
      MAX_RECORD_BYTES - 1,
      MAX_RECORD_BYTES,
      MAX_RECORD_BYTES + 1,
      2 * MAX_RECORD_BYTES,
    ]) {
      for (const [unit, width] of [
        ["x", 1],
        ["é", 2],
        ["😀", 4],
        ["\ud800", 6],
      ] as const) {
        const text = unit.repeat(Math.floor((bytes - 10) / width)) + "x".repeat((bytes - 10) % width);
        expectSame({ message_data: { a: text } });
        expectSame({ a: text, topic: "t" });
      }
    }
    for (const count of [9_999, 10_000, 10_001]) {
      expectSame({ destination_subject_ids: Array.from({ length: count }, (_, index) => `p${index}`) });
    }
  });

  it("is the one that well-formed records take", () => {
    const wellFormed = fc.record(
      {
        message_uuid: fc.uuid(),
        session_id: texts,
        user_id: texts,
        channel: texts,
        status: fc.constantFrom(...STATUSES),
        origin_ts: fc.oneof(
          isoTexts,
          epochs.filter((ms) => parseTime(ms) !== undefined),
        ),
        sent_ts: fc.option(isoTexts),
        source_subject_id: fc.oneof(texts, fc.integer()),
        destination_subject_ids: fc.oneof(fc.array(texts), texts),
        topic: fc.option(texts),
        error_message: texts,
        content_preview: fc.oneof(texts, nearLimit(200)),
        message_data: fc.dictionary(
          fc.string().filter((key) => key !== "constructor"),
          fc.jsonValue(),
          {
            noNullPrototype: true,
          },
        ),
        revision: fc.integer({ min: 1 }),
        campaign: texts,
      },
      { requiredKeys: [], noNullPrototype: true },
    );
    fc.assert(
      fc.property(wellFormed, (sent) => {
        expect(readPlainFields(sent)).toBeDefined();
      }),
    );
  });

  it("reads a time to the millisecond as the pattern does", () => {
    fc.assert(
      fc.property(timeTexts, (text) => {
        expect(parseTime(text)).toBe(theLongWay(() => parseTime(text)));
      }),
      { numRuns: 5_000 },
    );
    fc.assert(
      fc.property(isoTexts, (text) => {
        expect(parsePlainTime(text)).toBe(Date.parse(text));
      }),
    );
  });
});

describe("an id that is made here", () => {
  it("is a UUIDv7 of now, above every one before", () => {
    const before = Date.now();
    const ids = Array.from({ length: 20_000 }, newId);
    const after = Date.now();
    for (const [index, id] of ids.entries()) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(id > (ids[index - 1] ?? "")).toBe(true);
      const ms = Number.parseInt(id.replace("-", "").slice(0, 12), 16);
      expect(ms).toBeGreaterThanOrEqual(before);
      expect(ms).toBeLessThanOrEqual(after);
    }
  });

  it("goes on rising where the clock goes back", () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 1_000 });
    try {
      const first = newId();
      vi.setSystemTime(Date.now() - 60_000);
      expect(newId() > first).toBe(true);
    } finally {
      vi.useRealTimers();
    }
  });
});
