import { MESSAGE_FIELDS, type StoredMessage } from "../../../src-shared/record.ts";
import { formatOptionalTime, formatTime } from "../../../src-shared/time.ts";
import { CELL_END, CsvBytes, ROW_END } from "../../transfer/csv-bytes.ts";
import { csvLine } from "../../transfer/csv-cell.ts";
import type { ReadableDatabase } from "../open.ts";
import { fromRow } from "../reader/from-row.ts";

/** So many rows are read as one text, by one statement. */
const PAGE = 1_000;
/** The text of a page at most: where its rows are larger, it is read in parts. */
const PAGE_BYTES = 4 * 1024 * 1024;
const PARTS = 8;
/** Every row is read once: there is nothing to gain from keeping more pages than those on the way to a row. */
const CACHE_KIB = 4 * 1024;

const TIMES: ReadonlySet<string> = new Set(["origin_ts", "sent_ts", "delivered_ts", "read_ts", "ack_ts"]);

export type CsvPage = { text: string | Uint8Array<ArrayBuffer>; rows: number };
/** Null where the rows can't be read together. */
type ReadRows = (keys: Uint32Array) => CsvPage | null;

/**
 * The messages at some positions as lines of CSV, in that order, without those that are gone. SQLite joins the
 * cells of a page to one text; what can't be read so (large rows, damaged ones) is read row by row.
 * Throws SQLite's error, or `DamagedRowError`.
 */
export function* messageCsv(
  database: ReadableDatabase,
  keys: Iterable<Uint32Array>,
): Generator<CsvPage, void> {
  database.pragma(`cache_size = -${CACHE_KIB}`);
  const readRows = rowsReader(database);
  const readRow = rowReader(database);
  for (const block of keys) {
    for (let start = 0; start < block.length; start += PAGE)
      yield* readParts(block.subarray(start, start + PAGE), readRows, readRow);
  }
}

function* readParts(keys: Uint32Array, readRows: ReadRows, readRow: ReadRows): Generator<CsvPage, void> {
  const page = keys.length === 1 ? readRow(keys) : readRows(keys);
  if (page !== null) {
    if (page.rows > 0) yield page;
    return;
  }
  const size = Math.ceil(keys.length / PARTS);
  for (let start = 0; start < keys.length; start += size)
    yield* readParts(keys.subarray(start, start + size), readRows, readRow);
}

function rowsReader(database: ReadableDatabase): ReadRows {
  const byte = (value: number): string => `CAST(x'${value.toString(16)}' AS TEXT)`;
  const cells = MESSAGE_FIELDS.map((field) => `m.${field}`).join(`, ${byte(CELL_END)}, `);
  // Without the LIMIT the inner query would be merged into the outer one, which then makes each row more than once.
  const read = database
    .prepare(
      `SELECT count(*), count(short), CAST(group_concat(short, '') AS BLOB)
       FROM (SELECT iif(octet_length(row) <= @most, row, NULL) AS short
             FROM (SELECT concat(${cells}, ${byte(ROW_END)}) AS row
                   FROM json_each(@keys) AS k CROSS JOIN message_logs AS m ON m.seq = k.value LIMIT -1) LIMIT -1)`,
    )
    .raw();
  const csv = new CsvBytes(MESSAGE_FIELDS.map((field) => (TIMES.has(field) ? "time" : "text")));
  return (keys) => {
    const most = Math.floor(PAGE_BYTES / keys.length);
    const [rows, short, source] = read.get({ keys: `[${keys.join(",")}]`, most }) as RowsRead;
    if (rows === 0) return { text: "", rows };
    if (short < rows || source === null) return null;
    const text = csv.format(source, rows);
    // Given back at once: the collector sees only how small its handle is.
    source.buffer.transfer(0);
    return text === null ? null : { text, rows };
  };
}

type RowsRead = [rows: number, short: number, source: Uint8Array<ArrayBuffer> | null];

function rowReader(database: ReadableDatabase): ReadRows {
  const find = database.prepare("SELECT * FROM message_logs WHERE seq = ?");
  return (keys) => {
    const row = find.get(keys[0]) as StoredMessage | undefined;
    if (row === undefined) return { text: "", rows: 0 };
    const texts = fromRow(row, toTexts);
    return { text: csvLine(MESSAGE_FIELDS.map((field) => texts[field])), rows: 1 };
  };
}

/** For CSV, where JSON is a text in a cell anyway: it need not be parsed to be written again. */
export function toTexts(row: StoredMessage): Readonly<Record<string, unknown>> {
  return {
    ...row,
    origin_ts: formatTime(row.origin_ts),
    sent_ts: formatOptionalTime(row.sent_ts),
    delivered_ts: formatOptionalTime(row.delivered_ts),
    read_ts: formatOptionalTime(row.read_ts),
    ack_ts: formatOptionalTime(row.ack_ts),
  };
}
