import fc from "fast-check";
import { expect, test } from "vitest";
import { MAX_LINE_BYTES, type RecordLine, RecordLines } from "../../src-main/api/record-lines.ts";

function read(...chunks: (string | Buffer)[]): RecordLine[] {
  const lines = new RecordLines();
  return [...chunks.flatMap((chunk) => lines.push(Buffer.from(chunk))), ...lines.end()];
}

test("gives one value a line, with its number among all lines and its index among those that hold something", () => {
  expect(read('{"a":1}\n\n  \r\n{"a":2}\r\n7')).toEqual([
    { number: 1, index: 0, record: { a: 1 } },
    { number: 4, index: 1, record: { a: 2 } },
    { number: 5, index: 2, record: 7 },
  ]);
  expect(read("")).toEqual([]);
  expect(read("\n\n")).toEqual([]);
});

test("a bad line is told in its place and stops no other", () => {
  expect(read('{"a":1}\n{nope\n{"a":2}\n')).toEqual([
    { number: 1, index: 0, record: { a: 1 } },
    { number: 2, index: 1, error: expect.stringContaining("is not JSON"), tooLarge: false },
    { number: 3, index: 2, record: { a: 2 } },
  ]);
});

test("bytes that are no UTF-8 spoil their own line only", () => {
  const lines = read(
    Buffer.concat([Buffer.from('"ä"\n"'), Buffer.from([0xff, 0xfe]), Buffer.from('"\n"ö"')]),
  );
  expect(lines).toEqual([
    { number: 1, index: 0, record: "ä" },
    { number: 2, index: 1, error: "is not UTF-8 text", tooLarge: false },
    { number: 3, index: 2, record: "ö" },
  ]);
});

test("a byte order mark before the first line is no part of it", () => {
  expect(read('\ufeff{"a":1}\n')).toEqual([{ number: 1, index: 0, record: { a: 1 } }]);
});

test("a line beyond the limit is told and not kept", () => {
  const piece = Buffer.alloc(1024 * 1024, "x");
  const pieces = Array.from({ length: MAX_LINE_BYTES / piece.length + 2 }, () => piece);
  expect(read("1\n", ...pieces, "\n2\n")).toEqual([
    { number: 1, index: 0, record: 1 },
    { number: 2, index: 1, error: expect.stringContaining("is longer than"), tooLarge: true },
    { number: 3, index: 2, record: 2 },
  ]);
});

test("where the chunks are cut makes no difference", () => {
  const values = fc.array(fc.oneof(fc.constant(undefined), fc.jsonValue()), { maxLength: 20 });
  fc.assert(
    fc.property(values, fc.array(fc.nat(200)), (records, cuts) => {
      const bytes = Buffer.from(
        records.map((record) => (record === undefined ? "" : JSON.stringify(record))).join("\n"),
      );
      const chunks: Buffer[] = [];
      let start = 0;
      for (const cut of cuts) {
        chunks.push(bytes.subarray(start, start + cut));
        start = Math.min(bytes.length, start + cut);
      }
      expect(read(...chunks, bytes.subarray(start))).toEqual(read(bytes));
    }),
  );
});
