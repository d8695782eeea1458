import type pg from "pg";
import { type CountedMessage, count, emptyTally } from "../ledger/tally.ts";
import { SinkFailure } from "../sync/sink.ts";
import { hoursJson, uncountedJson } from "./batch-counts.ts";
import { type ArchiveRow, eventsJson, inOrder, messagesJson, newest, sessionsJson } from "./write-rows.ts";

/** What became of the messages of one batch. `unchanged`: they were there, with that revision or a higher one. */
export type Written = { inserted: number; changed: number; unchanged: number };

/** A message as it stood before the batch. */
type Before = CountedMessage & { message_uuid: string; revision: number };

const COLUMNS = {
  message_uuid: "uuid",
  session_id: "text",
  user_id: "text",
  channel: "text",
  status: "text",
  origin_ts: "timestamptz",
  sent_ts: "timestamptz",
  delivered_ts: "timestamptz",
  read_ts: "timestamptz",
  ack_ts: "timestamptz",
  source_subject_id: "text",
  destination_subject_ids: "text[]",
  topic: "text",
  message_type: "text",
  template_id: "text",
  template_name: "text",
  external_id: "text",
  error_message: "text",
  content_preview: "text",
  message_data: "jsonb",
  message_metadata: "jsonb",
  revision: "integer",
} as const;
const NAMES = Object.keys(COLUMNS);
const TYPED = Object.entries(COLUMNS)
  .map(([name, type]) => `${name} ${type}`)
  .join(", ");

/**
 * What an operator's lock or a stuck disk holds up fails in time and is tried again, a worker that stands still holds
 * up no other for long, and a database that was told not to wait for its disk waits for this.
 */
const BEGIN = `begin isolation level read committed;
  set local lock_timeout = '30s'; set local statement_timeout = '120s';
  set local idle_in_transaction_session_timeout = '60s'; set local synchronous_commit = on`;

/** The rows are written in the order of the array. */
const INSERT = {
  name: "waybill-insert",
  text: `insert into public.message_logs (${NAMES.join(", ")})
    select ${NAMES.join(", ")} from json_to_recordset($1::json) as r (${TYPED})
    on conflict (message_uuid) do nothing returning message_uuid`,
};
const LOCK = {
  name: "waybill-lock",
  text: `select message_uuid, revision, session_id, channel, status, template_id, template_name,
      array_to_json(destination_subject_ids)::text as destination_subject_ids,
      floor(extract(epoch from origin_ts) * 1000)::float8 as origin_ts,
      floor(extract(epoch from sent_ts) * 1000)::float8 as sent_ts,
      floor(extract(epoch from delivered_ts) * 1000)::float8 as delivered_ts
    from public.message_logs where message_uuid = any($1::uuid[]) order by message_uuid for update`,
};
const UPDATE = {
  name: "waybill-update",
  text: `update public.message_logs as m
    set ${NAMES.slice(1)
      .map((name) => `${name} = r.${name}`)
      .join(", ")}, stored_at = now()
    from json_to_recordset($1::json) as r (${TYPED}) where m.message_uuid = r.message_uuid`,
};
const EVENTS = {
  name: "waybill-events",
  text: `insert into public.message_events (message_uuid, revision, status, ts, external_id, error_message, batch)
    select message_uuid, revision, status, ts, external_id, error_message, (select nextval('waybill.batch_numbers'))
    from json_to_recordset($1::json) as r (message_uuid uuid, revision integer, status text, ts timestamptz,
      external_id text, error_message text)
    on conflict do nothing`,
};
const SESSIONS = {
  name: "waybill-sessions",
  text: `insert into public.sessions (session_id, user_id, channel, template_id, template_name, started_ts, metadata)
    select session_id, user_id, channel, template_id, template_name, started_ts, metadata
    from json_to_recordset($1::json) as r (session_id text, user_id text, channel text, template_id text,
      template_name text, started_ts timestamptz, metadata jsonb)
    on conflict (session_id) do nothing`,
};
const UNCOUNTED = {
  name: "waybill-uncounted",
  text: `insert into waybill.uncounted (dimension, hours, keys, statuses, messages)
    select dimension, hours, keys, statuses, messages
    from json_to_recordset($1::json) as r (dimension text, hours integer[], keys text[], statuses text[],
      messages integer[])`,
};
const HOURS = {
  name: "waybill-hours",
  text: `insert into public.message_hours as h (hour, channel, status, messages)
    select hour, channel, status, messages
    from json_to_recordset($1::json) as r (hour timestamptz, channel text, status text, messages bigint)
    on conflict (hour, channel, status) do update set messages = h.messages + excluded.messages`,
};
/** Who listens looks in message_events for what this batch brought. */
const NOTIFY = {
  name: "waybill-notify",
  text: `select pg_notify('waybill_changes',
    json_build_object('batch', currval('waybill.batch_numbers'), 'messages', $1::integer)::text)`,
};

/**
 * Writes a batch in one transaction, and settles once it is committed: the same batch again changes nothing. A message
 * never goes back to a lower revision; a lower one that comes late is kept in its history. Throws what PostgreSQL
 * threw, and then nothing of the batch is kept, or all of it where only the answer to the commit was lost.
 */
export async function writeBatch(client: pg.Client, batch: readonly ArchiveRow[]): Promise<Written> {
  const rows = inOrder(batch);
  const messages = newest(rows);
  await client.query(BEGIN);
  try {
    const written = await writeRows(client, rows, messages);
    await client.query("commit");
    return written;
  } catch (error) {
    // Where the connection is gone, so is the transaction.
    await client.query("rollback").catch(() => {});
    throw error;
  }
}

/** Whether a plain message can be stored: it is, and then undone. Throws what hinders it. */
export async function probeArchive(client: pg.Client, plain: ArchiveRow): Promise<void> {
  await client.query(BEGIN);
  try {
    await writeRows(client, [plain], [plain]);
  } finally {
    await client.query("rollback").catch(() => {});
  }
}

async function writeRows(
  client: pg.Client,
  rows: readonly ArchiveRow[],
  messages: readonly ArchiveRow[],
): Promise<Written> {
  const tally = emptyTally();
  const { rows: fresh } = await client.query<{ message_uuid: string }>({
    ...INSERT,
    values: [messagesJson(messages)],
  });
  const inserted = new Set(fresh.map(({ message_uuid }) => message_uuid));
  const known = messages.filter(({ message }) => !inserted.has(message.message_uuid));
  const before = await lock(client, known);
  const changed = known.filter(
    ({ message }) => message.revision > (before.get(message.message_uuid)?.revision ?? 0),
  );
  if (changed.length > 0) await client.query({ ...UPDATE, values: [messagesJson(changed)] });
  for (const { message } of messages) {
    if (inserted.has(message.message_uuid)) count(tally, message, null, 1);
  }
  for (const { message } of changed) {
    const old = before.get(message.message_uuid);
    if (old !== undefined) count(tally, old, null, -1);
    count(tally, message, null, 1);
  }
  // The revision that a message had already is in its history since then.
  const events = rows.filter(
    ({ message }) => before.get(message.message_uuid)?.revision !== message.revision,
  );
  if (events.length > 0) await client.query({ ...EVENTS, values: [eventsJson(events)] });
  const sessions = sessionsJson(messages);
  if (sessions !== null) await client.query({ ...SESSIONS, values: [sessions] });
  const uncounted = uncountedJson(tally);
  if (uncounted !== null) await client.query({ ...UNCOUNTED, values: [uncounted] });
  const hours = hoursJson(tally);
  // Last: many workers count in the same rows.
  if (hours !== null) await client.query({ ...HOURS, values: [hours] });
  if (events.length > 0) await client.query({ ...NOTIFY, values: [inserted.size + changed.length] });
  return {
    inserted: inserted.size,
    changed: changed.length,
    unchanged: messages.length - inserted.size - changed.length,
  };
}

/** What of these messages there is, held until the transaction ends. */
async function lock(client: pg.Client, rows: readonly ArchiveRow[]): Promise<Map<string, Before>> {
  if (rows.length === 0) return new Map();
  const ids = rows.map(({ message }) => message.message_uuid);
  const found = await client.query<Before>({ ...LOCK, values: [ids] });
  if (found.rows.length < ids.length)
    throw new SinkFailure("retry", "Messages were deleted from the archive while they were written to it.");
  return new Map(found.rows.map((each) => [each.message_uuid, each]));
}
