import { readFile } from "node:fs/promises";
import type pg from "pg";
import { SinkFailure } from "../sync/sink.ts";
import { archiveFailure } from "./connection.ts";

/** The same place as seen from `dist/main`. */
const FILES = new URL("../../assets/postgres/", import.meta.url);

export type ArchiveMigration = { version: number; file: string };

export const ARCHIVE_MIGRATIONS: readonly ArchiveMigration[] = [
  { version: 1, file: "0001-archive.sql" },
  { version: 2, file: "0002-words.sql" },
  { version: 3, file: "0003-counts.sql" },
];

/** Whoever makes or changes the archive does it alone. */
const LOCK = "select pg_advisory_xact_lock(hashtextextended('waybill_migrations', 0))";

/**
 * Brings the archive to the last version in one transaction: all steps or none. Throws `SinkFailure`: `stop`, and
 * nothing changed, where the tables are not Waybill's or are ahead of this program.
 */
export async function migrateArchive(
  client: pg.Client,
  migrations: readonly ArchiveMigration[] = ARCHIVE_MIGRATIONS,
): Promise<void> {
  const latest = migrations.at(-1)?.version ?? 0;
  const scripts = await Promise.all(migrations.map(({ file }) => readFile(new URL(file, FILES), "utf8")));
  try {
    if ((await knownVersion(client, latest)) === latest) return;
    await client.query("begin");
    await client.query(LOCK);
    // Read again inside the lock: another worker may have migrated meanwhile.
    const current = await knownVersion(client, latest);
    if (current === 0) await client.query(BOOKS);
    for (const [index, { version, file }] of migrations.entries()) {
      if (version <= current) continue;
      await client.query(scripts[index] ?? "");
      await client.query("insert into waybill.migrations (version, file) values ($1, $2)", [version, file]);
    }
    await client.query("commit");
  } catch (error) {
    // Where the connection is gone, so is the transaction.
    await client.query("rollback").catch(() => {});
    throw archiveFailure(error, client);
  }
}

const BOOKS = `
  create schema if not exists waybill;
  create table waybill.migrations (
    version    integer primary key,
    file       text not null,
    applied_ts timestamptz not null default now()
  );
`;

type Found = {
  books: string | null;
  messages: string | null;
  sessions: string | null;
  supabase: string | null;
};

/** The archive's version; 0 where there is none. */
async function knownVersion(client: pg.Client, latest: number): Promise<number> {
  const { rows } = await client.query<Found>(
    `select to_regclass('waybill.migrations') as books, to_regclass('public.message_logs') as messages,
       to_regclass('public.sessions') as sessions, to_regclass('waybill.message_logs_default') as supabase`,
  );
  const [found] = rows;
  if (found?.books) {
    const { rows: versions } = await client.query<{ version: number }>(
      "select coalesce(max(version), 0) as version from waybill.migrations",
    );
    const version = versions[0]?.version ?? 0;
    if (version <= latest) return version;
    throw new SinkFailure(
      "stop",
      `The archive in ${client.database} has version ${version}, and this Waybill knows versions up to ${latest}: use the newer Waybill.`,
    );
  }
  const table = found?.messages ? "message_logs" : found?.sessions ? "sessions" : null;
  if (table === null) return 0;
  throw new SinkFailure(
    "stop",
    found?.supabase
      ? `The tables in ${client.database} are those of assets/supabase/waybill.sql, which Waybill's own sync writes. Name another database for the archive.`
      : `A table ${table} is in ${client.database} already that Waybill did not make. Name another database for the archive, or rename the table.`,
  );
}
