import Database from "better-sqlite3";
import { errorTemplateId } from "../../../src-shared/error-template.ts";
import type { StoredMessage } from "../../../src-shared/record.ts";
import { isStatus } from "../../../src-shared/status.ts";
import { FIRST_EVENTS, ROW_COLUMNS, rowText } from "../message-run.ts";
import type { WritableDatabase } from "../open.ts";
import { classifyTrouble, DamagedLogError } from "../sqlite-errors.ts";
import { count, emptyTally, seenTemplate, type Tally } from "../tally.ts";
import { Chain } from "./chain.ts";
import { readHead } from "./head-file.ts";
import { type Cell, PageScan, type Value } from "./page-scan.ts";
import { Rollups } from "./rollups.ts";
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

type Row = Record<string, unknown>;
type TableName = "sessions" | "error_templates" | "message_logs" | "message_events" | "system_logs";
export type Batch = { table: TableName; rows: Row[] };
type Column = { name: string; type: string; notnull: 0 | 1; pk: number; dflt_value: string | null };

/** In the order of their references, each with the key that its rows are read by. */
const TABLES: readonly { name: TableName; key: string }[] = [
  { name: "sessions", key: "rowid" },
  { name: "error_templates", key: "id" },
  { name: "message_logs", key: "seq" },
  { name: "message_events", key: "event_id" },
  { name: "system_logs", key: "id" },
];

const JSON_FIELDS = ["destination_subject_ids", "message_data", "message_metadata", "metadata", "details"];

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
  #messagesRead = 0;
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
    for (const { name, key, columns } of described) {
      const before = this.counts.unreadable;
      const isWhole = yield* this.#readTable(name, key);
      if (!isWhole) yield* this.#scanTable(name, key, columns);
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
    if (table === "message_logs") {
      this.counts.messages += brought;
      this.#messagesRead += rows.length - refused;
    }
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
    const lost = had - this.#messagesRead - unreadable;
    if (lost > 0) this.counts.unreadable += lost;
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
  *#scanTable(table: TableName, key: string, columns: readonly Column[]): Generator<Batch> {
    const scan = new PageScan(this.#file);
    const keys = { first: Number.POSITIVE_INFINITY, last: 0, count: 0 };
    try {
      for (const cells of scan.cells((values) => fits(values, columns))) {
        for (const cell of cells) {
          keys.first = Math.min(keys.first, cell.key);
          keys.last = Math.max(keys.last, cell.key);
          keys.count += 1;
        }
        yield { table, rows: cells.map((cell) => toRow(cell, columns, key)) };
      }
    } finally {
      scan.close();
    }
    // Keys rise one by one, but for the templates' hashes: those that are missing between were rows, or deleted out of order.
    const isCounted = table !== "error_templates";
    const between = keys.count === 0 || !isCounted ? keys.count : keys.last - keys.first + 1;
    const there = Math.max(between, this.#ask(`SELECT count(*) FROM ${table}`));
    const given = keys.count === 0 ? this.#ask(`SELECT seq FROM sqlite_sequence WHERE name = '${table}'`) : 0;
    this.counts.unreadable += Math.max(there, given) - keys.count;
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

/** What the rows of a batch add to the statistics and to the chain. */
type Brings = { tally: Tally; chain: Chain };

/** 1 where the row is new. Throws SQLite's error, or a TypeError for a row that is not what was written. */
function bringRow(target: WritableDatabase, table: TableName, read: Row, brings: Brings): number {
  const { salvage_key: _, ...row } = read;
  assertWhole(row);
  switch (table) {
    case "sessions":
      return insert(target, table, {
        ...row,
        total: 0,
        successful: 0,
        failed: 0,
        pending: 0,
        cancelled: 0,
        send_count: 0,
        send_ms: 0,
      });
    case "error_templates":
      return insert(target, table, { ...row, id: errorTemplateId(String(row.template)) });
    case "message_logs":
      return bringMessage(target, row, brings);
    case "message_events":
      return bringEvent(target, row);
    case "system_logs": {
      const { id: _id, ...log } = row;
      return bringSystemLog(target, log);
    }
  }
}

function bringMessage(target: WritableDatabase, row: Row, { tally, chain }: Brings): number {
  const message = row as StoredMessage;
  const error = message.error_message;
  // Its id, from before the ids were hashes, may be another.
  const templateId = error === null ? null : seenTemplate(error, message.origin_ts).id;
  // A row from before it was kept when a message was accepted.
  const recorded = Number(row.recorded_ts) || message.origin_ts;
  const text = rowText(message, templateId, recorded);
  ensureSession(target, row);
  const { changes, lastInsertRowid } = target
    .prepare(
      `INSERT OR IGNORE INTO message_logs (${ROW_COLUMNS.join(", ")}) VALUES (${ROW_COLUMNS.map(() => "?").join(", ")})`,
    )
    .run(JSON.parse(text));
  if (changes === 0) return 0;
  const seq = Number(lastInsertRowid);
  chain.addMessages(seq, seq, 1, text, Date.now());
  count(tally, message, templateId, 1);
  return 1;
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

function toRow({ key, values }: Cell, columns: readonly Column[], keyName: string): Row {
  const row: Row = {};
  for (const [index, value] of values.entries()) {
    const name = columns[index]?.name;
    if (name !== undefined) row[name] = name === keyName ? key : value;
  }
  return row;
}

/** A page of a damaged file may be read without an error and still not be what was written. Throws a TypeError. */
function assertWhole(row: Row): void {
  if ("status" in row && !isStatus(row.status)) throw new TypeError("not a status");
  for (const field of JSON_FIELDS) {
    const text = row[field];
    if (typeof text === "string") JSON.parse(text);
  }
}

function insert(target: WritableDatabase, table: TableName, row: Row): number {
  const columns = Object.keys(row);
  const values = columns.map((column) => `@${column}`).join(", ");
  return target.prepare(`INSERT OR IGNORE INTO ${table} (${columns.join(", ")}) VALUES (${values})`).run(row)
    .changes;
}

/** The session's own row may be among the unreadable. */
function ensureSession(target: WritableDatabase, message: Row): void {
  if (message.session_id === null) return;
  target
    .prepare(
      `INSERT OR IGNORE INTO sessions (session_id, user_id, channel, template_id, template_name, started_ts)
       VALUES (@session_id, @user_id, @channel, @template_id, @template_name, @origin_ts)`,
    )
    .run(message);
}

/** History from before the message came back: what it replaced went into the record that came back already. */
function bringEvent(target: WritableDatabase, event: Row): number {
  return target
    .prepare(
      `INSERT INTO message_events (message_uuid, status, ts, recorded_ts, applied, external_id, error_message, message_seq)
       SELECT m.message_uuid, @status, @ts, @recorded_ts, @applied, @external_id, @error_message, m.seq
       FROM message_logs AS m WHERE m.message_uuid = @message_uuid
         AND NOT EXISTS (SELECT 1 FROM message_events WHERE message_seq = m.seq AND status = @status
           AND ts = @ts AND recorded_ts = @recorded_ts)`,
    )
    .run(event).changes;
}

function bringSystemLog(target: WritableDatabase, log: Row): number {
  return target
    .prepare(
      `INSERT INTO system_logs (ts, level, component, message, details)
       SELECT @ts, @level, @component, @message, @details
       WHERE NOT EXISTS (SELECT 1 FROM system_logs WHERE ts = @ts AND level = @level AND component = @component
         AND message = @message)`,
    )
    .run(log).changes;
}
