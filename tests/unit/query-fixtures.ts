import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll } from "vitest";
import type { Probe } from "../../src-main/ledger/index-probe.ts";
import { MIGRATIONS } from "../../src-main/ledger/migrations/index.ts";
import type { WritableDatabase } from "../../src-main/ledger/open.ts";
import { compileQuery, registerSearchFunctions } from "../../src-main/ledger/query-sql.ts";
import { errorTemplate, errorTemplateId } from "../../src-shared/error-template.ts";
import type { QueryNode } from "../../src-shared/query/ast.ts";
import { parseQuery } from "../../src-shared/query/parse.ts";
import { indexedColumns } from "../../src-shared/query/tokens.ts";
import type { StoredMessage } from "../../src-shared/record.ts";

export const NOW = Date.UTC(2026, 0, 31, 12);

export function message(fields: Partial<StoredMessage> = {}): StoredMessage {
  return {
    message_uuid: "0198c0de-7000-7000-8000-000000000001",
    session_id: null,
    user_id: "default_user",
    channel: "email",
    status: "pending",
    origin_ts: NOW,
    sent_ts: null,
    delivered_ts: null,
    read_ts: null,
    ack_ts: null,
    source_subject_id: null,
    destination_subject_ids: "[]",
    topic: null,
    message_type: null,
    template_id: null,
    template_name: null,
    external_id: null,
    error_message: null,
    content_preview: null,
    message_data: "{}",
    message_metadata: "{}",
    revision: 1,
    ...fields,
  };
}

/** As of a search index that takes its time. */
export const SLOW: Probe = { words: () => "slow", values: () => "most", ids: () => "many" };

/** The query's tree; a test that writes a wrong query fails here. */
export function read(text: string): QueryNode | null {
  const parsed = parseQuery(text, NOW);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.error.message}`);
  return parsed.query;
}

/** An empty ledger file with the functions registered, gone after the tests of its file or group. */
export function openLedger(): WritableDatabase {
  const folder = mkdtempSync(join(tmpdir(), "waybill-query-"));
  const database = new Database(join(folder, "ledger.db")) as unknown as WritableDatabase;
  afterAll(() => {
    database.close();
    rmSync(folder, { recursive: true });
  });
  database.pragma("foreign_keys = OFF");
  database.pragma("synchronous = OFF");
  database.pragma("journal_mode = MEMORY");
  for (const { up } of MIGRATIONS) up(database);
  registerSearchFunctions(database);
  return database;
}

/** The failure group of a message, as the ledger numbers it. */
export function reasonOf({ error_message: error }: Pick<StoredMessage, "error_message">): number | null {
  return error === null ? null : errorTemplateId(errorTemplate(error));
}

/** Replaces the ledger's rows: `seq` counts from 1, and the first `indexed` rows are in the search index. */
export function fillLedger(
  database: WritableDatabase,
  messages: readonly StoredMessage[],
  indexed: number,
): void {
  const columns = [...Object.keys(message()), "error_template_id"];
  const insert = database.prepare(
    `INSERT INTO message_logs (seq, ${columns.join(", ")}) VALUES (:seq, ${columns.map((name) => `:${name}`).join(", ")})`,
  );
  const index = database.prepare(
    "INSERT INTO message_search (rowid, body, error, recipients, sender, facts) VALUES (:seq, :body, :error, :recipients, :sender, :facts)",
  );
  database.transaction(() => {
    database.exec(
      "DELETE FROM message_logs; INSERT INTO message_search (message_search) VALUES ('delete-all')",
    );
    for (const [at, row] of messages.entries()) {
      insert.run({ ...row, error_template_id: reasonOf(row), seq: at + 1 });
      if (at < indexed) index.run({ ...indexedColumns(row), seq: at + 1 });
    }
    database
      .prepare("UPDATE ledger_meta SET value = ? WHERE key = 'search_indexed_seq'")
      .run(String(indexed));
  })();
}

/** The `seq` of all rows that SQLite finds for a query. */
export function find(database: WritableDatabase, query: QueryNode | null, probe?: Probe): number[] {
  const { where, parameters } = compileQuery(query, probe);
  const statement = database.prepare(`SELECT m.seq FROM message_logs AS m WHERE ${where} ORDER BY m.seq`);
  return statement.pluck().all(parameters) as number[];
}
