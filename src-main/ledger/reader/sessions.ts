import type { Output, ParsedInput } from "../../../src-shared/contract/index.ts";
import { WaybillError } from "../../../src-shared/errors.ts";
import type { Session } from "../../../src-shared/session.ts";
import { FUNNEL, type Status } from "../../../src-shared/status.ts";
import { DAY_MS, formatTime, SECOND_MS } from "../../../src-shared/time.ts";
import type { SessionStart } from "../entries.ts";
import type { ReadableDatabase } from "../open.ts";
import { sessionFacts } from "../session-facts.ts";
import { decodeCursor, encodeCursor, type Position } from "./cursor.ts";
import { histogram } from "./histogram.ts";
import { ALL } from "./messages.ts";
import type { Steps } from "./steps.ts";

const ERRORS_PER_SESSION = 20;
const TIMELINE_BUCKETS = 60;
/** Sorts after every id: a page without a cursor starts before all of them. */
const AFTER_ALL: Position = { ts: Number.MAX_SAFE_INTEGER, tie: "\u{10ffff}" };

type SessionRow = SessionStart & {
  total: number;
  successful: number;
  failed: number;
  pending: number;
  cancelled: number;
  send_count: number;
  send_ms: number;
};

function toSession(database: ReadableDatabase, row: SessionRow): Session {
  const errors = database
    .prepare(
      `SELECT t.template AS text, e.count FROM session_errors AS e
       JOIN error_templates AS t ON t.id = e.error_template_id
       WHERE e.session_id = ? ORDER BY 2 DESC, 1 LIMIT ${ERRORS_PER_SESSION}`,
    )
    .all(row.session_id) as Session["errors"];
  return {
    ...sessionFacts(row),
    total: row.total,
    successful: row.successful,
    failed: row.failed,
    pending: row.pending,
    cancelled: row.cancelled,
    success_rate: row.total === 0 ? 0 : row.successful / row.total,
    average_send_seconds: row.send_count === 0 ? null : row.send_ms / row.send_count / SECOND_MS,
    errors,
  };
}

/** Throws `not_found`. */
export function requireSession(database: ReadableDatabase, sessionId: string): Session {
  const row = database.prepare("SELECT * FROM sessions WHERE session_id = ?").get(sessionId);
  if (row === undefined) throw new WaybillError("not_found", `There is no session ${sessionId}.`);
  return toSession(database, row as SessionRow);
}

export function listSessions(
  database: ReadableDatabase,
  { text, days, limit, cursor }: ParsedInput<"sessions.list">,
): Output<"sessions.list"> {
  const { ts, tie } = cursor ? decodeCursor(cursor) : AFTER_ALL;
  const rows = database
    .prepare(
      `SELECT * FROM sessions
       WHERE (started_ts, session_id) < (@ts, @tie) AND started_ts >= @since
         AND (@text = '' OR instr(lower(session_id || ' ' || channel || ' ' || coalesce(template_id, '') || ' '
           || coalesce(template_name, '') || ' ' || user_id), lower(@text)) > 0)
       ORDER BY started_ts DESC, session_id DESC LIMIT @limit`,
    )
    .all({
      ts,
      tie: String(tie),
      text,
      since: days ? Date.now() - days * DAY_MS : Number.MIN_SAFE_INTEGER,
      limit: limit + 1,
    }) as SessionRow[];
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const more = rows.length > limit && last !== undefined;
  return {
    sessions: page.map((row) => toSession(database, row)),
    next_cursor: more ? encodeCursor({ ts: last.started_ts, tie: last.session_id }) : null,
  };
}

export function* getSession(
  database: ReadableDatabase,
  { session_id }: ParsedInput<"sessions.get">,
): Steps<Output<"sessions.get">> {
  const session = requireSession(database, session_id);
  const byStatus = database
    .prepare("SELECT status, count(*) AS count FROM message_logs WHERE session_id = ? GROUP BY 1")
    .all(session_id) as { status: Status; count: number }[];
  const { recipients, undelivered } = database
    .prepare(
      `SELECT count(*) AS recipients, coalesce(sum(success = 0), 0) AS undelivered FROM (
         SELECT max(m.status IN ('sent', 'delivered', 'read')) AS success
         FROM message_logs AS m, json_each(m.destination_subject_ids) AS r
         WHERE m.session_id = @session_id GROUP BY r.value)`,
    )
    .get({ session_id }) as { recipients: number; undelivered: number };
  return {
    session,
    funnel: funnel(byStatus),
    timeline: yield* histogram(
      database,
      { ...ALL, where: "m.session_id = @session_id", parameters: { session_id }, isLed: true },
      TIMELINE_BUCKETS,
    ),
    undelivered,
    recipients,
  };
}

/** How many reached each step or went past it. A failed or cancelled message got no further than pending, as far as is known. */
export function funnel(
  byStatus: readonly { status: Status; count: number }[],
): { status: Status; count: number }[] {
  const steps: readonly Status[] = FUNNEL;
  return FUNNEL.map((status, step) => ({
    status,
    count: byStatus.reduce(
      (sum, row) => sum + (Math.max(0, steps.indexOf(row.status)) >= step ? row.count : 0),
      0,
    ),
  }));
}

type OutcomeRow = {
  recipient: string;
  attempts: number;
  message_uuid: string;
  status: Status;
  error_message: string | null;
  origin_ts: number;
};

export function undelivered(
  database: ReadableDatabase,
  { session_id, limit, cursor }: ParsedInput<"sessions.undelivered">,
): Output<"sessions.undelivered"> {
  requireSession(database, session_id);
  const after = cursor ? String(decodeCursor(cursor).tie) : "";
  const rows = database
    .prepare(
      `SELECT u.recipient, u.attempts, m.message_uuid, m.status, m.error_message, m.origin_ts
       FROM (SELECT r.value AS recipient, max(m.seq) AS seq, count(*) AS attempts
             FROM message_logs AS m, json_each(m.destination_subject_ids) AS r
             WHERE m.session_id = @session_id AND r.value > @after
             GROUP BY 1 HAVING max(m.status IN ('sent', 'delivered', 'read')) = 0
             ORDER BY 1 LIMIT @limit) AS u
       JOIN message_logs AS m ON m.seq = u.seq ORDER BY u.recipient`,
    )
    .all({ session_id, after, limit: limit + 1 }) as OutcomeRow[];
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const more = rows.length > limit && last !== undefined;
  return {
    recipients: page.map((row) => ({
      recipient: row.recipient,
      message_uuid: row.message_uuid,
      status: row.status,
      error_message: row.error_message,
      attempts: row.attempts,
      last_ts: formatTime(row.origin_ts),
    })),
    next_cursor: more ? encodeCursor({ ts: 0, tie: last.recipient }) : null,
  };
}
