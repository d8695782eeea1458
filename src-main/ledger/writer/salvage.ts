import Database from "better-sqlite3";
import { errorTemplateId } from "../../../src-shared/error-template.ts";
import { FIRST_EVENTS } from "../message-run.ts";
import type { WritableDatabase } from "../open.ts";
import { classifyTrouble, DamagedLogError } from "../sqlite-errors.ts";
import { emptyTally } from "../tally.ts";
import { Chain } from "./chain.ts";
import { readHead } from "./head-file.ts";
import { KeySet } from "./key-set.ts";
import { type Cell, PageScan, type Value } from "./page-scan.ts";
import { Rollups } from "./rollups.ts";
import { type Brings, bringRow, type Row, type TableName } from "./salvage-rows.ts";
import { assertLogHolds } from "./wal-file.ts";

const ROWS_PER_STEP = 500;
const SEQS_PER_STEP = 5_000;

export type Salvaged = {
  messages: number;
  events: number;
  sessions: number;
  systemLogs: number;
  unreadable: number;
};

export type Batch = { table: TableName; rows: Row[] };
type Described = { name: TableName; key: string; columns: readonly Column[] };
type Column = { name: string; type: string; notnull: 0 | 1; pk: number; dflt_value: string | null };

/** In the order of their references, each with the key that its rows are read by. */
const TABLES: readonly { name: TableName; key: string }[] = [
  { name: "sessions", key: "rowid" },
  { name: "error_templates", key: "id" },
  { name: "message_logs", key: "seq" },
  { name: "message_events", key: "event_id" },
  { name: "system_logs", key: "id" },
];

/**
 * Brings every readable row of a damaged ledger into the open one, a batch at a time. A table is read
 * as usual until damage is met, and then from its pages, see `PageScan`. Rows that are there already
 * stay as they are, so that it can be begun again after a crash.
 */
export class Salvager {
  readonly #file: string;
  readonly #source: Database.Database | null;
  readonly counts: Salvaged = { messages: 0, events: 0, sessions: 0, systemLogs: 0, unreadable: 0 };
  #readAny = false;
  /** The positions of the messages that were read, some of them more than once. */
  readonly #read = new KeySet();
  #completed = 0;

  constructor(file: string) {
    this.#file = file;
    // SQLite would read a broken log up to its first gap, and call that all.
    this.#source = isLogSound(file) ? openSource(file) : null;
  }

  /** Whether any row could be read; where not, the file may be no ledger at all. */
  get isAnyReadable(): boolean {
    return this.#readAny;
  }

  /** Everything that can be read; `target` tells what the tables are like. Throws the system's error. */
  *batches(target: WritableDatabase): Generator<Batch> {
    const described = TABLES.map((table) => ({
      ...table,
      columns: target.pragma(`table_info(${table.name})`) as Column[],
    }));
    const isFileAhead = yield* this.#findFileAhead(described);
    for (const { name, key, columns } of described) {
      const before = this.counts.unreadable;
      // First, since of a row that comes twice the first is kept.
      const keys = new KeySet();
      if (isFileAhead) yield* this.#scanFile({ name, key, columns }, keys);
      const isWhole = yield* this.#readTable(name, key);
      if (!isWhole) yield* this.#scanTable({ name, key, columns }, keys);
      if (name === "message_logs") this.#countLost(this.counts.unreadable - before);
    }
  }

  /** Brings one batch into the ledger, in a transaction of its own. Throws SQLite's error, with nothing brought. */
  bring(target: WritableDatabase, { table, rows }: Batch): void {
    if (rows.length === 0) return;
    this.#readAny = true;
    const brings: Brings = { tally: emptyTally(), chain: new Chain(target) };
    let brought = 0;
    let refused = 0;
    target
      .transaction(() => {
        for (const row of rows) {
          try {
            brought += bringRow(target, table, row, brings);
            if (table === "message_logs") this.#read.add(Number(row.seq));
          } catch (error) {
            const trouble = classifyTrouble(error);
            if (trouble !== "row" && trouble !== "bug") throw error;
            // What was read is not what was once written.
            refused += 1;
          }
        }
        new Rollups(target).write(brings.tally);
        brings.chain.seal(Date.now());
      })
      .immediate();
    this.counts.unreadable += refused;
    if (table === "message_logs") this.counts.messages += brought;
    if (table === "message_events") this.counts.events += brought;
    if (table === "sessions") this.counts.sessions += brought;
    if (table === "system_logs") this.counts.systemLogs += brought;
  }

  /** Messages whose history could not be read have at least their status. One batch of them; false after the last. */
  completeHistory(target: WritableDatabase): boolean {
    const last = Number(target.prepare("SELECT max(seq) FROM message_logs").pluck().get() ?? 0);
    target
      .prepare(
        `${FIRST_EVENTS} AND NOT EXISTS (SELECT 1 FROM message_events WHERE message_seq = m.seq) ORDER BY seq`,
      )
      .run(this.#completed + 1, this.#completed + SEQS_PER_STEP);
    this.#completed += SEQS_PER_STEP;
    return this.#completed < last;
  }

  close(): void {
    this.#source?.close();
  }

  /** Messages that the ledger had when it was last heard of, and that no page shows, may lie behind the end of its log. */
  #countLost(unreadable: number): void {
    const had = readHead(this.#file)?.stored ?? 0;
    const lost = had - this.#read.size - unreadable;
    if (lost > 0) this.counts.unreadable += lost;
  }

  /**
   * Whether the file has what its log has lost: a checkpoint had moved pages there from behind the place where the log ends
   * now, and the older ones that the log still has would hide them. Its batches are empty: others have their turn.
   */
  *#findFileAhead(tables: readonly Described[]): Generator<Batch, boolean> {
    const told = readHead(this.#file)?.group ?? Number.POSITIVE_INFINITY;
    if (this.#source !== null && told <= this.#ask("SELECT max(group_id) FROM chain_groups")) return false;
    const counted = tables.filter(({ name }) => name === "message_logs" || name === "message_events");
    const isCounted = (values: readonly Value[]): boolean =>
      counted.some(({ columns }) => fits(values, columns));
    const last = new Map(counted.map(({ name, columns }) => [name, this.#lastLogged(name, columns)]));
    const scan = new PageScan(this.#file, { withLog: false });
    try {
      for (const cells of scan.cells(isCounted)) {
        for (const { key, values } of cells) {
          const table = counted.find(({ columns }) => fits(values, columns));
          if (table !== undefined && key > (last.get(table.name) ?? 0)) return true;
        }
        yield { table: "message_logs", rows: [] };
      }
      return false;
    } finally {
      scan.close();
    }
  }

  /** The last key that was given in a table as far as the log tells; infinite where it does not. */
  #lastLogged(table: TableName, columns: readonly Column[]): number {
    const given = this.#ask(`SELECT seq FROM sqlite_sequence WHERE name = '${table}'`);
    if (given > 0) return given;
    const log = new PageScan(this.#file);
    let last = 0;
    for (const { key } of log.loggedCells((values) => fits(values, columns))) last = Math.max(last, key);
    log.close();
    return last || Number.POSITIVE_INFINITY;
  }

  /** The rows of the file itself, but messages of which the log has a later revision. */
  *#scanFile({ name: table, key, columns }: Described, keys: KeySet): Generator<Batch> {
    const isWanted = (values: readonly Value[]): boolean => fits(values, columns);
    const revisionAt = columns.findIndex(({ name }) => name === "revision");
    const later = new Map<number, number>();
    const log = new PageScan(this.#file);
    for (const cell of table === "message_logs" ? log.loggedCells(isWanted) : []) {
      const revision = Number(cell.values[revisionAt]);
      if (revision > (later.get(cell.key) ?? 0)) later.set(cell.key, revision);
    }
    log.close();
    const isLatest = (cell: Cell): boolean => {
      const revision = later.get(cell.key);
      return revision === undefined || Number(cell.values[revisionAt]) >= revision;
    };
    const file = new PageScan(this.#file, { withLog: false });
    try {
      for (const cells of file.cells(isWanted)) {
        const rows = cells.filter((cell) => isLatest(cell) && isOwn(table, cell));
        for (const cell of rows) keys.add(cell.key);
        yield { table, rows: rows.map((cell) => toRow(cell, columns, key)) };
      }
    } finally {
      file.close();
    }
  }

  /** False where damage ended it. */
  *#readTable(table: TableName, key: string): Generator<Batch, boolean> {
    if (this.#source === null) return false;
    try {
      const page = this.#source.prepare(
        `SELECT ${key} AS salvage_key, * FROM ${table} WHERE ${key} > ? ORDER BY ${key} LIMIT ${ROWS_PER_STEP}`,
      );
      for (let last = 0; ; ) {
        const rows = page.all(last) as Row[];
        yield { table, rows };
        if (rows.length < ROWS_PER_STEP) return true;
        last = Number(rows.at(-1)?.salvage_key);
      }
    } catch {
      // Damage, or a page that is not what it was: the pages are read one by one.
      return false;
    }
  }

  /** Rows are told to be of a table by their columns' number and types, in which no two tables agree. */
  *#scanTable({ name: table, key, columns }: Described, keys: KeySet): Generator<Batch> {
    const scan = new PageScan(this.#file);
    try {
      for (const found of scan.cells((values) => fits(values, columns))) {
        const cells = found.filter((cell) => isOwn(table, cell));
        for (const cell of cells) keys.add(cell.key);
        yield { table, rows: cells.map((cell) => toRow(cell, columns, key)) };
      }
    } finally {
      scan.close();
    }
    // Keys rise one by one, but for the templates' hashes: those that are missing between were rows, or deleted out of order.
    const isCounted = table !== "error_templates";
    const between = keys.size === 0 || !isCounted ? keys.size : keys.last - keys.first + 1;
    const there = Math.max(between, this.#ask(`SELECT count(*) FROM ${table}`));
    const given = keys.size === 0 ? this.#ask(`SELECT seq FROM sqlite_sequence WHERE name = '${table}'`) : 0;
    this.counts.unreadable += Math.max(there, given) - keys.size;
  }

  /** A number that the damaged database may still know, as from an index; 0 where it does not. */
  #ask(sql: string): number {
    try {
      return Number(this.#source?.prepare(sql).pluck().get() ?? 0);
    } catch {
      return 0;
    }
  }
}

function isLogSound(file: string): boolean {
  try {
    assertLogHolds(file);
    return true;
  } catch (error) {
    if (error instanceof DamagedLogError) return false;
    throw error;
  }
}

/** Null where the list of tables can't be read, or tells of no messages. */
function openSource(file: string): Database.Database | null {
  const database = new Database(file, { readonly: true, fileMustExist: true });
  try {
    database.prepare("SELECT 1 FROM message_logs LIMIT 0").get();
    return database;
  } catch {
    database.close();
    return null;
  }
}

function fits(values: readonly Value[], columns: readonly Column[]): boolean {
  if (values.length > columns.length) return false;
  return columns.every(({ type, notnull, pk, dflt_value }, index) => {
    const value = values[index];
    // The key of a row is not among its values.
    if (pk > 0 && type === "INTEGER") return value === null;
    // A row from before the column was added ends before it.
    if (value === undefined) return notnull === 0 || dflt_value !== null;
    if (value === null) return notnull === 0 && pk === 0;
    return type === "INTEGER" ? Number.isSafeInteger(value) : typeof value === "string";
  });
}

/** The list of what is to be sent again has columns like those of the templates, whose ids are hashes of their text. */
function isOwn(table: TableName, { key, values }: Cell): boolean {
  return table !== "error_templates" || key === errorTemplateId(String(values[1]));
}

function toRow({ key, values }: Cell, columns: readonly Column[], keyName: string): Row {
  const row: Row = {};
  for (const [index, value] of values.entries()) {
    const name = columns[index]?.name;
    if (name !== undefined) row[name] = name === keyName ? key : value;
  }
  return row;
}
