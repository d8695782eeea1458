import { randomBytes } from "node:crypto";
import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { crc32 } from "node:zlib";
import { ensurePrivateDirectory } from "../data-dir.ts";
import type { Entry } from "../entries.ts";
import { spoolName } from "./spool-files.ts";

const READ_BYTES = 256 * 1024;
/** Large records fill a chunk before it has its number of lines. */
const CHUNK_BYTES = 8 * 1024 * 1024;
const NEWLINE = 0x0a;

/** A line is `{"crc":"…","entry":…}`: the checksum is over the entry's text, so a torn or flipped one shows. */
function encodeEntry(entry: Entry): string {
  const text = JSON.stringify(entry);
  return `{"crc":"${checksum(text)}","entry":${text}}\n`;
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, "0");
}

const LINE = /^\{"crc":"([0-9a-f]{8})","entry":(.*)\}$/s;

/** Undefined where the line is not what was written. */
function decodeEntry(line: string): Entry | undefined {
  const match = LINE.exec(line);
  const [, crc, text] = match ?? [];
  if (text === undefined || checksum(text) !== crc) return undefined;
  return JSON.parse(text) as Entry;
}

function syncDirectory(directory: string): void {
  // A new file is only there after a power cut if its directory was synced too; Windows has no such call.
  if (process.platform === "win32") return;
  const descriptor = openSync(directory, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * The file that takes accepted entries while the database can't. One for each writer, in a
 * folder that all share; its name sorts by time and tells whose it is.
 */
export class SpoolWriter {
  readonly directory: string;
  readonly #owner: string;
  /** In the data folder, not one of the last resorts. */
  readonly #isOfData: boolean;
  #open: { path: string; descriptor: number; size: number } | null = null;

  constructor(directory: string, owner: string, isOfData: boolean) {
    this.directory = directory;
    this.#owner = owner;
    this.#isOfData = isOfData;
  }

  get path(): string | null {
    return this.#open?.path ?? null;
  }

  /**
   * Appends entries and syncs them. Throws the system's error with nothing half written: a line
   * that did not get in whole is cut off again, so that none is replayed that was refused.
   */
  append(entries: readonly Entry[]): void {
    const bytes = Buffer.from(entries.map(encodeEntry).join(""), "utf8");
    try {
      this.#write(bytes);
    } catch (error) {
      // Someone took us for dead and the file over: what it held before is in good hands.
      if (!(error instanceof SpoolTakenError)) throw error;
      this.#write(bytes);
    }
  }

  /** Ends the file, so that it can be removed once it is replayed. */
  close(): void {
    if (this.#open === null) return;
    closeSync(this.#open.descriptor);
    this.#open = null;
  }

  #write(bytes: Buffer): void {
    this.#open ??= this.#create();
    const { path, descriptor, size } = this.#open;
    try {
      for (let written = 0; written < bytes.length; ) {
        written += writeSync(descriptor, bytes, written, bytes.length - written, size + written);
      }
      fdatasyncSync(descriptor);
      assertLinked(path, descriptor);
    } catch (error) {
      this.#abandon(path, descriptor, size);
      throw error;
    }
    this.#open.size = size + bytes.length;
  }

  #create(): { path: string; descriptor: number; size: number } {
    // A data folder that was taken away is not made anew: it could not be put back then.
    if (this.#isOfData) mkdirOnly(this.directory);
    else ensurePrivateDirectory(this.directory);
    const path = join(
      this.directory,
      spoolName(Date.now(), process.pid, this.#owner, randomBytes(4).toString("hex")),
    );
    const descriptor = openSync(path, "ax", 0o600);
    syncDirectory(this.directory);
    syncDirectory(dirname(this.directory));
    return { path, descriptor, size: 0 };
  }

  #abandon(path: string, descriptor: number, size: number): void {
    try {
      ftruncateSync(descriptor, size);
      // Or a full disk would gather an empty file with each try.
      if (size === 0) rmSync(path, { force: true });
    } catch {
      // The file itself is out of reach; the next append goes to a new one.
    }
    try {
      closeSync(descriptor);
    } catch {
      // Already closed by the system's failure.
    }
    this.#open = null;
  }
}

function mkdirOnly(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

/** The spool file was deleted or taken over while open: what goes there now nobody may ever read. */
class SpoolTakenError extends Error {
  override readonly name = "SpoolTakenError";
  readonly code = "ENOENT";
}

function assertLinked(path: string, descriptor: number): void {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false });
  if (found?.ino !== fstatSync(descriptor, { bigint: true }).ino) {
    throw new SpoolTakenError(`The spool file ${path} was taken away`);
  }
}

export type SpoolChunk = {
  entries: Entry[];
  /** Lines that are not what was written, as they stand. */
  damaged: string[];
  /** Where the next chunk begins. */
  next: number;
  /** Nothing more to read now; a last line without its newline was never accepted. */
  end: boolean;
};

/** Reads whole lines from a position (bytes), at most `limit` of them. Throws the system's error. */
export function readSpool(path: string, position: number, limit: number): SpoolChunk {
  const chunk: SpoolChunk = { entries: [], damaged: [], next: position, end: false };
  const descriptor = openSync(path, "r");
  try {
    let pending = Buffer.alloc(0);
    const buffer = Buffer.allocUnsafe(READ_BYTES);
    for (;;) {
      const count = readSync(descriptor, buffer, 0, READ_BYTES, chunk.next + pending.length);
      if (count === 0) {
        chunk.end = true;
        return chunk;
      }
      pending = Buffer.concat([pending, buffer.subarray(0, count)]);
      let start = 0;
      for (
        let newline = pending.indexOf(NEWLINE);
        newline !== -1;
        newline = pending.indexOf(NEWLINE, start)
      ) {
        const line = pending.toString("utf8", start, newline);
        const entry = decodeEntry(line);
        if (entry === undefined) chunk.damaged.push(line);
        else chunk.entries.push(entry);
        start = newline + 1;
        if (chunk.entries.length + chunk.damaged.length >= limit) {
          chunk.next += start;
          return chunk;
        }
      }
      chunk.next += start;
      if (chunk.next - position >= CHUNK_BYTES) return chunk;
      pending = pending.subarray(start);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Every entry of a spool file that is as it was written. Throws the system's error. */
export function* spoolEntries(path: string): Generator<Entry> {
  for (let next = 0; ; ) {
    const chunk = readSpool(path, next, Number.POSITIVE_INFINITY);
    yield* chunk.entries;
    if (chunk.end) return;
    next = chunk.next;
  }
}
