import type pg from "pg";
import type { SupabaseOptions } from "../../../src-main/sync/sink.ts";
import { type Postgres, readWaybillSql, SUPABASE_DEFAULTS } from "../postgres.ts";
import { type Postgrest, startPostgrest } from "./server.ts";

/** A Supabase project: a database with Waybill's tables, and the API before it. */
export type Project = {
  postgres: Postgres;
  api: Postgrest;
  /** Of its owner. */
  database: pg.Client;
  options: SupabaseOptions;
  query: <R extends pg.QueryResultRow>(sql: string, values?: unknown[]) => Promise<R[]>;
  stop: () => Promise<void>;
};

/** One more project on a server that runs; without Waybill's tables where `isEmpty`. */
export async function startProject(
  postgres: Postgres,
  { isEmpty = false, tls }: { isEmpty?: boolean; tls?: { key: string; cert: string } } = {},
): Promise<Project> {
  const name = await postgres.createDatabase();
  const database = await postgres.connect(name);
  await database.query(SUPABASE_DEFAULTS);
  if (!isEmpty) await database.query(readWaybillSql());
  const api = await startPostgrest({
    port: postgres.port,
    database: name,
    ...(tls === undefined ? {} : { tls }),
  });
  return {
    postgres,
    api,
    database,
    options: { url: api.url, key: api.key("service_role"), caFile: null, chatTable: null },
    query: async (sql, values) => (await database.query(sql, values)).rows,
    stop: async () => {
      await api.stop();
      await database.end();
    },
  };
}
