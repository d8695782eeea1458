import { closeSync, openSync, readSync } from "node:fs";
import type { Entry } from "../entries.ts";
import { decodeLines, isCutOff } from "./spool-line.ts";

const READ_BYTES = 256 * 1024;
/** Amid damage a chunk ends soon after so many; a line is shorter. */
export const MOST_CHUNK_BYTES = 8 * 1024 * 1024;
const NEWLINE = 0x0a;

/** A chunk ends with the sound line that reaches either. */
export type SpoolLimit = { lines: number; bytes: number };

export type SpoolChunk = {
  entries: Entry[];
  /** Lines that are not what was written, as they stand. */
  damaged: string[];
  /** How many records those were. */
  lost: number;
  /** False where no numbers stand around the damage, as at a file's end: `lost` is then what the damage looks like. */
  isLostExact: boolean;
  /** Where the next chunk begins, in bytes. */
  next: number;
  /** Nothing more to read now. */
  end: boolean;
};

/** Reads whole lines from a position (bytes) up to a limit, at least one. Throws the system's error. */
export function readSpool(path: string, position: number, limit: SpoolLimit): SpoolChunk {
  const descriptor = openSync(path, "r");
  try {
    return readChunk(descriptor, position, limit);
  } finally {
    closeSync(descriptor);
  }
}

/** Every entry of a spool file that is as it was written. Throws the system's error. */
export function* spoolEntries(path: string): Generator<Entry> {
  for (let next = 0; ; ) {
    const chunk = readSpool(path, next, { lines: Number.POSITIVE_INFINITY, bytes: MOST_CHUNK_BYTES });
    yield* chunk.entries;
    if (chunk.end) return;
    next = chunk.next;
  }
}

function readChunk(descriptor: number, position: number, limit: SpoolLimit): SpoolChunk {
  const lines = new LineCounter(() => numberBefore(descriptor, position));
  let next = position;
  let pending = Buffer.alloc(0);
  const buffer = Buffer.allocUnsafe(READ_BYTES);
  for (;;) {
    const count = readSync(descriptor, buffer, 0, READ_BYTES, next + pending.length);
    if (count === 0) {
      if (!isCutOff(pending)) lines.add(pending);
      return { ...lines.end(), next: next + pending.length, end: true };
    }
    pending = Buffer.concat([pending, buffer.subarray(0, count)]);
    let start = 0;
    for (let newline = pending.indexOf(NEWLINE); newline !== -1; newline = pending.indexOf(NEWLINE, start)) {
      const isSound = lines.add(pending.subarray(start, newline));
      start = newline + 1;
      // Damage is read to its end: the number of the line behind it tells how much was lost.
      const isEnough = lines.count >= limit.lines || next + start - position >= limit.bytes;
      if (isSound && isEnough) return { ...lines.end(), next: next + start, end: false };
    }
    next += start;
    if (next - position >= MOST_CHUNK_BYTES) return { ...lines.end(), next, end: false };
    pending = pending.subarray(start);
  }
}

/** Sorts lines into entries and damage, and counts by the numbers of the sound ones what stood between them. */
class LineCounter {
  readonly #entries: Entry[] = [];
  readonly #damaged: string[] = [];
  readonly #numberBefore: () => number | null;
  /** The number of the sound line read last; undefined before the first. */
  #last: number | null | undefined;
  #damagedSince = 0;
  #lost = 0;
  #isLostExact = true;

  constructor(before: () => number | null) {
    this.#numberBefore = before;
  }

  get count(): number {
    return this.#entries.length + this.#damaged.length;
  }

  /** Takes what stands between two breaks; gives whether it ends with what was written. */
  add(bytes: Buffer): boolean {
    const lines = decodeLines(bytes.toString("utf8"));
    for (const line of lines) {
      if (typeof line === "string") this.#addDamaged(line);
      else {
        this.#count(line.number);
        this.#last = line.number;
        this.#entries.push(line.entry);
      }
    }
    return typeof lines.at(-1) === "object";
  }

  end(): Pick<SpoolChunk, "entries" | "damaged" | "lost" | "isLostExact"> {
    this.#count(null);
    return {
      entries: this.#entries,
      damaged: this.#damaged,
      lost: this.#lost,
      isLostExact: this.#isLostExact,
    };
  }

  #addDamaged(text: string): void {
    if (this.#last === undefined) this.#last = this.#numberBefore();
    this.#damaged.push(text);
    this.#damagedSince += 1;
  }

  #count(number: number | null): void {
    if (this.#damagedSince === 0) return;
    const last = this.#last ?? null;
    if (number === null || last === null) {
      this.#lost += this.#damagedSince;
      this.#isLostExact = false;
      // A sector that is found twice brings old numbers.
    } else this.#lost += Math.max(0, number - last - 1);
    this.#damagedSince = 0;
  }
}

/** The number of the line that ends at a position, 0 at the file's beginning; null where it can't be told. */
function numberBefore(descriptor: number, position: number): number | null {
  if (position === 0) return 0;
  const length = Math.min(position, MOST_CHUNK_BYTES);
  const bytes = Buffer.alloc(length);
  readSync(descriptor, bytes, 0, length, position - length);
  const start = bytes.lastIndexOf(NEWLINE, -2) + 1;
  const line = decodeLines(bytes.toString("utf8", start, length - 1)).at(-1);
  return typeof line === "object" ? line.number : null;
}
