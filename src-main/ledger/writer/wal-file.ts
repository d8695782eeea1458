import { existsSync, readFileSync, statSync } from "node:fs";
import { DamagedLogError, LogAwayError } from "../sqlite-errors.ts";

/** What follows is SQLite's format of the write-ahead log, with our pages of the default size. */
const PAGE = 4_096;
const HEADER = 32;
const FRAME_HEADER = 24;
const FRAME = FRAME_HEADER + PAGE;
/** The last bit of the magic number tells the byte order of the checksums. */
const MAGIC = 0x377f0682;
const SALTS = { start: 16, end: 24 } as const;

type Frame = { start: number; page: number; isCommit: boolean; holds: boolean };

/**
 * The frames of the log's present round, in order. A checksum is over all frames before it, so after one that
 * does not hold the next is proven from the sum that the damaged one carries: damage takes no more than itself.
 */
function* framesOf(log: Buffer): Generator<Frame> {
  if (log.length < HEADER || (log.readUInt32BE(0) & ~1) >>> 0 !== MAGIC) return;
  const isBigEndian = (log.readUInt32BE(0) & 1) === 1;
  let sums: [number, number] = [log.readUInt32BE(24), log.readUInt32BE(28)];
  for (let start = HEADER; start + FRAME <= log.length; start += FRAME) {
    const isOfRound = log.compare(log, SALTS.start, SALTS.end, start + 8, start + 16) === 0;
    const stored: [number, number] = [log.readUInt32BE(start + 16), log.readUInt32BE(start + 20)];
    const made = addUp(log, start + FRAME_HEADER, PAGE, isBigEndian, addUp(log, start, 8, isBigEndian, sums));
    yield {
      start,
      page: log.readUInt32BE(start),
      isCommit: log.readUInt32BE(start + 4) > 0,
      holds: isOfRound && made[0] === stored[0] && made[1] === stored[1],
    };
    sums = stored;
  }
}

function addUp(
  log: Buffer,
  start: number,
  length: number,
  isBigEndian: boolean,
  [first, second]: [number, number],
): [number, number] {
  let a = first;
  let b = second;
  for (let at = start; at < start + length; at += 8) {
    a = (a + (isBigEndian ? log.readUInt32BE(at) : log.readUInt32LE(at)) + b) >>> 0;
    b = (b + (isBigEndian ? log.readUInt32BE(at + 4) : log.readUInt32LE(at + 4)) + a) >>> 0;
  }
  return [a, b];
}

/** Where in the log the last version of each page is, of all commits that can be made out. */
export function committedPages(log: Buffer): Map<number, number> {
  const committed = new Map<number, number>();
  let pending = new Map<number, number>();
  for (const { start, page, isCommit, holds } of framesOf(log)) {
    if (!holds) continue;
    pending.set(page, start + FRAME_HEADER);
    if (!isCommit) continue;
    for (const [number, offset] of pending) committed.set(number, offset);
    pending = new Map();
  }
  return committed;
}

/**
 * Whether commits lie behind a frame that does not hold. SQLite takes the log to end there; but each commit is
 * synced before the next begins, so only the last can have been torn by a power cut, and more than one
 * behind it were told to be accepted.
 */
function isBroken(log: Buffer): boolean {
  let torn = false;
  let commits = 0;
  for (const { isCommit, holds } of framesOf(log)) {
    torn ||= !holds;
    if (torn && holds && isCommit) commits += 1;
    if (commits > 1) return true;
  }
  return false;
}

/** Throws `DamagedLogError` before a log that lost commits in its middle is opened, or the system's error. */
export function assertLogHolds(database: string): void {
  const file = `${database}-wal`;
  if (!existsSync(file)) return;
  const log = readFileSync(file);
  // One that another process is writing to may look torn: it is another one then when it is read again.
  if (isBroken(log) && readFileSync(file).equals(log))
    throw new DamagedLogError(`${file} is damaged between its commits`);
}

/** SQLite takes both files away at once: one without the other is looked at again. */
const BOTH_MS = 20;

/**
 * Throws `LogAwayError` where the log of a database that is in use was taken away: SQLite would begin a second one, and
 * what is written to either would be lost with the other. Throws the system's error.
 */
export function assertLogNotAway(database: string): void {
  if (!isLogAway(database)) return;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BOTH_MS);
  if (isLogAway(database)) throw new LogAwayError(`${database}-wal is not there, and its index is`);
}

function isLogAway(database: string): boolean {
  return existsSync(`${database}-shm`) && !existsSync(`${database}-wal`);
}

/** Whether the log at the path has nothing of a log, not even its beginning: it is not the one that was written. */
export function isNoLog(database: string): boolean {
  return (statSync(`${database}-wal`, { throwIfNoEntry: false })?.size ?? 0) < HEADER;
}

/**
 * Watches that the log stays where it was and as long as SQLite has written it: what is written behind a gap, or to
 * another file, would not be found again. `frames` asks SQLite how long it is.
 */
export class LogWatch {
  readonly #file: string;
  readonly #frames: () => number;
  /** The file that the connection writes to. It stays at the path for as long as a connection is open. */
  readonly #inode: bigint;

  /** To be made when the connection has opened its log. Throws `LogAwayError` where it is not there any more. */
  constructor(database: string, frames: () => number) {
    this.#file = `${database}-wal`;
    this.#frames = frames;
    const found = this.#find();
    if (found === undefined) throw new LogAwayError(`${this.#file} was taken away while it was opened`);
    this.#inode = found.ino;
  }

  get inode(): bigint {
    return this.#inode;
  }

  /** Whether nothing is where the log was. */
  isMissing(): boolean {
    return this.#find() === undefined;
  }

  /** Throws `DamagedLogError` where the log was cut, and `LogAwayError` where it was taken away or another is in its place. */
  assertWhole(): void {
    const frames = this.#frames();
    if (!this.#isShort(frames)) return;
    // Another process may have emptied it between the two questions: then they are answered anew.
    if (this.#frames() !== frames || !this.#isShort(frames)) return;
    throw new DamagedLogError(`${this.#file} lost its end`);
  }

  #isShort(frames: number): boolean {
    const found = this.#find();
    if (found?.ino !== this.#inode) throw new LogAwayError(`${this.#file} is not the log that was written`);
    return frames > 0 && found.size < HEADER + frames * FRAME;
  }

  #find(): { ino: bigint; size: bigint } | undefined {
    return statSync(this.#file, { bigint: true, throwIfNoEntry: false });
  }
}
