import type { ReadableDatabase } from "../ledger/open.ts";
import { ReadingHandle } from "../ledger/reader/serve.ts";
import type { Stream } from "../ledger/sync-save.ts";
import { addFingerprints, bucketOf, fingerprint } from "./fingerprint.ts";
import type { Bucket, Entry, ReconcileSide, Span } from "./reconcile.ts";

/** So many rows are read from one snapshot: a long one would keep the write-ahead log from shrinking. */
const ROWS_AT_ONCE = 20_000;

/** With the position that stands for its newest state. */
export type LedgerEntry = Entry & { position: number };

type Columns = { table: string; key: string; id: string; ts: string; status: string; position: string };

const COLUMNS: Readonly<Record<Stream, Columns>> = {
  message: {
    table: "message_logs",
    key: "seq",
    id: "message_uuid",
    ts: "origin_ts",
    status: "status",
    position: "(SELECT max(event_id) FROM message_events AS e WHERE e.message_seq = t.seq)",
  },
  session: {
    table: "sessions",
    key: "rowid",
    id: "session_id",
    ts: "started_ts",
    status: "''",
    position: "(SELECT max(change_id) FROM session_changes AS c WHERE c.session_id = t.session_id)",
  },
};

/** The ledger, to be compared with Supabase. Reads on its own thread; methods reject with `unavailable`. */
export class LedgerSide implements ReconcileSide<LedgerEntry> {
  readonly #handle: ReadingHandle;

  constructor(file: string) {
    this.#handle = new ReadingHandle(file);
  }

  async buckets(stream: Stream, bucketMs: number, span: Span | null): Promise<Bucket[]> {
    const buckets = new Map<number, Bucket>();
    const add = ([, id, ts, revision, status]: Row): void => {
      const start = bucketOf(ts, bucketMs);
      const bucket = buckets.get(start) ?? { start, count: 0, fingerprint: 0 };
      buckets.set(start, bucket);
      bucket.count += 1;
      bucket.fingerprint = addFingerprints(bucket.fingerprint, fingerprint(id, revision, status));
    };
    for (let after: number | null = Number.MIN_SAFE_INTEGER; after !== null; ) {
      const from: number = after;
      after = this.#handle.run((database) => readPage(database, stream, span, from, add));
    }
    return [...buckets.values()];
  }

  async entries(stream: Stream, span: Span): Promise<LedgerEntry[]> {
    const { table, id, ts, status, position } = COLUMNS[stream];
    return this.#handle.run(
      (database) =>
        database
          .prepare(
            `SELECT ${id} AS id, revision, ${status} AS status, ${position} AS position FROM ${table} AS t
             WHERE ${ts} >= @from AND ${ts} < @to`,
          )
          .all(span) as LedgerEntry[],
    );
  }

  /** Up to here all was given to the sink: what lies behind it is on its way anyway. */
  reached(stream: Stream): number {
    return this.#handle.run((database) =>
      Number(
        database
          .prepare("SELECT position FROM sync_streams WHERE sink = 'supabase' AND stream = ?")
          .pluck()
          .get(stream) ?? 0,
      ),
    );
  }

  close(): void {
    this.#handle.close();
  }
}

type Row = [key: number, id: string, ts: number, revision: number, status: string];

/** Where to go on, null at the end. A span is found by time, all of it by key. */
function readPage(
  database: ReadableDatabase,
  stream: Stream,
  span: Span | null,
  after: number,
  add: (row: Row) => void,
): number | null {
  const { table, key, id, ts, status } = COLUMNS[stream];
  const inSpan = span === null ? "" : `AND ${ts} >= @from AND ${ts} < @to`;
  const rows = database
    .prepare(
      `SELECT ${key}, ${id}, ${ts}, revision, ${status} FROM ${table}
       WHERE ${key} > @after ${inSpan} ORDER BY ${key} LIMIT ${ROWS_AT_ONCE}`,
    )
    .raw()
    .all({ after, ...(span ?? {}) }) as Row[];
  for (const row of rows) add(row);
  return rows.length < ROWS_AT_ONCE ? null : (rows.at(-1)?.[0] ?? null);
}
