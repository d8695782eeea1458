import type { Output, ParsedInput } from "../../../src-shared/contract/index.ts";
import { errorTemplate } from "../../../src-shared/error-template.ts";
import { WaybillError } from "../../../src-shared/errors.ts";
import type { Session } from "../../../src-shared/session.ts";
import type { Status } from "../../../src-shared/status.ts";
import { DAY_MS, formatOptionalTime, formatTime, SECOND_MS } from "../../../src-shared/time.ts";
import { decodeCursor, encodeCursor } from "../../ledger/reader/cursor.ts";
import { funnel } from "../../ledger/reader/sessions.ts";
import { storableText } from "../../sync/supabase/storable.ts";
import type { ArchiveDatabase } from "./archive-database.ts";
import { histogram } from "./histogram.ts";
import { toTimestamp } from "./moments.ts";
import { compileArchiveQuery } from "./query-sql.ts";
import { millisecondsOf } from "./record-row.ts";

const ERRORS_PER_SESSION = 20;
const TIMELINE_BUCKETS = 60;
/** Different error texts of a session that are looked at for its reasons. */
const MOST_TEXTS = 10_000;
const SUCCESSFUL = "m.status IN ('sent', 'delivered', 'read')";

type SessionRow = {
  session_id: string;
  user_id: string;
  channel: string;
  template_id: string | null;
  template_name: string | null;
  started_ts: number;
  ended_ts: number | null;
  metadata: Record<string, unknown>;
};

const COLUMNS = `s.session_id, s.user_id, s.channel, s.template_id, s.template_name,
  ${millisecondsOf("s.started_ts")} AS started_ts, ${millisecondsOf("s.ended_ts")} AS ended_ts, s.metadata`;

type Numbers = {
  session_id: string;
  total: number;
  successful: number;
  failed: number;
  pending: number;
  cancelled: number;
  sends: number;
  send_ms: number;
};

/** The sessions with what became of their messages, counted now. */
async function toSessions(database: ArchiveDatabase, rows: readonly SessionRow[]): Promise<Session[]> {
  if (rows.length === 0) return [];
  const ids = rows.map(({ session_id }) => session_id);
  const numbers = await database.rows<Numbers>(
    `SELECT m.session_id, count(*)::float8 AS total,
       count(*) FILTER (WHERE ${SUCCESSFUL})::float8 AS successful,
       count(*) FILTER (WHERE m.status = 'failed')::float8 AS failed,
       count(*) FILTER (WHERE m.status IN ('pending', 'sending'))::float8 AS pending,
       count(*) FILTER (WHERE m.status = 'cancelled')::float8 AS cancelled,
       count(m.sent_ts)::float8 AS sends,
       coalesce(sum(extract(epoch FROM m.sent_ts - m.origin_ts) * 1000), 0)::float8 AS send_ms
     FROM message_logs AS m WHERE m.session_id = ANY($1::text[]) GROUP BY 1`,
    [ids],
  );
  const byId = new Map(numbers.map((each) => [each.session_id, each]));
  const errors = await errorsOf(database, ids);
  return rows.map((row) => {
    const found = byId.get(row.session_id);
    const { total = 0, successful = 0, failed = 0, pending = 0, cancelled = 0 } = found ?? {};
    const { sends = 0, send_ms = 0 } = found ?? {};
    return {
      ...row,
      started_ts: formatTime(row.started_ts),
      ended_ts: formatOptionalTime(row.ended_ts),
      total,
      successful,
      failed,
      pending,
      cancelled,
      success_rate: total === 0 ? 0 : successful / total,
      average_send_seconds: sends === 0 ? null : send_ms / sends / SECOND_MS,
      errors: errors.get(row.session_id) ?? [],
    };
  });
}

/** The reasons of each session, the most frequent first. */
async function errorsOf(
  database: ArchiveDatabase,
  ids: readonly string[],
): Promise<Map<string, Session["errors"]>> {
  const rows = await database.rows<{ session_id: string; error_message: string; count: number }>(
    `SELECT m.session_id, m.error_message, count(*)::float8 AS count FROM message_logs AS m
     WHERE m.session_id = ANY($1::text[]) AND m.error_message IS NOT NULL
     GROUP BY 1, 2 ORDER BY 3 DESC LIMIT ${MOST_TEXTS}`,
    [ids],
  );
  const counted = new Map<string, Map<string, number>>();
  for (const { session_id, error_message, count } of rows) {
    const counts = counted.get(session_id) ?? new Map<string, number>();
    counted.set(session_id, counts);
    const template = errorTemplate(error_message);
    counts.set(template, (counts.get(template) ?? 0) + count);
  }
  return new Map(
    [...counted].map(([id, counts]) => {
      const errors = [...counts].map(([text, count]) => ({ text, count }));
      errors.sort((a, b) => b.count - a.count || (a.text < b.text ? -1 : 1));
      return [id, errors.slice(0, ERRORS_PER_SESSION)];
    }),
  );
}

/** Throws `not_found`. */
async function requireRow(database: ArchiveDatabase, sessionId: string): Promise<SessionRow> {
  const [row] = await database.rows<SessionRow>(
    `SELECT ${COLUMNS} FROM sessions AS s WHERE s.session_id = $1`,
    [storableText(sessionId)],
  );
  if (row === undefined) throw new WaybillError("not_found", `There is no session ${sessionId}.`);
  return row;
}

export async function listSessions(
  database: ArchiveDatabase,
  { text, days, limit, cursor }: ParsedInput<"sessions.list">,
): Promise<Output<"sessions.list">> {
  const after = cursor ? decodeCursor(cursor) : null;
  const rows = await database.rows<SessionRow>(
    `SELECT ${COLUMNS} FROM sessions AS s
     WHERE ($1::timestamptz IS NULL OR (s.started_ts, s.session_id COLLATE "C") < ($1, $2 COLLATE "C"))
       AND s.started_ts >= $3
       AND ($4 = '' OR position(lower($4 COLLATE "C") IN
         lower(concat_ws(' ', s.session_id, s.channel, s.template_id, s.template_name, s.user_id) COLLATE "C")) > 0)
     ORDER BY s.started_ts DESC, s.session_id COLLATE "C" DESC LIMIT $5`,
    [
      after === null ? null : toTimestamp(after.ts),
      after === null ? "" : storableText(String(after.tie)),
      days ? toTimestamp(Date.now() - days * DAY_MS) : "-infinity",
      storableText(text),
      limit + 1,
    ],
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const more = rows.length > limit && last !== undefined;
  return {
    sessions: await toSessions(database, page),
    next_cursor: more ? encodeCursor({ ts: last.started_ts, tie: last.session_id }) : null,
  };
}

export async function getSession(
  database: ArchiveDatabase,
  { session_id }: ParsedInput<"sessions.get">,
): Promise<Output<"sessions.get">> {
  const row = await requireRow(database, session_id);
  const id = row.session_id;
  const [session] = await toSessions(database, [row]);
  if (session === undefined) throw new Error("A session that was read has no numbers");
  const byStatus = await database.rows<{ status: Status; count: number }>(
    "SELECT m.status, count(*)::float8 AS count FROM message_logs AS m WHERE m.session_id = $1 GROUP BY 1",
    [id],
  );
  const outcome = await database.row<{ recipients: number; undelivered: number }>(
    `SELECT count(*)::float8 AS recipients, (count(*) FILTER (WHERE NOT success))::float8 AS undelivered FROM (
       SELECT bool_or(${SUCCESSFUL}) AS success
       FROM message_logs AS m CROSS JOIN LATERAL unnest(m.destination_subject_ids) AS r (recipient)
       WHERE m.session_id = $1 GROUP BY r.recipient) AS o`,
    [id],
  );
  const filter = { ...compileArchiveQuery(null), where: "m.session_id = $1", values: [id], isLed: true };
  return {
    session,
    funnel: funnel(byStatus),
    timeline: await histogram(database, filter, TIMELINE_BUCKETS),
    ...outcome,
  };
}

type OutcomeRow = {
  recipient: string;
  attempts: number;
  message_uuid: string;
  status: Status;
  error_message: string | null;
  origin_ts: number;
};

export async function undelivered(
  database: ArchiveDatabase,
  { session_id, limit, cursor }: ParsedInput<"sessions.undelivered">,
): Promise<Output<"sessions.undelivered">> {
  const { session_id: id } = await requireRow(database, session_id);
  const rows = await database.rows<OutcomeRow>(
    `SELECT u.recipient, u.attempts, m.message_uuid::text AS message_uuid, m.status, m.error_message,
       ${millisecondsOf("m.origin_ts")} AS origin_ts
     FROM (
       SELECT r.recipient, count(*)::float8 AS attempts,
         (array_agg(m.message_uuid ORDER BY m.origin_ts DESC, m.message_uuid DESC))[1] AS message_uuid
       FROM message_logs AS m CROSS JOIN LATERAL unnest(m.destination_subject_ids) AS r (recipient)
       WHERE m.session_id = $1 AND r.recipient > $2 COLLATE "C"
       GROUP BY 1 HAVING NOT bool_or(${SUCCESSFUL}) ORDER BY r.recipient COLLATE "C" LIMIT $3
     ) AS u JOIN message_logs AS m ON m.message_uuid = u.message_uuid
     ORDER BY u.recipient COLLATE "C"`,
    [id, cursor ? storableText(String(decodeCursor(cursor).tie)) : "", limit + 1],
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const more = rows.length > limit && last !== undefined;
  return {
    recipients: page.map(({ origin_ts, ...row }) => ({ ...row, last_ts: formatTime(origin_ts) })),
    next_cursor: more ? encodeCursor({ ts: 0, tie: last.recipient }) : null,
  };
}
