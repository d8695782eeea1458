import { type MessageRecord, type StoredMessage, toRecord } from "../../../src-shared/record.ts";
import type { Session } from "../../../src-shared/session.ts";
import type { Replaced } from "../chain-content.ts";
import type { SessionStart } from "../entries.ts";
import type { ReadableDatabase } from "../open.ts";
import { sessionFacts } from "../session-facts.ts";
import type { Stream } from "../sync-save.ts";
import { HOLDS_JSON, RECORD_TEXT, type RecordText, toText } from "./record-text.ts";

/**
 * The history is the outbox: each change of a record has a position there, written in the record's own
 * transaction. Here it is read back as what is to be sent.
 */

/** A session's own facts; `revision` rises with each change of them. */
export type SessionFacts = Pick<Session, keyof SessionStart> & { revision: number };

/** What is to be sent, and the positions that it settles. */
export type OutboxChange<R> = { positions: number[]; id: string; record: R };

export type OutboxPage<R> = {
  changes: OutboxChange<R>[];
  /** The positions that are there, in order, also those with nothing to send. */
  positions: number[];
  /** What was passed: up to it no other position is there. */
  upTo: number;
};

/** A change, with its message as it is now; `message_uuid` is null where that was deleted since. */
type EventRow = Omit<StoredMessage, "message_uuid"> & {
  event_id: number;
  message_seq: number;
  replaced: string | null;
  /** The first change of the message; null where this one tells what it replaced. */
  first_event: number | null;
  message_uuid: string | null;
};

/** A change with its record as text; `json` is null where the record is no more as the change left it, or can't be written so. */
type TextRow = {
  event_id: number;
  /** Whether the record was another one after it. */
  is_change: 0 | 1;
} & ({ message_uuid: null } | (Omit<RecordText, "json"> & { json: string | null; bytes: number }));

/** A page also ends with the record that brings it here (in characters or bytes), so that memory does not grow with large ones. */
const PAGE_SIZE = 8 * 1024 * 1024;

const EVENT_COLUMNS = `e.event_id, e.message_seq, e.replaced,
  CASE WHEN e.replaced IS NULL
    THEN (SELECT min(f.event_id) FROM message_events AS f WHERE f.message_seq = e.message_seq)
  END AS first_event, m.*`;

/** Of a history from before changes were kept, only the first stands for the record. */
const IS_CHANGE = `CASE WHEN e.replaced IS NULL
    THEN e.event_id = (SELECT min(f.event_id) FROM message_events AS f WHERE f.message_seq = e.message_seq)
    ELSE e.replaced ->> '$.revision[1]' IS NOT NULL
  END`;

/** The outbox over one connection. All methods throw SQLite's error. */
export class Outbox {
  readonly #database: ReadableDatabase;
  readonly #statements;

  constructor(database: ReadableDatabase) {
    this.#database = database;
    this.#statements = {
      // One row at a time, for all of a page may be large; one statement, for a lookup of each costs twice as much.
      events: database.prepare<[number, number, number], EventRow>(
        `SELECT ${EVENT_COLUMNS} FROM message_events AS e LEFT JOIN message_logs AS m ON m.seq = e.message_seq
         WHERE e.event_id > ? AND e.event_id <= ? ORDER BY e.event_id LIMIT ?`,
      ),
      texts: database.prepare<[number, number, number], TextRow>(
        `SELECT e.event_id, ${IS_CHANGE} AS is_change, m.message_uuid, m.revision, m.channel, m.status,
           octet_length(m.message_data) + octet_length(m.message_metadata) AS bytes,
           CASE WHEN m.revision = coalesce(e.replaced ->> '$.revision[1]', 1) AND ${HOLDS_JSON}
             THEN ${RECORD_TEXT} END AS json
         FROM message_events AS e LEFT JOIN message_logs AS m ON m.seq = e.message_seq
         WHERE e.event_id > ? AND e.event_id <= ? ORDER BY e.event_id LIMIT ?`,
      ),
      eventsOf: database.prepare<[string, number, number], EventRow>(
        `SELECT ${EVENT_COLUMNS} FROM message_logs AS m JOIN message_events AS e ON e.message_seq = m.seq
         WHERE m.message_uuid = ? AND e.event_id > ? AND e.event_id <= ? ORDER BY e.event_id`,
      ),
      later: database
        .prepare(
          `SELECT replaced FROM message_events WHERE message_seq = ? AND event_id > ? AND replaced IS NOT NULL
           ORDER BY event_id DESC`,
        )
        .pluck(),
      sessions: database.prepare(
        `SELECT c.change_id, s.* FROM session_changes AS c LEFT JOIN sessions AS s ON s.session_id = c.session_id
         WHERE c.change_id > ? AND c.change_id <= ? ORDER BY c.change_id LIMIT ?`,
      ),
    };
  }

  /** Messages behind a position, up to `until`: each once, as it is now, for all of its positions. */
  messages(after: number, until: number, limit: number): OutboxPage<MessageRecord> {
    return this.#database.transaction(() => {
      const page: OutboxPage<MessageRecord> = { changes: [], positions: [], upTo: after };
      const folded = new Map<number, OutboxChange<MessageRecord> | null>();
      let characters = 0;
      for (const row of this.#statements.events.iterate(after, until, limit)) {
        page.positions.push(row.event_id);
        page.upTo = row.event_id;
        const known = folded.get(row.message_seq);
        if (known !== undefined) {
          known?.positions.push(row.event_id);
          continue;
        }
        const change = toChange(row);
        folded.set(row.message_seq, change);
        if (change === null) continue;
        page.changes.push(change);
        characters += row.message_data.length + row.message_metadata.length;
        if (characters > PAGE_SIZE) return page;
      }
      if (page.positions.length < limit) page.upTo = Math.max(page.upTo, until);
      return page;
    })();
  }

  /** Each change behind a position, up to `until`, as it left its message. */
  texts(after: number, until: number, limit: number): OutboxPage<RecordText> {
    return this.#database.transaction(() => {
      const changes: (OutboxChange<RecordText> | null)[] = [];
      const positions: number[] = [];
      /** Where in `changes` those go that have no text. */
      const textless = new Map<number, number>();
      let bytes = 0;
      for (const row of this.#statements.texts.iterate(after, until, limit)) {
        positions.push(row.event_id);
        if (row.is_change === 0 || row.message_uuid === null) continue;
        const { event_id, message_uuid, revision, channel, status, json } = row;
        if (json === null) textless.set(event_id, changes.push(null) - 1);
        else {
          const record = { message_uuid, revision, channel, status, json };
          changes.push({ positions: [event_id], id: message_uuid, record });
        }
        bytes += row.bytes;
        if (bytes > PAGE_SIZE) break;
      }
      const upTo = positions.at(-1) ?? after;
      const [first = upTo + 1] = textless.keys();
      // In one pass again: to find a row by itself costs as much as to walk over fifteen.
      for (const row of this.#statements.events.iterate(first - 1, upTo, limit)) {
        const at = textless.get(row.event_id);
        if (at === undefined) continue;
        const change = this.#asItWas(row);
        changes[at] = change === null ? null : { ...change, record: toText(change.record) };
      }
      const isEnd = positions.length < limit && bytes <= PAGE_SIZE;
      return {
        changes: changes.filter((change) => change !== null),
        positions,
        upTo: isEnd ? Math.max(upTo, until) : upTo,
      };
    })();
  }

  /** What became of some messages behind a position, up to `until`: each change as it left the record. */
  laterTexts(ids: Iterable<string>, after: number, until: number): OutboxChange<RecordText>[] {
    return this.#database.transaction(() =>
      [...ids].flatMap((id) =>
        this.#statements.eventsOf
          .all(id, after, until)
          .map((row) => this.#asItWas(row))
          .filter((change) => change !== null)
          .map((change) => ({ ...change, record: toText(change.record) })),
      ),
    )();
  }

  /** Sessions behind a position, each once, as it is now. */
  sessions(after: number, until: number, limit: number): OutboxPage<SessionFacts> {
    const rows = this.#statements.sessions.all(after, until, limit) as SessionChangeRow[];
    const changes = new Map<string, OutboxChange<SessionFacts>>();
    for (const row of rows) {
      // Deleted since, which a sink is not told.
      if (row.session_id === null) continue;
      const known = changes.get(row.session_id);
      if (known !== undefined) known.positions.push(row.change_id);
      else
        changes.set(row.session_id, {
          positions: [row.change_id],
          id: row.session_id,
          record: { ...sessionFacts({ ...row, session_id: row.session_id }), revision: row.revision },
        });
    }
    const last = rows.at(-1)?.change_id ?? after;
    return {
      changes: [...changes.values()],
      positions: rows.map(({ change_id }) => change_id),
      upTo: rows.length < limit ? Math.max(last, until) : last,
    };
  }

  /** What one position is about; null where the ledger no longer has it, or it has nothing to send. */
  find(stream: Stream, position: number, folds: boolean): OutboxChange<MessageRecord | SessionFacts> | null {
    if (stream === "session") return this.sessions(position - 1, position, 1).changes[0] ?? null;
    const row = this.#statements.events.get(position - 1, position, 1);
    if (row === undefined) return null;
    return folds ? toChange(row) : this.#asItWas(row);
  }

  /** Null where the report changed nothing: it is only history. */
  #asItWas(row: EventRow): OutboxChange<MessageRecord> | null {
    const revision = row.replaced === null ? null : (parseReplaced(row.replaced).revision?.[1] ?? null);
    if (row.replaced !== null && revision === null) return null;
    // Of a history from before changes were kept, only the first stands for the record.
    if (row.replaced === null && row.first_event !== row.event_id) return null;
    if (!hasMessage(row) || row.revision === (revision ?? 1)) return toChange(row);
    const before: Record<string, unknown> = { ...row };
    for (const text of this.#statements.later.all(row.message_seq, row.event_id) as string[])
      for (const [column, [was]] of Object.entries(parseReplaced(text))) before[column] = was;
    return toChange(before as EventRow);
  }
}

type SessionChangeRow = Omit<SessionStart, "session_id"> & {
  change_id: number;
  session_id: string | null;
  revision: number;
};

/** Null where the message was deleted since. */
function toChange(row: EventRow): OutboxChange<MessageRecord> | null {
  if (!hasMessage(row)) return null;
  return {
    positions: [row.event_id],
    id: row.message_uuid,
    record: toRecord(row),
  };
}

function hasMessage(row: EventRow): row is EventRow & StoredMessage {
  return row.message_uuid !== null;
}

function parseReplaced(text: string): Replaced {
  return JSON.parse(text) as Replaced;
}
