import { existsSync, readFileSync } from "node:fs";
import { openLedger } from "./ledger-file.ts";

export const PAGE = 4_096;
const WAL_HEADER = 32;
const FRAME_HEADER = 24;
export const FRAME = FRAME_HEADER + PAGE;
const TABLE_LEAF = 0x0d;

/** What a page of the database is for. */
export type PageUse = {
  number: number;
  table: string;
  isIndex: boolean;
  type: "internal" | "leaf" | "overflow";
  /** Where it is in its tree, as the `dbstat` table tells. */
  path: string;
};

/** The pages of a ledger as it stands, its write-ahead log included. Throws SQLite's error. */
export function listPages(file: string): PageUse[] {
  const database = openLedger(file);
  try {
    const rows = database
      .prepare(
        `SELECT pageno AS number, name AS "table", pagetype AS type, path,
           name IN (SELECT name FROM sqlite_schema WHERE type = 'index') AS isIndex
         FROM dbstat`,
      )
      .all() as (Omit<PageUse, "isIndex"> & { isIndex: number })[];
    return rows.map((row) => ({ ...row, isIndex: row.isIndex === 1 }));
  } finally {
    database.close();
  }
}

/** Where in the write-ahead log the last committed image of each page begins. */
export function committedFrames(log: Buffer): Map<number, number> {
  const committed = new Map<number, number>();
  let pending = new Map<number, number>();
  for (let frame = WAL_HEADER; frame + FRAME <= log.length; frame += FRAME) {
    // Frames of an earlier round of the log have other salts.
    if (log.compare(log, 16, 24, frame + 8, frame + 16) !== 0) break;
    pending.set(log.readUInt32BE(frame), frame + FRAME_HEADER);
    if (log.readUInt32BE(frame + 4) === 0) continue;
    for (const [page, offset] of pending) committed.set(page, offset);
    pending = new Map();
  }
  return committed;
}

/** Where the last commit ends that is in the log whole before a position, which is in the log's present round. */
export function lastCommitBefore(log: Buffer, position: number): number {
  let whole = WAL_HEADER;
  for (let frame = WAL_HEADER; frame + FRAME <= position; frame += FRAME)
    if (log.readUInt32BE(frame + 4) !== 0) whole = frame + FRAME;
  return whole;
}

/** The bytes of a ledger's pages as they stand, and where each stands. */
export class PageImages {
  readonly log: Buffer;
  readonly committed: Map<number, number>;
  readonly #main: Buffer;

  constructor(file: string) {
    this.#main = readFileSync(file);
    this.log = existsSync(`${file}-wal`) ? readFileSync(`${file}-wal`) : Buffer.alloc(0);
    this.committed = committedFrames(this.log);
  }

  get count(): number {
    return Math.floor(this.#main.length / PAGE);
  }

  /** The page as the last commit left it. */
  newest(page: number): Buffer {
    const logged = this.committed.get(page);
    return logged === undefined ? this.inMain(page) : this.log.subarray(logged, logged + PAGE);
  }

  /** Where the log's last commit ends. */
  get logEnd(): number {
    return Math.max(WAL_HEADER, ...[...this.committed.values()].map((offset) => offset + PAGE));
  }

  /** The page as the main file has it. */
  inMain(page: number): Buffer {
    return this.#main.subarray((page - 1) * PAGE, page * PAGE);
  }
}

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/** Finds the records that a page holds by their uuids, as text or as sixteen bytes. */
export class UuidFinder {
  readonly #byText: ReadonlyMap<string, string>;
  readonly #unanswered: readonly string[];

  /** Keys of the records by uuid, and those whose answer is still on its way: only their rows know their uuids yet. */
  constructor(byUuid: ReadonlyMap<string, string>, unanswered: readonly string[]) {
    this.#byText = byUuid;
    this.#unanswered = unanswered;
  }

  /** In the order in which they stand there. */
  keysIn(bytes: Buffer): string[] {
    const text = bytes.toString("latin1");
    const found: { index: number; key: string }[] = [];
    for (const { index, 0: uuid } of text.matchAll(UUID)) {
      const key = this.#byText.get(uuid);
      if (key !== undefined) found.push({ index, key });
    }
    for (const key of this.#unanswered) {
      const index = text.search(new RegExp(`${key}(?!\\d)`));
      if (index !== -1) found.push({ index, key });
    }
    const keys = found.sort((a, b) => a.index - b.index).map(({ key }) => key);
    if (keys.length > 0) return keys;
    for (const [uuid, key] of this.#byText) {
      if (bytes.includes(Buffer.from(uuid.replaceAll("-", ""), "hex"))) keys.push(key);
    }
    return keys;
  }

  /** The records of a leaf page's cells. */
  keysOfCells(leaf: Buffer): string[] {
    if (leaf[0] !== TABLE_LEAF) return [];
    const cells = Array.from({ length: leaf.readUInt16BE(3) }, (_, cell) => this.keyOfCell(leaf, cell));
    return cells.filter((key) => key !== undefined);
  }

  /** The record of one cell of a leaf page: the first uuid after the cell's begin. */
  keyOfCell(leaf: Buffer, cell: number): string | undefined {
    if (leaf[0] !== TABLE_LEAF) return undefined;
    return this.keysIn(leaf.subarray(leaf.readUInt16BE(8 + 2 * cell)))[0];
  }
}
