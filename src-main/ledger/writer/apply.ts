import { errorTemplate } from "../../../src-shared/error-template.ts";
import { searchColumns } from "../../../src-shared/query/tokens.ts";
import { cutPreview, type StoredMessage } from "../../../src-shared/record.ts";
import { isSuccessful, type Status, supersedes } from "../../../src-shared/status.ts";
import type { Entry, EntryResult, SessionStart } from "../entries.ts";
import type { WritableDatabase } from "../open.ts";
import { classifyTrouble } from "../sqlite-errors.ts";
import { prepareRollups, Rollups } from "./rollups.ts";

const MAX_CACHED_KEYS = 10_000;

type StoredRow = StoredMessage & { seq: number; error_template_id: number | null };
type StatusEntry = Extract<Entry, { op: "status" }>;

const MESSAGE_COLUMNS = `message_uuid, session_id, user_id, channel, status, origin_ts, sent_ts, delivered_ts, read_ts,
  ack_ts, source_subject_id, destination_subject_ids, topic, message_type, template_id, template_name, external_id,
  error_message, content_preview, message_data, message_metadata, revision`;

function prepare(database: WritableDatabase) {
  return {
    begin: database.prepare("BEGIN IMMEDIATE"),
    commit: database.prepare("COMMIT"),
    rollback: database.prepare("ROLLBACK"),
    savepoint: database.prepare("SAVEPOINT entry"),
    release: database.prepare("RELEASE entry"),
    undo: database.prepare("ROLLBACK TO entry"),
    insertMessage: database.prepare(
      `INSERT INTO message_logs (${MESSAGE_COLUMNS}, error_template_id)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (message_uuid) DO NOTHING`,
    ),
    insertEvent: database.prepare(
      `INSERT INTO message_events (message_uuid, status, ts, recorded_ts, applied, external_id, error_message)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    ),
    findMessage: database.prepare(
      `SELECT seq, ${MESSAGE_COLUMNS}, error_template_id FROM message_logs WHERE message_uuid = ?`,
    ),
    findEvent: database
      .prepare(
        `SELECT 1 FROM message_events WHERE message_uuid = @message_uuid AND status = @status AND ts = @ts
           AND recorded_ts = @at AND external_id IS @external_id AND error_message IS @error_message`,
      )
      .pluck(),
    appliedSince: database
      .prepare("SELECT max(ts) FROM message_events WHERE message_uuid = ? AND status = ? AND applied = 1")
      .pluck(),
    updateMessage: database.prepare(
      `UPDATE message_logs SET status = @status, sent_ts = @sent_ts, delivered_ts = @delivered_ts, read_ts = @read_ts,
         external_id = @external_id, error_message = @error_message, error_template_id = @error_template_id,
         revision = @revision
       WHERE seq = @seq`,
    ),
    insertSession: database.prepare(
      `INSERT INTO sessions (session_id, user_id, channel, template_id, template_name, started_ts, ended_ts, metadata)
       VALUES (@session_id, @user_id, @channel, @template_id, @template_name, @started_ts, @ended_ts, @metadata)
       ON CONFLICT (session_id) DO NOTHING`,
    ),
    describeSession: database.prepare(
      `UPDATE sessions SET user_id = @user_id, channel = @channel, template_id = @template_id,
         template_name = @template_name, started_ts = min(started_ts, @started_ts), metadata = @metadata
       WHERE session_id = @session_id AND metadata = '{"begun_by":"message"}'`,
    ),
    endSession: database.prepare("UPDATE sessions SET ended_ts = coalesce(ended_ts, ?) WHERE session_id = ?"),
    findSession: database.prepare("SELECT 1 FROM sessions WHERE session_id = ?").pluck(),
    insertSystemLog: database.prepare(
      "INSERT INTO system_logs (ts, level, component, message, details) VALUES (?, ?, ?, ?, ?)",
    ),
    setMeta: database.prepare("INSERT OR REPLACE INTO ledger_meta (key, value) VALUES (?, ?)"),
    insertTemplate: database.prepare(
      `INSERT INTO error_templates (template, sample, first_seen_ts, last_seen_ts) VALUES (?, ?, ?, ?)
       ON CONFLICT (template) DO NOTHING`,
    ),
    findTemplate: database.prepare("SELECT id FROM error_templates WHERE template = ?").pluck(),
    seenTemplate: database.prepare(
      `UPDATE error_templates SET first_seen_ts = min(first_seen_ts, @first), last_seen_ts = max(last_seen_ts, @last)
       WHERE id = @id`,
    ),
    indexedSeq: database.prepare("SELECT value FROM ledger_meta WHERE key = 'search_indexed_seq'").pluck(),
    reindex: database.prepare(
      "INSERT OR REPLACE INTO message_search (rowid, body, error, recipients, sender) VALUES (?, ?, ?, ?, ?)",
    ),
    rollups: prepareRollups(database),
  };
}

/** One object for all: between threads a list of the same object is a tenth of a list of equal ones. */
const NEW: EntryResult = { outcome: "new" };
const DUPLICATE: EntryResult = { outcome: "duplicate" };
const UNKNOWN: EntryResult = { outcome: "unknown" };

/** A session that a message named before anyone began it says so, until it is begun. */
function impliedSession(message: StoredMessage): SessionStart {
  return {
    session_id: message.session_id ?? "",
    user_id: message.user_id,
    channel: message.channel,
    template_id: message.template_id,
    template_name: message.template_name,
    started_ts: message.origin_ts,
    ended_ts: null,
    metadata: '{"begun_by":"message"}',
  };
}

/**
 * Applies entries to one open ledger. Statements are prepared once for the handle; a new handle
 * (after a restore or repair) takes a new one of these.
 */
export class EntryApplier {
  readonly #database: WritableDatabase;
  readonly #statements: ReturnType<typeof prepare>;
  readonly #rollups = new Rollups();
  /** Sessions known to be there; emptied when a group is rolled back. */
  readonly #sessions = new Set<string>();
  /** Error templates met in the group in hand, with the span of time they were seen in. */
  readonly #templates = new Map<string, { id: number; first: number; last: number }>();

  constructor(database: WritableDatabase) {
    this.#database = database;
    this.#statements = prepare(database);
  }

  /** Whether a message is there; for a report of its status while only the spool takes writes. */
  hasMessage(uuid: string): boolean {
    return this.#statements.findMessage.get(uuid) !== undefined;
  }

  hasSession(id: string): boolean {
    return this.#statements.findSession.get(id) !== undefined;
  }

  /**
   * Commits a group: all of it is durable when this returns, or none of it and it throws.
   * An entry that breaks a rule of the database is `refused` alone and the rest go on.
   * `alongside` runs in the same transaction.
   */
  commit(entries: readonly Entry[], alongside?: () => void): EntryResult[] {
    this.#statements.begin.run();
    try {
      let results: EntryResult[];
      try {
        results = entries.map((entry) => this.#apply(entry));
      } catch (error) {
        if (!isRowFault(error)) throw error;
        this.#undoGroup();
        this.#statements.begin.run();
        results = this.#applyOneByOne(entries);
      }
      this.#rollups.write(this.#statements.rollups);
      for (const seen of this.#templates.values()) this.#statements.seenTemplate.run(seen);
      this.#templates.clear();
      alongside?.();
      this.#statements.commit.run();
      return results;
    } catch (error) {
      this.#undoGroup();
      throw error;
    }
  }

  forgetCaches(): void {
    this.#sessions.clear();
    this.#templates.clear();
    this.#rollups.clear();
  }

  #undoGroup(): void {
    // SQLite may have rolled back by itself (disk full, I/O error).
    if (this.#database.inTransaction) this.#statements.rollback.run();
    this.forgetCaches();
  }

  #applyOneByOne(entries: readonly Entry[]): EntryResult[] {
    const { savepoint, release, undo } = this.#statements;
    return entries.map((entry) => {
      savepoint.run();
      try {
        const result = this.#apply(entry);
        // Sums are flushed entry by entry: a refused one must leave nothing behind.
        this.#rollups.write(this.#statements.rollups);
        release.run();
        return result;
      } catch (error) {
        if (!isRowFault(error)) throw error;
        undo.run();
        release.run();
        this.forgetCaches();
        return { outcome: "refused", reason: error.message };
      }
    });
  }

  #apply(entry: Entry): EntryResult {
    switch (entry.op) {
      case "message":
        return this.#applyMessage(entry.message, entry.at);
      case "status":
        return this.#applyStatus(entry);
      case "session":
        return this.#applySession(entry.session);
      case "session_end": {
        const { changes } = this.#statements.endSession.run(entry.at, entry.session_id);
        return changes === 0 ? UNKNOWN : NEW;
      }
      case "system_log": {
        const { at, level, component, message, details } = entry;
        this.#statements.insertSystemLog.run(at, level, component, message, details);
        return NEW;
      }
      case "meta":
        this.#statements.setMeta.run(entry.key, entry.value);
        return NEW;
    }
  }

  #applyMessage(message: StoredMessage, at: number): EntryResult {
    if (message.session_id !== null) this.#ensureSession(message);
    const { error_message: error } = message;
    const errorTemplateId = error === null ? null : this.#errorTemplateId(error, reachedAt(message));
    const { changes } = this.#statements.insertMessage.run(
      message.message_uuid,
      message.session_id,
      message.user_id,
      message.channel,
      message.status,
      message.origin_ts,
      message.sent_ts,
      message.delivered_ts,
      message.read_ts,
      message.ack_ts,
      message.source_subject_id,
      message.destination_subject_ids,
      message.topic,
      message.message_type,
      message.template_id,
      message.template_name,
      message.external_id,
      message.error_message,
      message.content_preview,
      message.message_data,
      message.message_metadata,
      message.revision,
      errorTemplateId,
    );
    if (changes === 0) return DUPLICATE;
    const { message_uuid, status, external_id } = message;
    this.#statements.insertEvent.run(message_uuid, status, reachedAt(message), at, 1, external_id, error);
    this.#rollups.add({ ...message, error_template_id: errorTemplateId });
    return NEW;
  }

  #applyStatus(entry: StatusEntry): EntryResult {
    const row = this.#statements.findMessage.get(entry.message_uuid) as StoredRow | undefined;
    if (row === undefined) return UNKNOWN;
    // The very same report again: the writer that took it died before it could say so.
    if (this.#statements.findEvent.get(entry) !== undefined) return { outcome: "changed", message: row };
    const since = Number(this.#statements.appliedSince.get(row.message_uuid, row.status) ?? row.origin_ts);
    const applied = supersedes(row.status, since, entry.status, entry.ts);
    const next = this.#afterStatus(row, entry, applied);
    this.#statements.insertEvent.run(
      row.message_uuid,
      entry.status,
      entry.ts,
      entry.at,
      applied ? 1 : 0,
      entry.external_id,
      entry.error_message,
    );
    if (next === row) return { outcome: "changed", message: row };
    this.#rollups.subtract(row);
    this.#rollups.add(next);
    this.#statements.updateMessage.run(next);
    this.#reindex(row, next);
    return { outcome: "changed", message: next };
  }

  /** The row as the report leaves it: the same object where it changes nothing. */
  #afterStatus(row: StoredRow, entry: StatusEntry, applied: boolean): StoredRow {
    const next = { ...row };
    if (applied) next.status = entry.status;
    // A late report still tells when that step was reached.
    if (entry.status === "sent") next.sent_ts ??= entry.ts;
    if (entry.status === "delivered") next.delivered_ts ??= entry.ts;
    if (entry.status === "read") next.read_ts ??= entry.ts;
    if (entry.external_id !== null && (applied || row.external_id === null))
      next.external_id = entry.external_id;
    if (applied) {
      const error = entry.error_message?.toWellFormed() || null;
      // A retry or a success ends the error that stood; the history keeps it.
      if (error !== null || isSuccessful(entry.status) || row.status === "failed") next.error_message = error;
      next.error_template_id =
        next.error_message === null ? null : this.#errorTemplateId(next.error_message, entry.ts);
    } else if (entry.status === row.status && entry.error_message && row.error_message === null) {
      next.error_message = entry.error_message.toWellFormed();
      next.error_template_id = this.#errorTemplateId(next.error_message, entry.ts);
    }
    const same = (Object.keys(next) as (keyof StoredRow)[]).every((key) => next[key] === row[key]);
    if (same) return row;
    next.revision = row.revision + 1;
    return next;
  }

  #applySession(session: SessionStart): EntryResult {
    if (this.#statements.insertSession.run(session).changes > 0) return NEW;
    // Its messages came first: take the description now.
    const { changes } = this.#statements.describeSession.run(session);
    return changes > 0 ? NEW : DUPLICATE;
  }

  #ensureSession(message: StoredMessage): void {
    const id = message.session_id ?? "";
    if (this.#sessions.has(id)) return;
    if (this.#statements.findSession.get(id) === undefined) {
      this.#statements.insertSession.run(impliedSession(message));
    }
    if (this.#sessions.size >= MAX_CACHED_KEYS) this.#sessions.clear();
    this.#sessions.add(id);
  }

  #errorTemplateId(text: string, ts: number): number {
    const template = errorTemplate(text);
    const seen = this.#templates.get(template);
    if (seen !== undefined) {
      seen.first = Math.min(seen.first, ts);
      seen.last = Math.max(seen.last, ts);
      return seen.id;
    }
    this.#statements.insertTemplate.run(template, cutPreview(text), ts, ts);
    const id = Number(this.#statements.findTemplate.get(template));
    this.#templates.set(template, { id, first: ts, last: ts });
    return id;
  }

  /** Rows past the index are searched directly, so only an indexed one needs its words renewed. */
  #reindex(row: StoredRow, next: StoredRow): void {
    if (row.error_message === next.error_message && row.external_id === next.external_id) return;
    if (next.seq > Number(this.#statements.indexedSeq.get())) return;
    const { body, error, recipients, sender } = searchColumns(next);
    this.#statements.reindex.run(next.seq, body, error, recipients, sender);
  }
}

/** When a message came to the status it was logged with, as far as its own times tell. */
function reachedAt(message: StoredMessage): number {
  const times: Partial<Record<Status, number | null>> = {
    sent: message.sent_ts,
    delivered: message.delivered_ts,
    read: message.read_ts,
  };
  return times[message.status] ?? message.origin_ts;
}

/** What an entry does by itself: the store is well, and the entries beside it can go on. */
function isRowFault(error: unknown): error is Error {
  const trouble = classifyTrouble(error);
  return error instanceof Error && (trouble === "row" || trouble === "bug");
}
