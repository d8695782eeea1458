import { closeSync, openSync, readFileSync, statSync, writeSync } from "node:fs";

/** How far a ledger got: the last group of its chain, and the messages it then had. */
export type Head = { group: number; stored: number };

/** Beside the database, and moves with it. */
export const HEAD = "-head";
const LENGTH = 128;

/**
 * Tells of each commit outside the database and its log, so that a log that lost its end does not pass for a
 * shorter one. It is not synced: after a power cut it may lag, which only makes it tell less.
 */
export class HeadFile {
  readonly #inode: string;
  #descriptor: number | null = null;

  constructor(database: string) {
    this.#inode = inodeOf(database);
    try {
      this.#descriptor = openSync(database + HEAD, "a+", 0o600);
      closeSync(this.#descriptor);
      this.#descriptor = openSync(database + HEAD, "r+");
    } catch {
      // A folder that can't be written; whether records can be is found out with them.
      this.#descriptor = null;
    }
  }

  write({ group, stored }: Head): void {
    if (this.#descriptor === null) return;
    const text = JSON.stringify({ inode: this.#inode, group, stored }).padEnd(LENGTH - 1);
    try {
      writeSync(this.#descriptor, `${text}\n`, 0);
    } catch {
      // Told a little less the next time.
    }
  }

  close(): void {
    if (this.#descriptor !== null) closeSync(this.#descriptor);
    this.#descriptor = null;
  }
}

/** What the file beside a database tells of it; null where it tells nothing, or is of another database. */
export function readHead(database: string): Head | null {
  try {
    const { inode, group, stored } = JSON.parse(readFileSync(database + HEAD, "utf8")) as Record<
      string,
      unknown
    >;
    if (inode !== inodeOf(database) || typeof group !== "number" || typeof stored !== "number") return null;
    return { group, stored };
  } catch {
    return null;
  }
}

function inodeOf(file: string): string {
  return String(statSync(file, { bigint: true }).ino);
}
