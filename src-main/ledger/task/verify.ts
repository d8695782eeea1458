import { closeSync, fsyncSync, openSync } from "node:fs";
import Database from "better-sqlite3";
import { WaybillError } from "../../../src-shared/errors.ts";
import { HOUR_MS } from "../../../src-shared/time.ts";
import { assertNotNewer, migrate } from "../migrate.ts";
import type { WritableDatabase } from "../open.ts";
import { classifyTrouble, NewerLedgerError, troubleSentence, unavailableError } from "../sqlite-errors.ts";

const MOST_FINDINGS = 20;
const LEDGER_TABLES = ["sessions", "message_logs", "message_events", "system_logs"];

/** What a deep check found: damage of the file, or references and statistics that do not agree with the rows. */
export type Findings = { damage: string[]; drift: string[] };

/**
 * Every page and index, every reference, and the statistics against a recount of the rows.
 * Throws `unavailable` where the file can't be opened now.
 */
export function checkDatabase(file: string): Findings {
  let database: Database.Database | undefined;
  try {
    database = new Database(file, { readonly: true, fileMustExist: true });
    const pages = database.prepare(`PRAGMA integrity_check(${MOST_FINDINGS})`).pluck().all() as string[];
    if (pages.length !== 1 || pages[0] !== "ok") return { damage: pages, drift: [] };
    return { damage: [], drift: [...checkReferences(database), ...checkStatistics(database)] };
  } catch (error) {
    const trouble = classifyTrouble(error);
    // A locked or missing file says nothing about its pages.
    if (trouble !== "corrupt" && trouble !== "bug") throw unavailableError(trouble, error);
    return { damage: [String(error)], drift: [] };
  } finally {
    database?.close();
  }
}

export function isSound({ damage, drift }: Findings): boolean {
  return damage.length === 0 && drift.length === 0;
}

function checkReferences(database: Database.Database): string[] {
  const rows = database.pragma("foreign_key_check") as { table: string; rowid: number; parent: string }[];
  return rows
    .slice(0, MOST_FINDINGS)
    .map(
      ({ table, rowid, parent }) => `Row ${rowid} of ${table} refers to a row of ${parent} that is not there`,
    );
}

/** The hour of origin, rounded down before 1970 too. */
const HOUR = `((origin_ts - (origin_ts % ${HOUR_MS} + ${HOUR_MS}) % ${HOUR_MS}) / ${HOUR_MS})`;

/** What is counted from the rows, each beside the sums that are kept of it. */
const COUNTS = [
  {
    what: "messages by hour, channel and status",
    rows: `SELECT ${HOUR} || ' ' || channel || ' ' || status AS key FROM message_logs`,
    kept: "SELECT hour || ' ' || key || ' ' || status AS key, count FROM hourly_counts WHERE dimension = 'channel'",
  },
  {
    what: "messages by hour, template and status",
    rows: `SELECT ${HOUR} || ' ' || coalesce(template_name, template_id) || ' ' || status AS key FROM message_logs
      WHERE coalesce(template_name, template_id) IS NOT NULL`,
    kept: "SELECT hour || ' ' || key || ' ' || status AS key, count FROM hourly_counts WHERE dimension = 'template'",
  },
  {
    what: "messages by hour, reason of failure and status",
    rows: `SELECT ${HOUR} || ' ' || error_template_id || ' ' || status AS key FROM message_logs
      WHERE error_template_id IS NOT NULL`,
    kept: "SELECT hour || ' ' || key || ' ' || status AS key, count FROM hourly_counts WHERE dimension = 'error'",
  },
  {
    what: "latencies by hour and stage",
    rows: `SELECT ${HOUR} || ' sent' AS key FROM message_logs WHERE sent_ts IS NOT NULL
      UNION ALL SELECT ${HOUR} || ' delivered' FROM message_logs WHERE delivered_ts IS NOT NULL`,
    kept: "SELECT hour || ' ' || stage AS key, count FROM hourly_latencies",
  },
  {
    what: "messages of a session",
    rows: "SELECT session_id AS key FROM message_logs WHERE session_id IS NOT NULL",
    kept: "SELECT session_id AS key, total AS count FROM sessions",
  },
] as const;

/** Each in one statement, so that a commit between the two sums is no finding. */
function checkStatistics(database: Database.Database): string[] {
  return COUNTS.flatMap(({ what, rows, kept }) => {
    const differences = database
      .prepare(
        `SELECT key, sum(counted) AS counted, sum(kept) AS kept FROM (
           SELECT key, count(*) AS counted, 0 AS kept FROM (${rows}) GROUP BY 1
           UNION ALL
           SELECT key, 0, sum(count) FROM (${kept}) GROUP BY 1)
         GROUP BY 1 HAVING sum(counted) <> sum(kept) LIMIT ${MOST_FINDINGS}`,
      )
      .all() as { key: string; counted: number; kept: number }[];
    return differences.map(
      ({ key, counted, kept }) => `The statistics have ${kept} ${what} (${key}), the rows are ${counted}`,
    );
  });
}

/**
 * Makes a copied database a single file that is whole by itself, proves it, and syncs it.
 * Throws `invalid` with the findings.
 */
export function sealCopy(file: string): void {
  const database = new Database(file, { fileMustExist: true });
  try {
    database.pragma("journal_mode = DELETE");
  } finally {
    database.close();
  }
  const findings = checkDatabase(file);
  if (!isSound(findings)) {
    throw new WaybillError(
      "invalid",
      "The copy did not pass its check, so it was not kept: repair the ledger first.",
      {
        details: findings,
      },
    );
  }
  syncFile(file);
}

/**
 * Proves that a file is a sound ledger that this Waybill can use, brings it to the present version, and
 * makes it a single file. Works on a copy: the backup itself is not touched. Throws `invalid` or `newer_ledger`.
 */
export function prepareRestore(file: string): void {
  let database: WritableDatabase | undefined;
  try {
    database = new Database(file, { fileMustExist: true }) as unknown as WritableDatabase;
    assertLedger(database);
    assertNotNewer(database);
    migrate(database);
    database.pragma("journal_mode = DELETE");
  } catch (error) {
    if (error instanceof NewerLedgerError) throw new WaybillError("newer_ledger", troubleSentence("newer"));
    if (classifyTrouble(error) === "corrupt") throw damagedFile({ damage: [String(error)], drift: [] });
    throw error;
  } finally {
    database?.close();
  }
  const findings = checkDatabase(file);
  if (findings.damage.length > 0) throw damagedFile(findings);
  syncFile(file);
}

/** Throws `invalid`, or SQLite's error. */
function assertLedger(database: WritableDatabase): void {
  const names = database.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all();
  if (LEDGER_TABLES.every((table) => names.includes(table))) return;
  throw new WaybillError(
    "invalid",
    "The file is a SQLite database but no Waybill ledger; nothing was changed.",
  );
}

function damagedFile(findings: Findings): WaybillError {
  return new WaybillError("invalid", "The file is damaged or no ledger; nothing was changed.", {
    details: findings,
  });
}

function syncFile(file: string): void {
  const descriptor = openSync(file, "r+");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
