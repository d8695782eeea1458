import Database from "better-sqlite3";
import { isStatus } from "../../../src-shared/status.ts";
import type { WritableDatabase } from "../open.ts";
import { classifyTrouble } from "../sqlite-errors.ts";
import { type CountedMessage, prepareRollups, Rollups } from "./rollups.ts";

const ROWS_PER_STEP = 500;

export type Salvaged = {
  messages: number;
  events: number;
  sessions: number;
  systemLogs: number;
  unreadable: number;
};

type Row = Record<string, unknown>;
type TableName = "sessions" | "error_templates" | "message_logs" | "message_events" | "system_logs";
export type Batch = { table: TableName; rows: Row[]; unreadable: number };

/** In the order of their references, each with the key that its rows are read by. */
const TABLES: readonly { name: TableName; key: string }[] = [
  { name: "sessions", key: "rowid" },
  { name: "error_templates", key: "id" },
  { name: "message_logs", key: "seq" },
  { name: "message_events", key: "event_id" },
  { name: "system_logs", key: "id" },
];

export const SALVAGED_TABLES: readonly string[] = TABLES.map(({ name }) => name);

const JSON_FIELDS = ["destination_subject_ids", "message_data", "message_metadata", "metadata", "details"];

/**
 * Brings every readable row of a damaged ledger into the open one, a batch at a time, and skips
 * what can't be read by halving around it. Rows that are there already stay as they are, so that
 * it can be begun again after a crash.
 */
export class Salvager {
  readonly #source: Database.Database;
  readonly #templates = new Map<number, number>();
  readonly counts: Salvaged = { messages: 0, events: 0, sessions: 0, systemLogs: 0, unreadable: 0 };

  /** Throws SQLite's error where the list of tables can't be read, or tells of no messages. */
  constructor(file: string) {
    this.#source = new Database(file, { readonly: true, fileMustExist: true });
    try {
      this.#source.prepare("SELECT 1 FROM message_logs LIMIT 0").get();
    } catch (error) {
      this.#source.close();
      throw error;
    }
  }

  /** Everything that can be read, in batches; empty ones where only damage was met, so that others get their turn. */
  *batches(): Generator<Batch> {
    for (const { name, key } of TABLES) {
      const last = this.#lastKey(name, key);
      if (last === null) yield { table: name, rows: [], unreadable: 1 };
      const ranges: [from: number, to: number][] = [[0, last ?? 0]];
      const page = this.#prepare(
        `SELECT ${key} AS salvage_key, * FROM ${name} WHERE ${key} > ? AND ${key} <= ?
         ORDER BY ${key} LIMIT ${ROWS_PER_STEP}`,
      );
      for (let range = ranges.pop(); page !== null && range !== undefined; range = ranges.pop()) {
        const [from, to] = range;
        if (to <= from) continue;
        try {
          const rows = page.all(from, to) as Row[];
          if (rows.length === ROWS_PER_STEP) ranges.push([Number(rows.at(-1)?.salvage_key), to]);
          yield { table: name, rows, unreadable: 0 };
        } catch {
          if (to - from > 1) {
            const middle = Math.floor((from + to) / 2);
            ranges.push([middle, to], [from, middle]);
          }
          yield { table: name, rows: [], unreadable: to - from > 1 ? 0 : 1 };
        }
      }
    }
  }

  /** Brings one batch into the ledger, in a transaction of its own. Throws SQLite's error, with nothing brought. */
  bring(target: WritableDatabase, { table, rows, unreadable }: Batch): void {
    this.counts.unreadable += unreadable;
    if (rows.length === 0) return;
    const rollups = new Rollups();
    let brought = 0;
    let refused = 0;
    target
      .transaction(() => {
        for (const row of rows) {
          try {
            brought += this.#bringRow(target, table, row, rollups);
          } catch (error) {
            const trouble = classifyTrouble(error);
            if (trouble !== "row" && trouble !== "bug") throw error;
            // What was read is not what was once written.
            refused += 1;
          }
        }
        rollups.write(prepareRollups(target));
      })
      .immediate();
    this.counts.unreadable += refused;
    if (table === "message_logs") this.counts.messages += brought;
    if (table === "message_events") this.counts.events += brought;
    if (table === "sessions") this.counts.sessions += brought;
    if (table === "system_logs") this.counts.systemLogs += brought;
  }

  close(): void {
    this.#source.close();
  }

  /** Null where the table is not even in the damaged file's list. */
  #prepare(sql: string): Database.Statement | null {
    try {
      return this.#source.prepare(sql);
    } catch {
      return null;
    }
  }

  /** The highest key that may be in a table: what its own tree, its counter or a guess says; null where none can be read. */
  #lastKey(name: string, key: string): number | null {
    let last: number | null = null;
    for (const sql of [
      `SELECT max(${key}) FROM ${name}`,
      `SELECT seq FROM sqlite_sequence WHERE name = '${name}'`,
      `SELECT count(*) FROM ${name}`,
    ]) {
      try {
        const found = this.#source.prepare(sql).pluck().get();
        // Null for an empty table, which is an answer too.
        if (typeof found === "number" || found === null) last = Math.max(last ?? 0, found ?? 0);
      } catch {
        // That page is damaged too; the next way does not read it.
      }
    }
    return last;
  }

  /** 1 where the row is new. */
  #bringRow(target: WritableDatabase, table: TableName, read: Row, rollups: Rollups): number {
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
        return this.#bringTemplate(target, row);
      case "message_logs": {
        const { seq: _seq, ...message } = row;
        const id = message.error_template_id;
        message.error_template_id = typeof id === "number" ? (this.#templates.get(id) ?? null) : null;
        ensureSession(target, message);
        const added = insert(target, table, message);
        if (added > 0) rollups.add(message as unknown as CountedMessage);
        return added;
      }
      case "message_events": {
        const { event_id: _event, ...event } = row;
        return bringEvent(target, event);
      }
      case "system_logs": {
        const { id: _id, ...log } = row;
        return bringSystemLog(target, log);
      }
    }
  }

  #bringTemplate(target: WritableDatabase, row: Row): number {
    const { id, ...template } = row;
    const added = insert(target, "error_templates", template);
    const found = target
      .prepare("SELECT id FROM error_templates WHERE template = ?")
      .pluck()
      .get(template.template);
    if (typeof id === "number" && typeof found === "number") this.#templates.set(id, found);
    return added;
  }
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

function bringEvent(target: WritableDatabase, event: Row): number {
  return target
    .prepare(
      `INSERT INTO message_events (message_uuid, status, ts, recorded_ts, applied, external_id, error_message)
       SELECT @message_uuid, @status, @ts, @recorded_ts, @applied, @external_id, @error_message
       WHERE EXISTS (SELECT 1 FROM message_logs WHERE message_uuid = @message_uuid)
         AND NOT EXISTS (SELECT 1 FROM message_events WHERE message_uuid = @message_uuid AND status = @status
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
