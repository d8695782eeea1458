import { execFileSync } from "node:child_process";
import type pg from "pg";
import { migrateArchive } from "../../src-main/archive/migrate.ts";
import type { ArchiveRow } from "../../src-main/archive/write-rows.ts";
import { type MessageInput, normalizeMessage } from "../../src-shared/record.ts";
import type { Postgres } from "./postgres.ts";

/** A database with an archive in it, empty. */
export type Archive = {
  database: string;
  url: string;
  client: pg.Client;
  query: <R extends pg.QueryResultRow>(sql: string, values?: unknown[]) => Promise<R[]>;
  /** What `psql` prints of a query, without its frame. */
  psql: (sql: string) => string;
};

/** `client` is to be ended by the caller. Without `isEmpty` the tables are there. */
export async function createArchive(postgres: Postgres, isEmpty = false): Promise<Archive> {
  const database = await postgres.createDatabase();
  const client = await postgres.connect(database);
  if (!isEmpty) await migrateArchive(client);
  const url = `postgres://postgres@127.0.0.1:${postgres.port}/${database}`;
  return {
    database,
    url,
    client,
    query: async (sql, values) => (await client.query(sql, values)).rows,
    psql: (sql) =>
      execFileSync("psql", ["-XAtq", url, "-c", sql], { encoding: "utf8", stdio: "pipe" }).trim(),
  };
}

export function archiveRow(fields: MessageInput, ts = Date.UTC(2026, 10, 21, 12)): ArchiveRow {
  const normalized = normalizeMessage(fields, ts);
  if (!normalized.ok) throw new Error(normalized.error);
  return { message: normalized.message, ts };
}

/** The counts by hour must be what counting the messages anew gives. */
export const WRONG_HOURS = `
  select * from (
    select hour, channel, status, messages from message_hours where messages <> 0
  ) as kept full join (
    select date_trunc('hour', origin_ts, 'UTC') as hour, channel, status, count(*) as messages
    from message_logs group by 1, 2, 3
  ) as counted using (hour, channel, status)
  where kept.messages is distinct from counted.messages`;
