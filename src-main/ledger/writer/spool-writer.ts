import { randomBytes } from "node:crypto";
import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { ensurePrivateDirectory } from "../data-dir.ts";
import { roomOf } from "../disk-room.ts";
import type { Entry } from "../entries.ts";
import { spoolName } from "./spool-files.ts";
import { encodeLine } from "./spool-line.ts";

/** A file ends here, so that what came in gives its room back long before all of it is in. */
const MOST_FILE_BYTES = 8 * 1024 * 1024;
/** Of a small disk's reserve, with which a file comes in when there is no other room. */
const RESERVE_SHARE = 1 / 8;

type OpenFile = { path: string; descriptor: number; size: number; lines: number; mostBytes: number };

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
 * The files that take accepted entries while the database can't. Each writer has its own, one after the other, in a
 * folder that all share; their names sort by time and tell whose they are.
 */
export class SpoolWriter {
  readonly directory: string;
  readonly #owner: string;
  /** In the data folder, not one of the last resorts. */
  readonly #isOfData: boolean;
  #open: OpenFile | null = null;
  #lastCreated = 0;

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
    try {
      this.#write(entries);
    } catch (error) {
      // Someone took us for dead and the file over: what it held before is in good hands.
      if (!(error instanceof SpoolTakenError)) throw error;
      this.#write(entries);
    }
  }

  /** Ends the file, so that it can be removed once it is replayed. */
  close(): void {
    if (this.#open === null) return;
    closeSync(this.#open.descriptor);
    this.#open = null;
  }

  #write(entries: readonly Entry[]): void {
    if (this.#open !== null && this.#open.size >= this.#open.mostBytes) this.close();
    const before = this.#open?.lines ?? 0;
    const bytes = Buffer.from(entries.map((entry, index) => encodeLine(entry, before + index + 1)).join(""));
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
    this.#open.lines = before + entries.length;
  }

  #create(): OpenFile {
    // A data folder that was taken away is not made anew: it could not be put back then.
    if (this.#isOfData) mkdirOnly(this.directory);
    else ensurePrivateDirectory(this.directory);
    // Two in one millisecond would not sort.
    this.#lastCreated = Math.max(Date.now(), this.#lastCreated + 1);
    const unique = randomBytes(4).toString("hex");
    const path = join(this.directory, spoolName(this.#lastCreated, process.pid, this.#owner, unique));
    const descriptor = openSync(path, "ax", 0o600);
    syncDirectory(this.directory);
    syncDirectory(dirname(this.directory));
    const reserved = roomOf(this.directory)?.reserved_bytes ?? Number.POSITIVE_INFINITY;
    const mostBytes = Math.min(MOST_FILE_BYTES, reserved * RESERVE_SHARE);
    return { path, descriptor, size: 0, lines: 0, mostBytes };
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
