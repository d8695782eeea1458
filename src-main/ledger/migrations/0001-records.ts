import type { Migration } from "./index.ts";

/**
 * Times are milliseconds since 1970 in UTC, JSON is text, and all that repeats a record's facts
 * (the statistics, the search index) is kept in tables of its own that can be made anew.
 */
export const records: Migration = {
  version: 1,
  name: "records",
  up(database) {
    database.exec(`
      CREATE TABLE sessions (
        session_id    TEXT PRIMARY KEY,
        user_id       TEXT NOT NULL,
        channel       TEXT NOT NULL,
        template_id   TEXT,
        template_name TEXT,
        started_ts    INTEGER NOT NULL,
        ended_ts      INTEGER,
        metadata      TEXT NOT NULL DEFAULT '{}',
        -- Derived from the session's messages, in the transaction that changes them.
        total         INTEGER NOT NULL DEFAULT 0,
        successful    INTEGER NOT NULL DEFAULT 0,
        failed        INTEGER NOT NULL DEFAULT 0,
        pending       INTEGER NOT NULL DEFAULT 0,
        cancelled     INTEGER NOT NULL DEFAULT 0,
        send_count    INTEGER NOT NULL DEFAULT 0,
        send_ms       INTEGER NOT NULL DEFAULT 0
      ) STRICT;
      CREATE INDEX sessions_by_start ON sessions (started_ts, session_id);

      -- AUTOINCREMENT: a position that was pruned is never given again.
      CREATE TABLE message_logs (
        seq                     INTEGER PRIMARY KEY AUTOINCREMENT,
        message_uuid            TEXT NOT NULL,
        session_id              TEXT REFERENCES sessions (session_id),
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
        error_template_id       INTEGER REFERENCES error_templates (id)
      ) STRICT;
      CREATE UNIQUE INDEX message_logs_by_uuid ON message_logs (message_uuid);
      -- The trailing columns let a chart over time be read from the index alone.
      CREATE INDEX message_logs_by_time ON message_logs (origin_ts, seq, status);
      CREATE INDEX message_logs_by_status ON message_logs (status, origin_ts, seq);
      CREATE INDEX message_logs_by_channel ON message_logs (channel, origin_ts, seq, status);
      CREATE INDEX message_logs_by_session ON message_logs (session_id, origin_ts, seq)
        WHERE session_id IS NOT NULL;
      CREATE INDEX message_logs_by_error ON message_logs (error_template_id, origin_ts, seq)
        WHERE error_template_id IS NOT NULL;
      CREATE INDEX message_logs_by_session_error ON message_logs (session_id, error_template_id)
        WHERE error_template_id IS NOT NULL;

      -- event_id rises with each change, so it is also the position of every follower.
      CREATE TABLE message_events (
        event_id      INTEGER PRIMARY KEY AUTOINCREMENT,
        message_uuid  TEXT NOT NULL REFERENCES message_logs (message_uuid) ON DELETE CASCADE,
        status        TEXT NOT NULL,
        ts            INTEGER NOT NULL,
        recorded_ts   INTEGER NOT NULL,
        -- 0 for a late report that is only history.
        applied       INTEGER NOT NULL,
        external_id   TEXT,
        error_message TEXT
      ) STRICT;
      CREATE INDEX message_events_by_message ON message_events (message_uuid);

      CREATE TABLE system_logs (
        id        INTEGER PRIMARY KEY,
        ts        INTEGER NOT NULL,
        level     TEXT NOT NULL,
        component TEXT NOT NULL,
        message   TEXT NOT NULL,
        details   TEXT
      ) STRICT;
      CREATE INDEX system_logs_by_time ON system_logs (ts, id);
      CREATE INDEX system_logs_by_level ON system_logs (level, ts, id);

      -- Error texts with their numbers, addresses and ids taken out.
      CREATE TABLE error_templates (
        id            INTEGER PRIMARY KEY,
        template      TEXT NOT NULL UNIQUE,
        sample        TEXT NOT NULL,
        first_seen_ts INTEGER NOT NULL,
        last_seen_ts  INTEGER NOT NULL
      ) STRICT;

      -- Messages by hour of origin; dimension is 'channel', 'template' or 'error'.
      CREATE TABLE hourly_counts (
        hour      INTEGER NOT NULL,
        dimension TEXT NOT NULL,
        key       TEXT NOT NULL,
        status    TEXT NOT NULL,
        count     INTEGER NOT NULL,
        PRIMARY KEY (dimension, hour, key, status)
      ) STRICT, WITHOUT ROWID;

      -- Histogram of the time from origin to 'sent' or 'delivered', see src-shared/latency.ts.
      CREATE TABLE hourly_latencies (
        hour  INTEGER NOT NULL,
        stage TEXT NOT NULL,
        bin   INTEGER NOT NULL,
        count INTEGER NOT NULL,
        PRIMARY KEY (stage, hour, bin)
      ) STRICT, WITHOUT ROWID;

      -- Words of each message, by seq; filled in the background up to search_indexed_seq.
      CREATE VIRTUAL TABLE message_search USING fts5(
        body, error, recipients, sender,
        content='', contentless_delete=1, tokenize="unicode61 remove_diacritics 0"
      );

      -- How far each spool file has been replayed, written with the rows it brought.
      CREATE TABLE spool_positions (
        file     TEXT PRIMARY KEY,
        position INTEGER NOT NULL
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE ledger_meta (
        key   TEXT PRIMARY KEY,
        value TEXT NOT NULL
      ) STRICT, WITHOUT ROWID;
      INSERT INTO ledger_meta VALUES ('search_indexed_seq', '0');
    `);
  },
};
