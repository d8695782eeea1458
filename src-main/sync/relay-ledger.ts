import { SINKS, type SinkName } from "../../src-shared/contract/sync-counts.ts";
import type { MessageRecord } from "../../src-shared/record.ts";
import { inodeOf, type ReadableDatabase } from "../ledger/open.ts";
import { Outbox, type OutboxChange, type OutboxPage, type SessionFacts } from "../ledger/reader/outbox.ts";
import { type RecordText, toText } from "../ledger/reader/record-text.ts";
import { ReadingHandle } from "../ledger/reader/serve.ts";
import { lastPosition, type ParkedRow, parkedCounts, retryingParked } from "../ledger/reader/sync.ts";
import type { OutageSave, Stream } from "../ledger/sync-save.ts";

export type Resend = { resend_id: number; stream: Stream; next: number; last: number };

/** What decides what a sink does next, all from one moment. */
export type SinkOrders = { isPaused: boolean; retrying: number; resends: Resend[] };

/** One look at the ledger. */
export type Look = {
  /** Rises when another file has taken the ledger's place: positions are then read anew. */
  generation: number;
  /** The last position that was given in each stream. */
  last: Record<Stream, number>;
  orders: Record<SinkName, SinkOrders>;
};

/** Where a sink stood when it was last saved. */
export type SavedSink = {
  positions: Record<Stream, number>;
  /** How many changes of each message are parked. */
  parkedMessages: Map<string, number>;
  /** The outage whose end nobody has seen. */
  outage: OutageSave | null;
};

/** The relays' view of the ledger, over one connection of their own. All methods throw its error. */
export class RelayLedger {
  readonly #handle: ReadingHandle;
  readonly #file: string;
  #outbox: { database: ReadableDatabase; outbox: Outbox } | null = null;

  constructor(file: string) {
    this.#file = file;
    this.#handle = new ReadingHandle(file);
  }

  /** The file that positions are read from now. */
  identity(): bigint | null {
    return inodeOf(this.#file) ?? null;
  }

  look(): Look {
    return this.#handle.run((database) => ({
      generation: this.#handle.generation,
      last: { message: lastPosition(database, "message"), session: lastPosition(database, "session") },
      orders: Object.fromEntries(SINKS.map((sink) => [sink, ordersOf(database, sink)])) as Look["orders"],
    }));
  }

  saved(sink: SinkName): SavedSink {
    return this.#handle.run((database) => {
      const rows = database.prepare("SELECT stream, position FROM sync_streams WHERE sink = ?").all(sink) as {
        stream: Stream;
        position: number;
      }[];
      const at = (stream: Stream): number => rows.find((row) => row.stream === stream)?.position ?? 0;
      return {
        positions: { message: at("message"), session: at("session") },
        parkedMessages: parkedCounts(database, sink, "message"),
        outage: openOutage(database, sink),
      };
    });
  }

  messages(after: number, until: number, limit: number): OutboxPage<MessageRecord> {
    return this.#read((outbox) => outbox.messages(after, until, limit));
  }

  texts(after: number, until: number, limit: number): OutboxPage<RecordText> {
    return this.#read((outbox) => outbox.texts(after, until, limit));
  }

  laterTexts(ids: Iterable<string>, after: number, until: number): OutboxChange<RecordText>[] {
    return this.#read((outbox) => outbox.laterTexts(ids, after, until));
  }

  sessions(after: number, until: number, limit: number): OutboxPage<SessionFacts> {
    return this.#read((outbox) => outbox.sessions(after, until, limit));
  }

  /** Parked changes that are to be tried again, each with what is to be sent; null where the ledger no longer has it. */
  retries(
    sink: SinkName,
    limit: number,
    folds: boolean,
  ): { row: ParkedRow; record: RecordText | MessageRecord | SessionFacts | null }[] {
    const rows = this.#handle.run((database) => retryingParked(database, sink, limit));
    return rows.map((row) => {
      const record =
        row.body === null
          ? (this.#read((outbox) => outbox.find(row.stream, row.position, folds))?.record ?? null)
          : (JSON.parse(row.body) as MessageRecord | SessionFacts);
      return { row, record: record !== null && !folds && "message_uuid" in record ? toText(record) : record };
    });
  }

  close(): void {
    this.#handle.close();
  }

  #read<T>(read: (outbox: Outbox) => T): T {
    return this.#handle.run((database) => {
      if (this.#outbox?.database !== database) this.#outbox = { database, outbox: new Outbox(database) };
      return read(this.#outbox.outbox);
    });
  }
}

function openOutage(database: ReadableDatabase, sink: SinkName): OutageSave | null {
  const row = database
    .prepare(
      `SELECT since_ts AS since, until_ts AS until, message, tries FROM sync_outages
       WHERE sink = ? AND until_ts IS NULL ORDER BY since_ts DESC LIMIT 1`,
    )
    .get(sink) as OutageSave | undefined;
  return row ?? null;
}

function ordersOf(database: ReadableDatabase, sink: SinkName): SinkOrders {
  const paused = database.prepare("SELECT paused FROM sync_sinks WHERE sink = ?").pluck().get(sink);
  const retrying = database
    .prepare("SELECT count(*) FROM sync_parked WHERE sink = ? AND retrying = 1")
    .pluck()
    .get(sink);
  const resends = database
    .prepare(
      "SELECT resend_id, stream, next, last FROM sync_resends WHERE sink = ? ORDER BY resend_id LIMIT 100",
    )
    .all(sink) as Resend[];
  return { isPaused: paused === 1, retrying: Number(retrying), resends };
}
