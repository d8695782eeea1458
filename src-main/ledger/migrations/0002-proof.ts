import { errorTemplateId } from "../../../src-shared/error-template.ts";
import { ROW_COLUMNS } from "../message-run.ts";
import type { WritableDatabase } from "../open.ts";
import type { Migration } from "./index.ts";

/**
 * The chain that proves the records, statistics whose cost does not grow with the records, and indexes
 * that a burst of records can keep up with. References between tables are held by the writer's
 * transactions and proven by the deep check: looking each up cost 8 % of it.
 */
export const proof: Migration = {
  version: 2,
  name: "proof",
  up(database) {
    database.exec(`
      CREATE TABLE events_before (
        event_id      INTEGER PRIMARY KEY AUTOINCREMENT,
        message_uuid  TEXT NOT NULL,
        status        TEXT NOT NULL,
        ts            INTEGER NOT NULL,
        recorded_ts   INTEGER NOT NULL,
        -- 0 for a late report that is only history.
        applied       INTEGER NOT NULL,
        external_id   TEXT,
        error_message TEXT,
        message_seq   INTEGER NOT NULL DEFAULT 0,
        -- What the change did to the record, as JSON: {column: [before, after]}; null for the status it was logged with.
        replaced      TEXT
      ) STRICT;
      INSERT INTO events_before
        SELECT e.event_id, e.message_uuid, e.status, e.ts, e.recorded_ts, e.applied, e.external_id,
          e.error_message, m.seq, NULL
        FROM message_events AS e JOIN message_logs AS m ON m.message_uuid = e.message_uuid ORDER BY e.event_id;
    `);
    keepSequence(database, "message_events", "events_before");
    database.exec(`
      DROP TABLE message_events;
      ALTER TABLE events_before RENAME TO message_events;
      CREATE INDEX message_events_by_message ON message_events (message_seq);

      CREATE TABLE logs_before (
        -- AUTOINCREMENT: a position that was pruned is never given again.
        seq                     INTEGER PRIMARY KEY AUTOINCREMENT,
        message_uuid            TEXT NOT NULL,
        session_id              TEXT,
        user_id                 TEXT NOT NULL,
        channel                 TEXT NOT NULL,
        status                  TEXT NOT NULL,
        origin_ts               INTEGER NOT NULL,
        sent_ts                 INTEGER,
        delivered_ts            INTEGER,
        read_ts                 INTEGER,
        ack_ts                  INTEGER,
        source_subject_id       TEXT,
        destination_subject_ids TEXT NOT NULL DEFAULT '[]',
        topic                   TEXT,
        message_type            TEXT,
        template_id             TEXT,
        template_name           TEXT,
        external_id             TEXT,
        error_message           TEXT,
        content_preview         TEXT,
        message_data            TEXT NOT NULL DEFAULT '{}',
        message_metadata        TEXT NOT NULL DEFAULT '{}',
        revision                INTEGER NOT NULL DEFAULT 1,
        -- The template of error_message, for grouping failures by reason.
        error_template_id       INTEGER,
        -- When it was accepted.
        recorded_ts             INTEGER NOT NULL DEFAULT 0
      ) STRICT;
      INSERT INTO logs_before (seq, ${ROW_COLUMNS.join(", ")})
        SELECT seq, ${ROW_COLUMNS.slice(0, -1).join(", ")},
          coalesce((SELECT min(recorded_ts) FROM message_events AS e WHERE e.message_seq = m.seq), origin_ts)
        FROM message_logs AS m ORDER BY seq;
    `);
    keepSequence(database, "message_logs", "logs_before");
    database.exec(`
      DROP TABLE message_logs;
      ALTER TABLE logs_before RENAME TO message_logs;
      CREATE UNIQUE INDEX message_logs_by_uuid ON message_logs (message_uuid);
      CREATE INDEX message_logs_by_time ON message_logs (origin_ts);
      -- Of what did not succeed: success is the rule, and walking the messages by time soon meets it.
      CREATE INDEX message_logs_by_status ON message_logs (status, origin_ts)
        WHERE status NOT IN ('sent', 'delivered', 'read');
      CREATE INDEX message_logs_by_session ON message_logs (session_id, origin_ts) WHERE session_id IS NOT NULL;
      CREATE INDEX message_logs_by_error ON message_logs (error_template_id, origin_ts)
        WHERE error_template_id IS NOT NULL;

      DROP TABLE hourly_counts;
      DROP TABLE hourly_latencies;

      -- Messages by time of origin: grain 0 is an hour, 1 a day, 2 a block of 32 days, so that any period
      -- is the sum of few rows. key is the channel, template, error template or recipients' domain; '' for all.
      CREATE TABLE message_counts (
        dimension TEXT NOT NULL,
        grain     INTEGER NOT NULL,
        slot      INTEGER NOT NULL,
        key       TEXT NOT NULL,
        pending   INTEGER NOT NULL,
        sending   INTEGER NOT NULL,
        sent      INTEGER NOT NULL,
        delivered INTEGER NOT NULL,
        read      INTEGER NOT NULL,
        failed    INTEGER NOT NULL,
        cancelled INTEGER NOT NULL,
        PRIMARY KEY (dimension, grain, slot, key)
      ) STRICT, WITHOUT ROWID;

      -- Keys that are counted by themselves; past a number of them the rest is counted together.
      CREATE TABLE counted_keys (
        dimension TEXT NOT NULL,
        key       TEXT NOT NULL,
        PRIMARY KEY (dimension, key)
      ) STRICT, WITHOUT ROWID;

      -- Histogram of the time from origin to 'sent' or 'delivered', see src-shared/latency.ts.
      CREATE TABLE message_latencies (
        stage TEXT NOT NULL,
        grain INTEGER NOT NULL,
        slot  INTEGER NOT NULL,
        bin   INTEGER NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (stage, grain, slot, bin)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE session_errors (
        session_id        TEXT NOT NULL,
        error_template_id INTEGER NOT NULL,
        count             INTEGER NOT NULL,
        PRIMARY KEY (session_id, error_template_id)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX session_errors_by_template ON session_errors (error_template_id);

      -- Each commit group with a hash over its records, its changes and the group before.
      CREATE TABLE chain_groups (
        group_id       INTEGER PRIMARY KEY AUTOINCREMENT,
        recorded_ts    INTEGER NOT NULL,
        -- Its messages are first_seq to last_seq, its changes among first_event to last_event.
        first_seq      INTEGER,
        last_seq       INTEGER,
        first_event    INTEGER,
        last_event     INTEGER,
        messages       INTEGER NOT NULL,
        changes        INTEGER NOT NULL,
        -- Messages ever accepted and ever removed, up to and with this group.
        accepted_total INTEGER NOT NULL,
        removed_total  INTEGER NOT NULL,
        sha256         BLOB NOT NULL
      ) STRICT;

      CREATE INDEX chain_groups_by_seq ON chain_groups (first_seq) WHERE first_seq IS NOT NULL;
      CREATE INDEX chain_groups_by_event ON chain_groups (first_event) WHERE first_event IS NOT NULL;

      -- What retention took out of a group, or what else happened to the chain, signed by a later group.
      CREATE TABLE chain_cuts (
        cut_id      INTEGER PRIMARY KEY AUTOINCREMENT,
        signed_by   INTEGER NOT NULL,
        -- Null for a note about the whole ledger, such as a restore.
        cut_group   INTEGER,
        recorded_ts INTEGER NOT NULL,
        reason      TEXT NOT NULL,
        -- How many messages went, and what is left of the group with the hash over it.
        removed     INTEGER NOT NULL,
        messages    INTEGER NOT NULL,
        changes     INTEGER NOT NULL,
        sha256      BLOB,
        -- The hashes that the group was sealed over.
        rows_sha256    BLOB,
        changes_sha256 BLOB
      ) STRICT;
      CREATE INDEX chain_cuts_by_group ON chain_cuts (cut_group);
      CREATE INDEX chain_cuts_by_signer ON chain_cuts (signed_by);
    `);
    renumberTemplates(database);
  },
};

/** The next key of a table goes on from that of the one it replaces, also where its last rows were deleted. */
function keepSequence(database: WritableDatabase, before: string, after: string): void {
  const last = database.prepare("SELECT seq FROM sqlite_sequence WHERE name = ?").pluck();
  const given = last.get(before);
  if (given === undefined) return;
  database.prepare("DELETE FROM sqlite_sequence WHERE name = ?").run(after);
  database.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)").run(after, given);
}

/** The id of a template became a hash of it. */
function renumberTemplates(database: WritableDatabase): void {
  const rows = database.prepare("SELECT id, template FROM error_templates").all() as {
    id: number;
    template: string;
  }[];
  const renumber = database.prepare("UPDATE error_templates SET id = ? WHERE id = ?");
  const refer = database.prepare("UPDATE message_logs SET error_template_id = ? WHERE error_template_id = ?");
  for (const { id, template } of rows) {
    renumber.run(errorTemplateId(template), id);
    refer.run(errorTemplateId(template), id);
  }
}
