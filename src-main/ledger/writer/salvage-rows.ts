import { errorTemplateId } from "../../../src-shared/error-template.ts";
import type { StoredMessage } from "../../../src-shared/record.ts";
import { isStatus } from "../../../src-shared/status.ts";
import { type SeenTemplate, seenTemplate } from "../error-templates.ts";
import { ROW_COLUMNS, rowText } from "../message-run.ts";
import type { WritableDatabase } from "../open.ts";
import { count, type Tally } from "../tally.ts";
import type { Chain } from "./chain.ts";

export type Row = Record<string, unknown>;
export type TableName = "sessions" | "error_templates" | "message_logs" | "message_events" | "system_logs";

const JSON_FIELDS = ["destination_subject_ids", "message_data", "message_metadata", "metadata", "details"];

/** What the rows of a batch add to the statistics and to the chain. */
export type Brings = { tally: Tally; chain: Chain };

/** 1 where the row is new. Throws SQLite's error, or a TypeError for a row that is not what was written. */
export function bringRow(target: WritableDatabase, table: TableName, read: Row, brings: Brings): number {
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
  const template = error === null ? null : seenTemplate(error, message.origin_ts);
  // A row from before it was kept when a message was accepted.
  const recorded = Number(row.recorded_ts) || message.origin_ts;
  const text = rowText(message, template?.id ?? null, recorded);
  ensureSession(target, row);
  const { changes, lastInsertRowid } = target
    .prepare(
      `INSERT OR IGNORE INTO message_logs (${ROW_COLUMNS.join(", ")}) VALUES (${ROW_COLUMNS.map(() => "?").join(", ")})`,
    )
    .run(JSON.parse(text));
  if (changes === 0) return 0;
  const seq = Number(lastInsertRowid);
  chain.addMessages(seq, seq, 1, text, Date.now());
  count(tally, message, template?.id ?? null, 1);
  if (template !== null) ensureTemplate(target, template);
  return 1;
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

/** As with the session; where it came back it knows more of when it was seen. */
function ensureTemplate(target: WritableDatabase, template: SeenTemplate): void {
  target
    .prepare(
      `INSERT OR IGNORE INTO error_templates (id, template, sample, first_seen_ts, last_seen_ts)
       VALUES (@id, @template, @sample, @first, @last)`,
    )
    .run(template);
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
