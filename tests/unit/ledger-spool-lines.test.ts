import { appendFileSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isCutOff } from "../../src-main/ledger/writer/spool-line.ts";
import { MOST_CHUNK_BYTES, readSpool, type SpoolChunk } from "../../src-main/ledger/writer/spool-reader.ts";
import { SpoolWriter } from "../../src-main/ledger/writer/spool-writer.ts";
import { cleanUpAtEnd, temporaryDirectory } from "../support/ledger.ts";
import { messageEntry } from "../support/writer.ts";

cleanUpAtEnd();

const NEWLINE = 0x0a;
const COUNT = 9;
const entries = Array.from({ length: COUNT }, (_, index) => messageEntry({ topic: `m${index}`, body: "é" }));

/** A spool file of nine lines, and where each ends. */
function spool(): { path: string; bytes: Buffer; ends: number[] } {
  const writer = new SpoolWriter(join(temporaryDirectory(), "spool"), "0123abcd", false);
  writer.append(entries.slice(0, 2));
  for (const entry of entries.slice(2)) writer.append([entry]);
  const path = writer.path ?? "";
  writer.close();
  const bytes = readFileSync(path);
  const ends = Array.from(bytes.entries()).flatMap(([at, byte]) => (byte === NEWLINE ? [at + 1] : []));
  return { path, bytes, ends };
}

/** The whole file, read in chunks of so many lines. */
function readAll(
  path: string,
  lines = Number.POSITIVE_INFINITY,
  bytes = MOST_CHUNK_BYTES,
): Omit<SpoolChunk, "next" | "end"> {
  const all = { entries: [] as SpoolChunk["entries"], damaged: [] as string[], lost: 0, isLostExact: true };
  for (let position = 0; ; ) {
    const chunk = readSpool(path, position, { lines, bytes });
    all.entries.push(...chunk.entries);
    all.damaged.push(...chunk.damaged);
    all.lost += chunk.lost;
    all.isLostExact &&= chunk.isLostExact;
    if (chunk.end) return all;
    position = chunk.next;
  }
}

function topicOf(entry: SpoolChunk["entries"][number]): unknown {
  return entry.op === "message" ? entry.message.topic : entry.op;
}

describe("the lines of a spool file", () => {
  it("that are overwritten are counted by the numbers of those around them, however it is read", () => {
    const { path, bytes, ends } = spool();
    const stroke = fc.record({
      at: fc.nat(bytes.length - 1),
      bytes: fc.oneof(
        fc.uint8Array({ minLength: 1, maxLength: 1500 }),
        fc.constant(Uint8Array.of(0x78)),
        fc.constant(Uint8Array.of(NEWLINE, NEWLINE)),
      ),
    });
    fc.assert(
      fc.property(
        fc.array(stroke, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 10 }),
        (strokes, limit) => {
          const damaged = Buffer.from(bytes);
          for (const { at, bytes } of strokes) damaged.set(bytes.subarray(0, damaged.length - at), at);
          writeFileSync(path, damaged);
          const found = readAll(path, limit, bytes.length / limit);
          const topics = found.entries.map(topicOf);
          // Also where the break before it is gone.
          const sound = entries.filter((_, index) => {
            const [begin, end] = [ends[index - 1] ?? 0, ends[index]];
            return bytes.compare(damaged, begin, end, begin, end) === 0;
          });
          expect(topics).toEqual(expect.arrayContaining(sound.map(topicOf)));
          expect(topics).toEqual(entries.map(topicOf).filter((topic) => topics.includes(topic)));
          if (topics.includes(`m${COUNT - 1}`)) {
            expect(found.lost).toBe(COUNT - topics.length);
            expect(found.isLostExact).toBe(true);
            // An end that looks as if its writing was cut off counts for nothing.
          } else if (!isCutOff(damaged.subarray(damaged.lastIndexOf(NEWLINE) + 1)))
            expect(found.lost).toBeGreaterThan(0);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("whose break is overwritten come back, both of them", () => {
    const { path, bytes, ends } = spool();
    for (const end of ends.slice(2, 4)) bytes[end - 1] = 0x4a;
    writeFileSync(path, bytes);
    expect(readAll(path, 1)).toEqual({ entries, damaged: [], lost: 0, isLostExact: true });
  });

  it("at the end, with nothing behind them, are as many as it looks like", () => {
    const { path, bytes, ends } = spool();
    // The break between the last two, and a byte of each.
    for (const at of [1, 20].map((back) => (ends.at(-2) ?? 0) - back)) bytes[at] = (bytes[at] ?? 0) ^ 1;
    bytes[bytes.length - 20] = 0;
    writeFileSync(path, bytes);
    expect(readAll(path)).toMatchObject({ entries: entries.slice(0, -2), lost: 2, isLostExact: false });
  });

  it("are whole without the last break, and never were accepted where one is cut off", () => {
    const { path, bytes, ends } = spool();
    const begin = ends.at(-2) ?? 0;
    for (let length = bytes.length - 1; length >= begin; length -= 1) {
      truncateSync(path, length);
      const isWhole = length === bytes.length - 1;
      expect(readAll(path)).toEqual({
        entries: isWhole ? entries : entries.slice(0, -1),
        damaged: [],
        lost: 0,
        isLostExact: true,
      });
    }
    appendFileSync(path, "\0\0\0");
    expect(readAll(path)).toMatchObject({ damaged: ["\0\0\0"], lost: 1, isLostExact: false });
  });

  it("of a Waybill that did not number them are read", () => {
    const { path } = spool();
    const lines = entries.map((entry) => {
      const text = JSON.stringify(entry);
      return `{"crc":"${crc32(text).toString(16).padStart(8, "0")}","entry":${text}}`;
    });
    writeFileSync(path, `${lines.join("\n")}\n`);
    expect(readAll(path, 2)).toEqual({ entries, damaged: [], lost: 0, isLostExact: true });
    writeFileSync(path, `${lines[0]}\nx${lines[1]?.slice(2)}\nx\n${lines[3]}\n`);
    expect(readAll(path, 1)).toMatchObject({
      entries: [entries[0], entries[3]],
      lost: 2,
      isLostExact: false,
    });
  });
});
