import pg from "pg";
import type { Health, HealthCheck } from "../../../src-shared/contract/upkeep.ts";
import { toErrorBody } from "../../../src-shared/errors.ts";
import { VERSION } from "../../ledger/version.ts";
import { archiveTarget } from "../connection.ts";
import type { ArchiveDatabase } from "./archive-database.ts";
import { millisecondsOf } from "./record-row.ts";

type Facts = {
  version: string;
  schema: number;
  bytes: number;
  messages: number;
  sessions: number;
  /** When a consumer last wrote, in milliseconds since 1970; null where none did. */
  written: number | null;
  milliseconds: number;
};

/** How an archive is, to whoever reads it. Never rejects for the archive's sake. */
export async function describeArchive(
  database: ArchiveDatabase,
  options: pg.ClientConfig,
  dataDir: string,
): Promise<Health> {
  let facts: Facts | null = null;
  let trouble = "";
  try {
    facts = await readFacts(database);
  } catch (error) {
    trouble = toErrorBody(error).message;
  }
  const messages = facts?.messages ?? 0;
  return {
    store: "archive",
    status: facts === null ? "failing" : "ok",
    checks: { database: checkDatabase(facts, trouble), ...checkConsumers(facts) },
    data_dir: dataDir,
    database: {
      available: facts !== null,
      path: archiveTarget(new pg.Client(options)),
      size_bytes: facts?.bytes ?? 0,
      wal_bytes: 0,
      free_bytes: 0,
      sqlite_version: facts?.version ?? "unknown",
      schema_version: facts?.schema ?? 0,
      tables: facts === null ? {} : { message_logs: messages, sessions: facts.sessions },
    },
    disk: null,
    spool: { records: 0, files: 0, bytes: 0, directory: "" },
    chain: { state: "unverified", groups: 0, head: null, first_broken: null, verified_ts: null },
    conservation: {
      accepted: messages,
      stored: messages,
      removed: 0,
      spooled: 0,
      balanced: true,
      mismatch_ids: [],
    },
    sinks: [],
    last_check_ts: null,
    last_check_ok: null,
    last_backup_ts: null,
    last_vacuum_ts: null,
    uptime_seconds: process.uptime(),
    version: VERSION,
  };
}

async function readFacts(database: ArchiveDatabase): Promise<Facts> {
  const begun = performance.now();
  const facts = await database.row<Omit<Facts, "milliseconds">>(
    `SELECT 'PostgreSQL ' || current_setting('server_version') AS version,
       (SELECT max(v.version) FROM waybill.migrations AS v) AS schema,
       pg_database_size(current_database())::float8 AS bytes,
       (SELECT coalesce(sum(h.messages), 0) FROM message_hours AS h)::float8 AS messages,
       (SELECT count(*) FROM sessions AS s)::float8 AS sessions,
       (SELECT ${millisecondsOf("e.recorded_ts")} FROM message_events AS e ORDER BY e.batch DESC LIMIT 1) AS written`,
  );
  return { ...facts, milliseconds: Math.round(performance.now() - begun) };
}

function checkDatabase(facts: Facts | null, trouble: string): HealthCheck {
  if (facts === null) return { state: "failing", message: trouble, value: null, unit: null };
  const message = "The archive answers.";
  return { state: "ok", message, value: facts.milliseconds, unit: "milliseconds" };
}

function checkConsumers(facts: Facts | null): Record<string, HealthCheck> {
  if (facts === null) return {};
  const { written } = facts;
  const consumers: HealthCheck =
    written === null
      ? {
          state: "ok",
          message: "No consumer has written yet: start waybill consume.",
          value: null,
          unit: null,
        }
      : {
          state: "ok",
          message: "How long ago a consumer last wrote.",
          value: Math.max(0, Date.now() - written),
          unit: "milliseconds",
        };
  return { consumers };
}
