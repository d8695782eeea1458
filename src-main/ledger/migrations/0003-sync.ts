import type { Migration } from "./index.ts";

/**
 * How far each sink has followed the ledger. What is to be sent is the history itself, written in the record's own
 * transaction: a sink only remembers its position in it, and what it would not take.
 */
export const sync: Migration = {
  version: 3,
  name: "sync",
  up(database) {
    database.exec(`
      -- Rises with each change of the session's own facts, so that a sink never goes back to older ones.
      ALTER TABLE sessions ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;

      CREATE TABLE session_changes (
        change_id   INTEGER PRIMARY KEY AUTOINCREMENT,
        session_id  TEXT NOT NULL,
        recorded_ts INTEGER NOT NULL
      ) STRICT;
      CREATE INDEX session_changes_by_session ON session_changes (session_id);
      INSERT INTO session_changes (session_id, recorded_ts)
        SELECT session_id, started_ts FROM sessions ORDER BY started_ts, session_id;

      -- By triggers, so that no way of writing a session can forget it; the numbers of a session are not among its facts.
      CREATE TRIGGER session_begun AFTER INSERT ON sessions BEGIN
        INSERT INTO session_changes (session_id, recorded_ts)
          VALUES (NEW.session_id, CAST(unixepoch('subsec') * 1000 AS INTEGER));
      END;
      CREATE TRIGGER session_changed
        AFTER UPDATE OF user_id, channel, template_id, template_name, started_ts, ended_ts, metadata ON sessions
        WHEN (OLD.user_id, OLD.channel, OLD.template_id, OLD.template_name, OLD.started_ts, OLD.ended_ts, OLD.metadata)
          IS NOT (NEW.user_id, NEW.channel, NEW.template_id, NEW.template_name, NEW.started_ts, NEW.ended_ts, NEW.metadata)
      BEGIN
        UPDATE sessions SET revision = revision + 1 WHERE session_id = NEW.session_id;
        INSERT INTO session_changes (session_id, recorded_ts)
          VALUES (NEW.session_id, CAST(unixepoch('subsec') * 1000 AS INTEGER));
      END;

      CREATE TRIGGER session_removed AFTER DELETE ON sessions BEGIN
        DELETE FROM session_changes WHERE session_id = OLD.session_id;
      END;

      CREATE TABLE sync_sinks (
        sink    TEXT PRIMARY KEY,
        enabled INTEGER NOT NULL DEFAULT 0,
        paused  INTEGER NOT NULL DEFAULT 0,
        target  TEXT,
        -- What the relay last said of itself, as JSON, for processes that do not run it.
        live    TEXT
      ) STRICT, WITHOUT ROWID;

      -- stream is 'message' (position is an event_id of message_events) or 'session' (a change_id of session_changes).
      -- delivered + removed + the parked ones are all positions up to this one.
      CREATE TABLE sync_streams (
        sink      TEXT NOT NULL,
        stream    TEXT NOT NULL,
        position  INTEGER NOT NULL DEFAULT 0,
        delivered INTEGER NOT NULL DEFAULT 0,
        removed   INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (sink, stream)
      ) STRICT, WITHOUT ROWID;

      -- When the positions up to one were there; a retry that came through later has a row with late = 1 of its own.
      CREATE TABLE sync_deliveries (
        sink     TEXT NOT NULL,
        stream   TEXT NOT NULL,
        late     INTEGER NOT NULL,
        position INTEGER NOT NULL,
        ts       INTEGER NOT NULL,
        PRIMARY KEY (sink, stream, late, position)
      ) STRICT, WITHOUT ROWID;

      CREATE TABLE sync_parked (
        sink      TEXT NOT NULL,
        stream    TEXT NOT NULL,
        position  INTEGER NOT NULL,
        -- The message's uuid or the session's id.
        id        TEXT NOT NULL,
        revision  INTEGER NOT NULL,
        reason    TEXT NOT NULL,
        parked_ts INTEGER NOT NULL,
        attempts  INTEGER NOT NULL DEFAULT 1,
        retrying  INTEGER NOT NULL DEFAULT 0,
        -- What is sent in place of the record, as JSON, where it was edited.
        body      TEXT,
        PRIMARY KEY (sink, stream, position)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX sync_parked_by_time ON sync_parked (parked_ts, sink, stream, position);
      CREATE INDEX sync_parked_by_id ON sync_parked (id);
      CREATE INDEX sync_parked_retrying ON sync_parked (sink, stream, position) WHERE retrying = 1;

      -- Positions that are to be sent once more, whatever became of them before.
      CREATE TABLE sync_resends (
        resend_id INTEGER PRIMARY KEY AUTOINCREMENT,
        sink      TEXT NOT NULL,
        stream    TEXT NOT NULL,
        next      INTEGER NOT NULL,
        last      INTEGER NOT NULL
      ) STRICT;

      CREATE TABLE sync_outages (
        sink     TEXT NOT NULL,
        since_ts INTEGER NOT NULL,
        until_ts INTEGER,
        message  TEXT NOT NULL,
        tries    INTEGER NOT NULL,
        PRIMARY KEY (sink, since_ts)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX sync_outages_by_time ON sync_outages (since_ts);

      -- Of the hosts that share a ledger one forwards: who holds this, until then.
      CREATE TABLE sync_lease (
        lease    INTEGER PRIMARY KEY CHECK (lease = 1),
        owner    TEXT NOT NULL,
        until_ts INTEGER NOT NULL
      ) STRICT;
    `);
  },
};
