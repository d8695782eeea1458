/** The limit of logging: the same records into one bare table, as fast as better-sqlite3 takes them. */
import Database from "better-sqlite3";
import { MESSAGE_FIELDS, normalizeMessage } from "../../../src-shared/record.ts";
import { makeRecord, type Shape } from "../data/records.ts";
import { type Spread, spreadOf } from "../percentiles.ts";
import { collectGarbage, serveTask } from "../task.ts";

type RawLoopInput = { file: string; shape: Shape; count: number };
/** `commitMs` is of transactions with a single record. */
type RawLoopOutput = { ms: number; commitMs: Spread };
export type RawLoopTask = (input: RawLoopInput) => Promise<RawLoopOutput>;

const PER_TRANSACTION = 1_000;
const SINGLES = 1_000;
const NUMBERS: ReadonlySet<string> = new Set([
  "origin_ts",
  "sent_ts",
  "delivered_ts",
  "read_ts",
  "ack_ts",
  "revision",
]);

serveTask<RawLoopInput, RawLoopOutput>(async ({ file, shape, count }) => {
  const rows = Array.from({ length: count }, (_, index) => toRow(shape, index));
  const database = new Database(file);
  database.pragma("journal_mode = WAL");
  database.pragma("synchronous = FULL");
  const columns = MESSAGE_FIELDS.map((name) => `${name} ${NUMBERS.has(name) ? "INTEGER" : "TEXT"}`);
  database.exec(`CREATE TABLE bare (${columns.join(", ")})`);
  const insert = database.prepare(`INSERT INTO bare VALUES (${MESSAGE_FIELDS.map(() => "?").join(", ")})`);
  const insertFrom = database.transaction((start: number) => {
    const end = Math.min(start + PER_TRANSACTION, rows.length);
    for (let index = start; index < end; index += 1) insert.run(rows[index]);
  });
  collectGarbage();
  const started = performance.now();
  for (let start = 0; start < rows.length; start += PER_TRANSACTION) insertFrom.immediate(start);
  const ms = performance.now() - started;
  const commits = rows.slice(0, SINGLES).map((row) => {
    const before = performance.now();
    insert.run(row);
    return performance.now() - before;
  });
  database.close();
  return { ms, commitMs: spreadOf(commits) };
});

function toRow(shape: Shape, index: number): unknown[] {
  const normalized = normalizeMessage(makeRecord(shape, index).record, 0);
  if (!normalized.ok) throw new Error(`record ${index} is not well-formed: ${normalized.error}`);
  return MESSAGE_FIELDS.map((field) => normalized.message[field]);
}
