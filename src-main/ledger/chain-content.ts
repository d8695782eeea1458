import type { StoredMessage } from "../../src-shared/record.ts";
import { type ROW_COLUMNS, rowText } from "./message-run.ts";
import type { ReadableDatabase } from "./open.ts";
import { type ChangeRow, type CutRow, changeText, cutText, type GroupRow } from "./writer/chain.ts";

/** A row of `message_logs` as it is read. */
export type LoggedRow = StoredMessage & { seq: number } & Record<
    Exclude<(typeof ROW_COLUMNS)[number], keyof StoredMessage>,
    number | null
  >;

/** What a change did to a record: the value before and after, by column. */
export type Replaced = Record<string, [before: string | number | null, after: string | number | null]>;

/** What a group was sealed over and is still there: texts by their keys, in the order of the group. */
export type GroupContent = {
  rows: Map<number, string>;
  /** Changes of status, each with the message it is about. */
  changes: Map<number, { seq: number; text: string }>;
  cuts: string[];
};

type SeqChange = ChangeRow & { message_seq: number };

/** Reads what is there of groups, with changed records as they were logged. */
export class GroupReader {
  readonly #rows;
  readonly #undo;
  readonly #changes;
  readonly #cuts;

  constructor(database: Pick<ReadableDatabase, "prepare">) {
    this.#rows = database.prepare("SELECT * FROM message_logs WHERE seq BETWEEN ? AND ? ORDER BY seq");
    this.#undo = database.prepare(
      `SELECT replaced FROM message_events WHERE message_seq = ? AND replaced IS NOT NULL
       ORDER BY event_id DESC`,
    );
    this.#changes = database.prepare(
      `SELECT * FROM message_events WHERE event_id BETWEEN ? AND ? AND replaced IS NOT NULL ORDER BY event_id`,
    );
    this.#cuts = database.prepare("SELECT * FROM chain_cuts WHERE signed_by = ? ORDER BY cut_id");
  }

  /** Throws SQLite's error, or a SyntaxError where a change no longer tells what it replaced. */
  read(group: GroupRow): GroupContent {
    const rows = new Map<number, string>();
    if (group.first_seq !== null) {
      for (const row of this.#rows.iterate(group.first_seq, group.last_seq) as Iterable<LoggedRow>) {
        const original = row.revision > 1 ? this.#asLogged(row) : row;
        rows.set(row.seq, rowText(original, original.error_template_id, original.recorded_ts ?? 0));
      }
    }
    const changes: GroupContent["changes"] = new Map();
    if (group.first_event !== null) {
      for (const change of this.#changes.iterate(group.first_event, group.last_event) as Iterable<SeqChange>)
        changes.set(change.event_id, { seq: change.message_seq, text: changeText(change) });
    }
    const cuts = (this.#cuts.all(group.group_id) as CutRow[]).map(cutText);
    return { rows, changes, cuts };
  }

  /** The record before all changes that the ledger knows of; a value that no change brought stays, and shows. */
  #asLogged(row: LoggedRow): LoggedRow {
    const logged: LoggedRow = { ...row };
    for (const text of this.#undo.pluck().iterate(row.seq) as Iterable<string>) {
      for (const [column, [before, after]] of Object.entries(JSON.parse(text) as Replaced)) {
        if (Reflect.get(logged, column) === after) Reflect.set(logged, column, before);
      }
    }
    return logged;
  }
}

export function rowsOf({ rows }: GroupContent): string {
  return [...rows.values()].join(",");
}

export function changesOf({ changes, cuts }: GroupContent): string {
  return [...[...changes.values()].map(({ text }) => text), ...cuts].join(",");
}
