import type { StoredMessage } from "../../../src-shared/record.ts";
import { isSuccessful } from "../../../src-shared/status.ts";
import type { Replaced } from "../chain-content.ts";
import type { Entry } from "../entries.ts";
import type { ErrorTemplates } from "../error-templates.ts";

export type StoredRow = StoredMessage & { seq: number; error_template_id: number | null };
export type StatusEntry = Extract<Entry, { op: "status" }>;

/** What a change of status can replace in a record. */
const CHANGING = [
  "status",
  "sent_ts",
  "delivered_ts",
  "read_ts",
  "external_id",
  "error_message",
  "error_template_id",
  "revision",
] as const satisfies readonly (keyof StoredRow)[];

/** The row as a report leaves it: the same object where it changes nothing. `applied` is whether its status comes to stand. */
export function afterStatus(
  row: StoredRow,
  entry: StatusEntry,
  applied: boolean,
  templates: ErrorTemplates,
): StoredRow {
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
      next.error_message === null ? null : templates.idOf(next.error_message, entry.ts);
  } else if (entry.status === row.status && entry.error_message && row.error_message === null) {
    next.error_message = entry.error_message.toWellFormed();
    next.error_template_id = templates.idOf(next.error_message, entry.ts);
  }
  if (CHANGING.every((column) => next[column] === row[column])) return row;
  next.revision = row.revision + 1;
  return next;
}

/** What a change does to a record, to come back from the record as it is to the record as it was. */
export function replaced(before: StoredRow, after: StoredRow): Replaced {
  const changed = CHANGING.filter((column) => before[column] !== after[column]);
  return Object.fromEntries(changed.map((column) => [column, [before[column], after[column]]]));
}
