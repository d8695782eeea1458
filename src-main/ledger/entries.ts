import type { StoredMessage } from "../../src-shared/record.ts";
import type { Status } from "../../src-shared/status.ts";
import type { Level } from "../../src-shared/system-log.ts";

/** The session row as a caller begins it; its numbers are the ledger's. */
export type SessionStart = {
  session_id: string;
  user_id: string;
  channel: string;
  template_id: string | null;
  template_name: string | null;
  started_ts: number;
  ended_ts: number | null;
  metadata: string;
};

/**
 * One thing to be kept. Entries are what the writer commits in groups and what the spool holds,
 * in the order they were given. Times are milliseconds since 1970; `at` is when it was accepted.
 */
export type Entry =
  | { op: "message"; at: number; message: StoredMessage }
  | {
      op: "status";
      at: number;
      message_uuid: string;
      status: Status;
      ts: number;
      external_id: string | null;
      error_message: string | null;
    }
  | { op: "session"; at: number; session: SessionStart }
  | { op: "session_end"; at: number; session_id: string }
  | { op: "system_log"; at: number; level: Level; component: string; message: string; details: string | null }
  /** A fact about the ledger itself, such as when it was last backed up. */
  | { op: "meta"; at: number; key: MetaKey; value: string };

export type MetaKey =
  | "last_check_ts"
  | "last_check_ok"
  | "last_backup_ts"
  /** Why the last backup of the schedule was not made; empty where it was. */
  | "last_backup_error"
  /** How often one is to be made; empty where none is. */
  | "backup_every_hours"
  | "last_vacuum_ts"
  /** When retention last ran to its end, and why it did not since; empty where it did. */
  | "last_retention_ts"
  | "last_retention_error"
  /** When the chain was read through, and its first group that does not hold, as JSON; empty where all hold. */
  | "last_chain_ts"
  | "last_chain_broken";

/**
 * What became of an entry. `new`, `duplicate` and `changed` are committed, `spooled` is fsynced
 * in the spool; `unknown` names a message or session that is not there, and `undecided` one that
 * can't be looked up now; `refused` is the entry's own fault, with the reason.
 */
export type EntryResult =
  | { outcome: "new" | "duplicate" | "unknown" | "spooled" }
  | { outcome: "changed"; message: StoredMessage }
  | { outcome: "refused" | "undecided"; reason: string };

/** What the ledger notes of its own work. */
export function ledgerEvent(level: Level, message: string, details: Record<string, unknown>): Entry {
  return {
    op: "system_log",
    at: Date.now(),
    level,
    component: "ledger",
    message,
    details: JSON.stringify(details),
  };
}
