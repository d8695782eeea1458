import type { Receipt } from "../../../src-shared/contract/messages.ts";
import { indexedColumns } from "../../../src-shared/query/tokens.ts";
import type { StoredMessage } from "../../../src-shared/record.ts";
import { supersedes } from "../../../src-shared/status.ts";
import type { Entry, EntryResult, SessionStart } from "../entries.ts";
import { ErrorTemplates } from "../error-templates.ts";
import {
  FIRST_EVENTS,
  MESSAGE_COLUMNS,
  type MessageRun,
  ROW_COLUMNS,
  reachedAt,
  rowText,
  unpackRun,
} from "../message-run.ts";
import type { WritableDatabase } from "../open.ts";
import { classifyTrouble } from "../sqlite-errors.ts";
import { count, emptyTally, merge, type Tally } from "../tally.ts";
import { Chain } from "./chain.ts";
import type { Head } from "./head-file.ts";
import { Rollups } from "./rollups.ts";
import { afterStatus, replaced, type StatusEntry, type StoredRow } from "./status-change.ts";

function prepare(database: WritableDatabase) {
  const values = ROW_COLUMNS.map((_, index) => `value ->> ${index}`).join(", ");
  const insertRows = `INSERT INTO message_logs (${ROW_COLUMNS.join(", ")}) SELECT ${values} FROM jsonb_each(?)`;
  return {
    begin: database.prepare("BEGIN IMMEDIATE"),
    commit: database.prepare("COMMIT"),
    rollback: database.prepare("ROLLBACK"),
    savepoint: database.prepare("SAVEPOINT entry"),
    release: database.prepare("RELEASE entry"),
    undo: database.prepare("ROLLBACK TO entry"),
    // One statement for many rows, with the values read from the text: binding each costs as much again.
    insertRun: database.prepare(insertRows),
    insertUnlessThere: database.prepare(`${insertRows} WHERE true ON CONFLICT (message_uuid) DO NOTHING`),
    insertFirstEvents: database.prepare(FIRST_EVENTS),
    insertEvent: database.prepare(
      `INSERT INTO message_events (message_uuid, status, ts, recorded_ts, applied, external_id, error_message,
         message_seq, replaced)
       VALUES (@message_uuid, @status, @ts, @recorded_ts, @applied, @external_id, @error_message, @seq, @replaced)`,
    ),
    findMessage: database.prepare(
      `SELECT seq, ${MESSAGE_COLUMNS.join(", ")}, error_template_id FROM message_logs WHERE message_uuid = ?`,
    ),
    findEvent: database
      .prepare(
        `SELECT 1 FROM message_events WHERE message_seq = @seq AND status = @status AND ts = @ts
           AND recorded_ts = @at AND external_id IS @external_id AND error_message IS @error_message`,
      )
      .pluck(),
    appliedSince: database
      .prepare("SELECT max(ts) FROM message_events WHERE message_seq = ? AND status = ? AND applied = 1")
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
    seeTemplate: database.prepare(
      `INSERT INTO error_templates (id, template, sample, first_seen_ts, last_seen_ts)
       VALUES (@id, @template, @sample, @first, @last)
       ON CONFLICT (id) DO UPDATE SET first_seen_ts = min(first_seen_ts, excluded.first_seen_ts),
         last_seen_ts = max(last_seen_ts, excluded.last_seen_ts)`,
    ),
    indexedSeq: database.prepare("SELECT value FROM ledger_meta WHERE key = 'search_indexed_seq'").pluck(),
    reindex: database.prepare(
      `INSERT OR REPLACE INTO message_search (rowid, body, error, recipients, sender, facts)
       VALUES (?, ?, ?, ?, ?, ?)`,
    ),
  };
}

/** One object for all: between threads a list of the same object is a tenth of a list of equal ones. */
const NEW: EntryResult = { outcome: "new" };
const DUPLICATE: EntryResult = { outcome: "duplicate" };
const UNKNOWN: EntryResult = { outcome: "unknown" };

/** What the writer commits: entries, and messages that were packed together. */
export type Work = Entry | MessageRun;

export function entriesOf(work: readonly Work[]): Entry[] {
  return work.flatMap((item): Entry[] => (item.op === "run" ? unpackRun(item) : [item]));
}

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
  readonly #rollups: Rollups;
  readonly #chain: Chain;
  /** Sessions that the group in hand knows to be there. */
  readonly #sessions = new Set<string>();
  /** What the group in hand adds to the statistics, and the error templates it met. */
  #tally: Tally = emptyTally();
  readonly #templates = new ErrorTemplates();

  constructor(database: WritableDatabase) {
    this.#database = database;
    this.#statements = prepare(database);
    this.#rollups = new Rollups(database);
    this.#chain = new Chain(database);
  }

  /** Whether a message is there; for a report of its status while only the spool takes writes. */
  hasMessage(uuid: string): boolean {
    return this.#statements.findMessage.get(uuid) !== undefined;
  }

  /** Where the chain stands. Throws SQLite's error. */
  chainHead(): Receipt | null {
    this.#chain.reset();
    return this.#chain.receipt;
  }

  /** The last group, and the messages there are, as of the last commit; null before the first. */
  reached(): Head | null {
    return this.#chain.reached;
  }

  hasSession(id: string): boolean {
    return this.#statements.findSession.get(id) !== undefined;
  }

  /**
   * Commits a group: all of it is durable when this returns, or none of it and it throws.
   * An entry that breaks a rule of the database is `refused` alone and the rest go on.
   * `alongside` runs in the same transaction. The receipt is null while the ledger has no records.
   */
  commit(
    work: readonly Work[],
    alongside?: (chain: Chain) => void,
  ): { results: EntryResult[]; receipt: Receipt | null } {
    this.#statements.begin.run();
    try {
      this.#chain.reset();
      // Another process may have deleted a session, or made the statistics anew, since the last group.
      this.#forgetCaches();
      let results: EntryResult[] = [];
      try {
        for (const item of work) {
          if (item.op === "run") this.#applyRun(item, results);
          else results.push(this.#apply(item));
        }
      } catch (error) {
        if (!isRowFault(error)) throw error;
        this.#undoGroup();
        this.#statements.begin.run();
        results = this.#applyOneByOne(entriesOf(work));
      }
      this.#rollups.write(this.#tally);
      this.#tally = emptyTally();
      for (const seen of this.#templates.all()) this.#statements.seeTemplate.run(seen);
      this.#templates.clear();
      alongside?.(this.#chain);
      this.#chain.seal(Date.now());
      this.#statements.commit.run();
      return { results, receipt: this.#chain.receipt };
    } catch (error) {
      this.#undoGroup();
      throw error;
    }
  }

  #undoGroup(): void {
    // SQLite may have rolled back by itself (disk full, I/O error).
    if (this.#database.inTransaction) this.#statements.rollback.run();
    this.#tally = emptyTally();
    this.#templates.clear();
    this.#chain.reset();
    this.#forgetCaches();
  }

  #forgetCaches(): void {
    this.#sessions.clear();
    this.#rollups.forgetKeys();
  }

  #applyOneByOne(entries: readonly Entry[]): EntryResult[] {
    const { savepoint, release, undo } = this.#statements;
    return entries.map((entry) => {
      savepoint.run();
      const group = this.#tally;
      const chain = this.#chain.mark();
      this.#tally = emptyTally();
      try {
        const result = this.#apply(entry);
        release.run();
        merge(group, this.#tally);
        return result;
      } catch (error) {
        if (!isRowFault(error)) throw error;
        undo.run();
        release.run();
        this.#chain.backTo(chain);
        this.#forgetCaches();
        return { outcome: "refused", reason: error.message };
      } finally {
        this.#tally = group;
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

  /** All rows of a run at once, as long as each of them is new; else message by message. */
  #applyRun(run: MessageRun, results: EntryResult[]): void {
    for (const message of run.firstOfSession) this.#ensureSession(message);
    let last: number;
    try {
      last = Number(this.#statements.insertRun.run(`[${run.rows}]`).lastInsertRowid);
    } catch (error) {
      // A statement that fails on one row has written none of them.
      if (!isRowFault(error)) throw error;
      for (const { message, at } of unpackRun(run)) results.push(this.#applyMessage(message, at));
      return;
    }
    this.#logged(last - run.count + 1, last, run.count, run.rows);
    merge(this.#tally, run.tally);
    for (const seen of run.templates) this.#templates.add(seen);
    for (let index = 0; index < run.count; index += 1) results.push(NEW);
  }

  #applyMessage(message: StoredMessage, at: number): EntryResult {
    if (message.session_id !== null) this.#ensureSession(message);
    const { error_message: error } = message;
    const templateId = error === null ? null : this.#templates.idOf(error, reachedAt(message));
    const text = rowText(message, templateId, at);
    const { changes, lastInsertRowid } = this.#statements.insertUnlessThere.run(`[${text}]`);
    if (changes === 0) return DUPLICATE;
    const seq = Number(lastInsertRowid);
    this.#logged(seq, seq, 1, text);
    count(this.#tally, message, templateId, 1);
    return NEW;
  }

  /** What comes with rows that were just written. */
  #logged(first: number, last: number, count: number, rows: string): void {
    this.#statements.insertFirstEvents.run(first, last);
    this.#chain.addMessages(first, last, count, rows, Date.now());
  }

  #applyStatus(entry: StatusEntry): EntryResult {
    const row = this.#statements.findMessage.get(entry.message_uuid) as StoredRow | undefined;
    if (row === undefined) return UNKNOWN;
    // The very same report again: the writer that took it died before it could say so.
    if (this.#statements.findEvent.get({ ...entry, seq: row.seq }) !== undefined)
      return { outcome: "changed", message: row };
    const since = Number(this.#statements.appliedSince.get(row.seq, row.status) ?? row.origin_ts);
    const applied = supersedes(row.status, since, entry.status, entry.ts);
    const next = afterStatus(row, entry, applied, this.#templates);
    const change = {
      message_uuid: row.message_uuid,
      status: entry.status,
      ts: entry.ts,
      recorded_ts: entry.at,
      applied: applied ? 1 : 0,
      external_id: entry.external_id,
      error_message: entry.error_message,
      replaced: JSON.stringify(replaced(row, next)),
    };
    const { lastInsertRowid } = this.#statements.insertEvent.run({ ...change, seq: row.seq });
    this.#chain.addChange({ ...change, event_id: Number(lastInsertRowid) });
    if (next === row) return { outcome: "changed", message: row };
    count(this.#tally, row, row.error_template_id, -1);
    count(this.#tally, next, next.error_template_id, 1);
    this.#statements.updateMessage.run(next);
    this.#reindex(row, next);
    return { outcome: "changed", message: next };
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
    this.#sessions.add(id);
  }

  /** Rows past the index are searched directly, so only an indexed one needs its words renewed. */
  #reindex(row: StoredRow, next: StoredRow): void {
    if (row.error_message === next.error_message && row.external_id === next.external_id) return;
    if (next.seq > Number(this.#statements.indexedSeq.get())) return;
    const { body, error, recipients, sender, facts } = indexedColumns(next);
    this.#statements.reindex.run(next.seq, body, error, recipients, sender, facts);
  }
}

/** What an entry does by itself: the store is well, and the entries beside it can go on. */
function isRowFault(error: unknown): error is Error {
  const trouble = classifyTrouble(error);
  return error instanceof Error && (trouble === "row" || trouble === "bug");
}
