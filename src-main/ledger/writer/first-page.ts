import { constants, existsSync, readFileSync, rmSync } from "node:fs";
import { copyFile, open, stat } from "node:fs/promises";
import Database from "better-sqlite3";
import { openWritable } from "../open.ts";
import { COMPANIONS } from "./store.ts";

/** Places in the header of a SQLite file, see its file format. */
const WRITE_VERSION = 18;
const READ_VERSION = 19;
const CHANGE_COUNTER = 24;
const PAGE_COUNT = 28;
const VALID_FOR = 92;
const WAL_VERSION = 2;

type Column = { name: string; type: string; pk: number; dflt_value: string | null };

/**
 * Copies a damaged ledger and gives the copy a new first page. Without its first page a database can't be
 * opened at all, though its rows be whole; but every ledger has its tables at the same pages, so that a new
 * one tells where they are. Throws SQLite's or the system's error.
 */
export async function copyWithFirstPage(
  file: string,
  copy: string,
  tables: readonly string[],
): Promise<void> {
  await copyFile(file, copy, constants.COPYFILE_FICLONE);
  if (existsSync(`${file}-wal`)) await copyFile(`${file}-wal`, `${copy}-wal`);
  const { size } = await stat(file);
  const page = firstPage(`${copy}.new`, tables);
  page.writeUInt8(WAL_VERSION, WRITE_VERSION);
  page.writeUInt8(WAL_VERSION, READ_VERSION);
  page.writeUInt32BE(Math.ceil(size / page.length), PAGE_COUNT);
  page.copy(page, VALID_FOR, CHANGE_COUNTER, CHANGE_COUNTER + 4);
  const handle = await open(copy, "r+");
  try {
    await handle.write(page, 0, page.length, 0);
  } finally {
    await handle.close();
  }
}

export function removeCopy(copy: string): void {
  for (const companion of COMPANIONS) rmSync(copy + companion, { force: true });
}

/** The first page of a database that has the tables, without their indexes, where a new ledger has them. */
function firstPage(scratch: string, tables: readonly string[]): Buffer {
  try {
    const places = tablePlaces(scratch, tables);
    removeCopy(scratch);
    const database = new Database(scratch);
    try {
      database.pragma("auto_vacuum = INCREMENTAL");
      database.exec("CREATE TABLE something (anything); DROP TABLE something");
      database.unsafeMode(true);
      database.pragma("writable_schema = ON");
      const add = database.prepare(
        "INSERT INTO sqlite_schema VALUES ('table', @name, @name, @rootpage, @sql)",
      );
      for (const place of places) add.run(place);
    } finally {
      database.close();
    }
    const bytes = readFileSync(scratch);
    return bytes.subarray(0, bytes.readUInt16BE(16));
  } finally {
    removeCopy(scratch);
  }
}

function tablePlaces(
  scratch: string,
  tables: readonly string[],
): { name: string; rootpage: number; sql: string }[] {
  const database = openWritable(scratch);
  try {
    return tables.map((name) => {
      const rootpage = database
        .prepare("SELECT rootpage FROM sqlite_schema WHERE type = 'table' AND name = ?")
        .pluck()
        .get(name) as number;
      // Names and order are all that reading takes; types and constraints would not fit the page.
      const columns = database.pragma(`table_info(${name})`) as Column[];
      return { name, rootpage, sql: `CREATE TABLE ${name} (${columns.map(describeColumn).join(", ")})` };
    });
  } finally {
    database.close();
  }
}

function describeColumn({ name, type, pk, dflt_value }: Column): string {
  if (pk > 0 && type === "INTEGER") return `${name} INTEGER PRIMARY KEY`;
  return dflt_value === null ? name : `${name} DEFAULT ${dflt_value}`;
}
