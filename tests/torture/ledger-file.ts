import Database from "better-sqlite3";

export type MessageRow = {
  seq: number;
  message_uuid: string;
  external_id: string | null;
  session_id: string | null;
  topic: string | null;
  status: string;
  message_data: string;
};

export type LedgerRows = {
  /** In the order of their positions. */
  messages: MessageRow[];
  /** How often each `<uuid> <status>` is in the history. */
  events: Map<string, number>;
  /** What SQLite itself finds wrong. */
  findings: string[];
};

/** Opens a ledger as any SQLite tool would. */
export function openLedger(file: string): Database.Database {
  return new Database(file, { readonly: true, fileMustExist: true, timeout: 5_000 });
}

/** Reads the tables that the contract names. Throws SQLite's error. */
export function readLedger(file: string): LedgerRows {
  const database = openLedger(file);
  try {
    const integrity = database.prepare("PRAGMA integrity_check").pluck().all() as string[];
    const references = database.pragma("foreign_key_check") as unknown[];
    const messages = selectMessages(database);
    const events = database
      .prepare(
        "SELECT message_uuid || ' ' || status AS key, count(*) AS count FROM message_events GROUP BY 1",
      )
      .all() as { key: string; count: number }[];
    return {
      messages,
      events: new Map(events.map(({ key, count }) => [key, count])),
      findings: [
        ...(integrity.length === 1 && integrity[0] === "ok" ? [] : integrity.slice(0, 3)),
        ...(references.length === 0 ? [] : [`${references.length} references lead nowhere`]),
        ...checkSessions(database),
      ],
    };
  } finally {
    database.close();
  }
}

function selectMessages(database: Database.Database): MessageRow[] {
  return database
    .prepare(
      "SELECT seq, message_uuid, external_id, session_id, topic, status, message_data FROM message_logs ORDER BY seq",
    )
    .all() as MessageRow[];
}

export function readMessages(file: string): MessageRow[] {
  const database = openLedger(file);
  try {
    return selectMessages(database);
  } finally {
    database.close();
  }
}

/** Moves what is in the log to the main file, as SQLite does by itself now and then. */
export function checkpoint(file: string): void {
  const database = new Database(file, { fileMustExist: true, timeout: 5_000 });
  try {
    database.pragma("wal_checkpoint(PASSIVE)");
  } finally {
    database.close();
  }
}

/** How many rows and records the system log says could not be brought back. */
export function toldLost(file: string): number {
  const database = openLedger(file);
  try {
    const texts = database.prepare("SELECT message FROM system_logs").pluck().all() as string[];
    return texts.reduce((sum, text) => sum + lostIn(text), 0);
  } finally {
    database.close();
  }
}

/** As in "12 rows could not be read" and "3 records in the spool were damaged on the disk". */
function lostIn(text: string): number {
  let lost = 0;
  for (const [, count = "0"] of text.matchAll(
    /(\d+) (?:rows|records) (?:could not|in the spool were damaged)/g,
  ))
    lost += Number(count);
  return lost;
}

/** The numbers that stand with each session, against its messages. */
function checkSessions(database: Database.Database): string[] {
  const wrong = database
    .prepare(
      `SELECT session_id, total, counted FROM sessions
       JOIN (SELECT session_id, count(*) AS counted FROM message_logs GROUP BY 1) USING (session_id)
       WHERE total <> counted LIMIT 3`,
    )
    .all() as { session_id: string; total: number; counted: number }[];
  return wrong.map(
    ({ session_id, total, counted }) => `${session_id} tells ${total} messages and has ${counted}`,
  );
}

/** How many messages are in a ledger. */
export function countMessages(file: string): number {
  const database = openLedger(file);
  try {
    return Number(database.prepare("SELECT count(*) FROM message_logs").pluck().get());
  } finally {
    database.close();
  }
}
