import { closeSync, existsSync, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { committedPages } from "./wal-file.ts";

/** Every ledger has pages of SQLite's default size. What follows is SQLite's file format, version 3. */
const PAGE = 4_096;
const PAGES_PER_STEP = 256;
const HEADER = 100;
const LARGEST_ROOT = 52;
const TABLE_LEAF = 0x0d;
const CELL_POINTERS = 8;
/** A page of the map has five bytes for each page after it. */
const MAP_ENTRY = 5;
const MAPPED_PAGES = Math.floor(PAGE / MAP_ENTRY) + 1;
const FREE_PAGE = 2;
const MOST_LOCAL = PAGE - 35;
const LEAST_LOCAL = Math.floor(((PAGE - 12) * 32) / 255) - 23;
/** More than any record of ours takes. */
const MOST_PAYLOAD = 16 * 1024 * 1024;

export type Value = number | string | Buffer | null;
export type Cell = { key: number; values: Value[] };

/**
 * Reads the rows of a damaged database from its leaf pages, without the tree above them: a page that
 * is lost takes none with it but its own rows. Free pages, which hold what was deleted, are left out.
 */
export class PageScan {
  readonly #file: number;
  readonly #pages: number;
  readonly #hasMap: boolean;
  /** Pages whose last commit is still in the write-ahead log. */
  readonly #log: Buffer;
  readonly #logged: Map<number, number>;
  /** The page of the map that was asked last. */
  #map: { place: number; page: Buffer | null } = { place: 0, page: null };

  /** Without its log, a file is read as the last checkpoint left it. Throws the system's error. */
  constructor(file: string, { withLog = true } = {}) {
    this.#log = withLog && existsSync(`${file}-wal`) ? readFileSync(`${file}-wal`) : Buffer.alloc(0);
    this.#logged = committedPages(this.#log);
    this.#file = openSync(file, "r");
    const inFile = Math.floor(fstatSync(this.#file).size / PAGE);
    this.#pages = Math.max(inFile, ...this.#logged.keys());
    const first = this.#page(1);
    const isHeader = first?.toString("latin1", 0, 15) === "SQLite format 3";
    this.#hasMap = !isHeader || first.readUInt32BE(LARGEST_ROOT) !== 0;
  }

  close(): void {
    closeSync(this.#file);
  }

  /** The rows that are wanted by their values, of whatever table; step by step, and a step may have none. */
  *cells(isWanted: (values: readonly Value[]) => boolean): Generator<Cell[]> {
    for (let start = 1; start <= this.#pages; start += PAGES_PER_STEP) {
      const found: Cell[] = [];
      for (let page = start; page < start + PAGES_PER_STEP && page <= this.#pages; page += 1)
        found.push(...this.#readLeaf(page).filter(({ values }) => isWanted(values)));
      yield found;
    }
  }

  /** The rows that are wanted of the pages in the log alone. */
  *loggedCells(isWanted: (values: readonly Value[]) => boolean): Generator<Cell> {
    for (const page of this.#logged.keys())
      for (const cell of this.#readLeaf(page)) if (isWanted(cell.values)) yield cell;
  }

  #readLeaf(number: number): Cell[] {
    const page = this.#page(number);
    const start = number === 1 ? HEADER : 0;
    if (page?.[start] !== TABLE_LEAF || this.#isFree(number)) return [];
    const cells: Cell[] = [];
    const end = Math.min(PAGE - 1, start + CELL_POINTERS + 2 * page.readUInt16BE(start + 3));
    for (let pointer = start + CELL_POINTERS; pointer < end; pointer += 2) {
      const cell = this.#readCell(page, page.readUInt16BE(pointer));
      if (cell !== null) cells.push(cell);
    }
    return cells;
  }

  #readCell(page: Buffer, offset: number): Cell | null {
    const length = readVarint(page, offset);
    const key = length && readVarint(page, length.end);
    if (!length || !key || length.value > MOST_PAYLOAD) return null;
    const payload = this.#readPayload(page, key.end, length.value);
    const values = payload && readRecord(payload);
    return values ? { key: key.value, values } : null;
  }

  /** A long row goes on in a chain of pages. */
  #readPayload(page: Buffer, start: number, length: number): Buffer | null {
    if (length <= MOST_LOCAL) return start + length <= PAGE ? page.subarray(start, start + length) : null;
    const fitting = LEAST_LOCAL + ((length - LEAST_LOCAL) % (PAGE - 4));
    const local = fitting <= MOST_LOCAL ? fitting : LEAST_LOCAL;
    if (start + local + 4 > PAGE) return null;
    const parts = [page.subarray(start, start + local)];
    let next = page.readUInt32BE(start + local);
    for (let left = length - local; left > 0; left -= PAGE - 4) {
      const part = this.#page(next);
      if (part === null) return null;
      parts.push(part.subarray(4, 4 + Math.min(left, PAGE - 4)));
      next = part.readUInt32BE(0);
    }
    return Buffer.concat(parts);
  }

  #isFree(number: number): boolean {
    if (!this.#hasMap || number < 3) return false;
    const place = Math.floor((number - 2) / MAPPED_PAGES) * MAPPED_PAGES + 2;
    if (this.#map.place !== place) this.#map = { place, page: this.#page(place) };
    return this.#map.page?.[MAP_ENTRY * (number - place - 1)] === FREE_PAGE;
  }

  #page(number: number): Buffer | null {
    if (number < 1 || number > this.#pages) return null;
    const logged = this.#logged.get(number);
    if (logged !== undefined) return this.#log.subarray(logged, logged + PAGE);
    const page = Buffer.allocUnsafe(PAGE);
    try {
      return readSync(this.#file, page, 0, PAGE, (number - 1) * PAGE) === PAGE ? page : null;
    } catch {
      // A bad sector: its rows are lost, and the rest is read.
      return null;
    }
  }
}

function readVarint(bytes: Buffer, start: number): { value: number; end: number } | null {
  let value = 0;
  for (let index = 0; index < 8; index += 1) {
    const byte = bytes[start + index];
    if (byte === undefined) return null;
    value = value * 128 + (byte & 0x7f);
    if (byte < 0x80) return Number.isSafeInteger(value) ? { value, end: start + index + 1 } : null;
  }
  // Only negative and huge numbers take nine bytes; no key or length of ours does.
  return null;
}

/** Null where the bytes are no row. */
function readRecord(payload: Buffer): Value[] | null {
  const header = readVarint(payload, 0);
  if (header === null || header.value > payload.length) return null;
  const values: Value[] = [];
  let offset = header.value;
  for (let at = header.end; at < header.value; ) {
    const type = readVarint(payload, at);
    if (type === null) return null;
    const size = valueSize(type.value);
    if (size === null || offset + size > payload.length) return null;
    values.push(readValue(payload, type.value, offset, size));
    offset += size;
    at = type.end;
  }
  return offset === payload.length ? values : null;
}

const INTEGER_SIZES = [0, 1, 2, 3, 4, 6, 8, 8, 0, 0] as const;

function valueSize(type: number): number | null {
  if (type >= 12) return Math.floor((type - 12) / 2);
  return INTEGER_SIZES[type] ?? null;
}

function readValue(payload: Buffer, type: number, offset: number, size: number): Value {
  if (type === 0) return null;
  if (type === 7) return payload.readDoubleBE(offset);
  if (type === 8 || type === 9) return type - 8;
  if (type === 6) return Number(payload.readBigInt64BE(offset));
  if (type < 6) return payload.readIntBE(offset, size);
  const bytes = payload.subarray(offset, offset + size);
  return type % 2 === 0 ? Buffer.from(bytes) : bytes.toString("utf8");
}
