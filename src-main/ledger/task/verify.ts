import { closeSync, fsyncSync, openSync } from "node:fs";
import Database from "better-sqlite3";
import { WaybillError } from "../../../src-shared/errors.ts";
import { assertNotNewer, latestVersion, migrate, schemaVersion } from "../migrate.ts";
import type { WritableDatabase } from "../open.ts";
import { classifyTrouble, NewerLedgerError, troubleSentence, unavailableError } from "../sqlite-errors.ts";
import { assertLogNotAway } from "../writer/wal-file.ts";
import { type ChainFindings, checkChain } from "./verify-chain.ts";
import { checkStatistics } from "./verify-statistics.ts";

const MOST_FINDINGS = 20;
const LEDGER_TABLES = ["sessions", "message_logs", "message_events", "system_logs"];

/**
 * What a deep check found: damage of the file, what does not agree with the rows (references, statistics),
 * and whether the chain over the records holds; null where it was not looked at.
 */
export type Findings = { damage: string[]; drift: string[]; chain: ChainFindings | null };

/**
 * Every page and index, every reference, the statistics against a recount of the rows, and with `chain`
 * the hash of every commit group. `isIncomplete` while rows of a damaged ledger are brought back. Throws `unavailable` where the file can't be opened now.
 */
export function checkDatabase(file: string, { chain = true, isIncomplete = false } = {}): Findings {
  let database: Database.Database | undefined;
  try {
    assertLogNotAway(file);
    database = new Database(file, { readonly: true, fileMustExist: true });
    const pages = database.prepare(`PRAGMA integrity_check(${MOST_FINDINGS})`).pluck().all() as string[];
    if (pages.length !== 1 || pages[0] !== "ok") return { damage: pages, drift: [], chain: null };
    return checkRows(database, { chain, isIncomplete });
  } catch (error) {
    const trouble = classifyTrouble(error);
    // A locked or missing file says nothing about its pages.
    if (trouble !== "corrupt" && trouble !== "bug") throw unavailableError(trouble, error);
    return { damage: [String(error)], drift: [], chain: null };
  } finally {
    database?.close();
  }
}

/** All from one moment, so that a commit between two sums is no finding. */
function checkRows(
  database: Database.Database,
  { chain, isIncomplete }: { chain: boolean; isIncomplete: boolean },
): Findings {
  return database
    .transaction((): Findings => {
      // A backup may be of a version from before all that.
      if (schemaVersion(database) < latestVersion()) return { damage: [], drift: [], chain: null };
      const damage = firstOf(unreadableRows(database));
      if (damage.length > 0) return { damage, drift: [], chain: null };
      const drift = [...checkReferences(database, isIncomplete)];
      drift.push(...firstOf(checkStatistics(database), MOST_FINDINGS - drift.length));
      return { damage: [], drift, chain: chain ? checkChain(database) : null };
    })
    .deferred();
}

function firstOf(findings: Iterable<string>, most = MOST_FINDINGS): string[] {
  const first: string[] = [];
  for (const finding of findings) {
    if (first.length >= most) break;
    first.push(finding);
  }
  return first;
}

export function isSound({ damage, drift }: Findings): boolean {
  return damage.length === 0 && drift.length === 0;
}

const JSON_COLUMNS = [
  {
    table: "message_logs",
    key: "message_uuid",
    columns: ["destination_subject_ids", "message_data", "message_metadata"],
  },
  { table: "sessions", key: "session_id", columns: ["metadata"] },
  { table: "system_logs", key: "id", columns: ["details"] },
] as const;

/** Rows that SQLite reads without an error from a page that was overwritten, and that nobody else can read. */
function* unreadableRows(database: Database.Database): Generator<string> {
  for (const { table, key, columns } of JSON_COLUMNS) {
    const doubtful = columns.map((column) => `json_valid(${column}) = 0`).join(" OR ");
    const rows = database
      .prepare(`SELECT ${key}, ${columns.join(", ")} FROM ${table} WHERE ${doubtful}`)
      .raw();
    for (const [id, ...texts] of rows.iterate() as IterableIterator<[unknown, ...(string | null)[]]>) {
      // Or it is nested deeper than SQLite takes.
      if (!texts.every(isJson)) yield `A row of ${table} is not what was written: ${id}`;
    }
  }
}

function isJson(text: string | null): boolean {
  if (text === null) return true;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** No foreign keys hold these: looking each up cost 8 % of the speed of logging. */
const REFERENCES = [
  {
    what: (id: unknown) => `Message ${id} is of a session that is not there`,
    sql: `SELECT message_uuid FROM message_logs WHERE session_id IS NOT NULL
      AND session_id NOT IN (SELECT session_id FROM sessions)`,
  },
  {
    what: (id: unknown) => `A change of status is of message ${id}, which is not there`,
    sql: "SELECT message_uuid FROM message_events WHERE message_seq NOT IN (SELECT seq FROM message_logs)",
  },
  {
    what: (id: unknown) => `Message ${id} has no history`,
    sql: "SELECT message_uuid FROM message_logs WHERE seq NOT IN (SELECT message_seq FROM message_events)",
  },
] as const;

function* checkReferences(database: Database.Database, isIncomplete: boolean): Generator<string> {
  // The history of messages that are brought back follows them.
  for (const { what, sql } of isIncomplete ? REFERENCES.slice(0, -1) : REFERENCES) {
    for (const id of database.prepare(`${sql} LIMIT ${MOST_FINDINGS}`).pluck().iterate()) yield what(id);
  }
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
  // A chain that does not hold is no reason to have no backup.
  const findings = checkDatabase(file, { chain: false });
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
    if (classifyTrouble(error) === "corrupt")
      throw damagedFile({ damage: [String(error)], drift: [], chain: null });
    throw error;
  } finally {
    database?.close();
  }
  const findings = checkDatabase(file, { chain: false });
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
