import type { MetaKey } from "../entries.ts";
import { schemaVersion } from "../migrate.ts";
import type { ReadableDatabase } from "../open.ts";

const TABLES = ["message_logs", "message_events", "sessions", "system_logs"] as const;
/** Counting ten million rows is no work for a figure that someone glances at: an old one will do for so long. */
const COUNTS_FRESH_MS = 10_000;

export type DatabaseFacts = {
  sqliteVersion: string;
  schemaVersion: number;
  freeBytes: number;
  tables: Record<string, number>;
  meta: Partial<Record<MetaKey, string>>;
};

let counted: { at: number; tables: Record<string, number> } = { at: 0, tables: {} };

function countTables(database: ReadableDatabase): Record<string, number> {
  if (Date.now() - counted.at > COUNTS_FRESH_MS) {
    const tables = Object.fromEntries(
      TABLES.map((table) => [table, Number(database.prepare(`SELECT count(*) FROM ${table}`).pluck().get())]),
    );
    counted = { at: Date.now(), tables };
  }
  return counted.tables;
}

export function databaseFacts(database: ReadableDatabase): DatabaseFacts {
  const meta = database.prepare("SELECT key, value FROM ledger_meta").raw().all() as [string, string][];
  return {
    sqliteVersion: String(database.prepare("SELECT sqlite_version()").pluck().get()),
    schemaVersion: schemaVersion(database),
    freeBytes:
      Number(database.pragma("freelist_count", { simple: true })) *
      Number(database.pragma("page_size", { simple: true })),
    tables: countTables(database),
    meta: Object.fromEntries(meta),
  };
}
