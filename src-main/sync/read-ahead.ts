import type { MessageRecord } from "../../src-shared/record.ts";
import type { OutboxPage, SessionFacts } from "../ledger/reader/outbox.ts";
import type { RecordText } from "../ledger/reader/record-text.ts";
import type { Stream } from "../ledger/sync-save.ts";
import type { RelayLedger } from "./relay-ledger.ts";
import type { Sink } from "./sink.ts";

export type Page = OutboxPage<RecordText | MessageRecord | SessionFacts>;

/** What is read: what follows a position of a stream, up to another one, of so many changes at most. */
export type Span = { stream: Stream; after: number; until: number; limit: number };

/** Reads the outbox for one sink, and the next page while the sink is busy with the one before it. */
export class ReadAhead {
  readonly #ledger: RelayLedger;
  #next: { span: Span; page: Page } | null = null;

  constructor(ledger: RelayLedger) {
    this.#ledger = ledger;
  }

  /** Throws the ledger's error. */
  read(span: Span, sink: Pick<Sink, "folds">): Page {
    const next = this.#next;
    this.#next = null;
    if (next !== null && next.span.stream === span.stream && next.span.after === span.after) return next.page;
    return readPage(this.#ledger, span, sink);
  }

  /** Reads what `read` will be asked for next. Where the ledger can't be read now, that will tell. */
  prepare(span: Span, sink: Pick<Sink, "folds">): void {
    this.#next = null;
    if (span.after >= span.until) return;
    try {
      this.#next = { span, page: readPage(this.#ledger, span, sink) };
    } catch {
      this.#next = null;
    }
  }

  drop(): void {
    this.#next = null;
  }
}

/** As the sink wants it. Throws the ledger's error. */
export function readPage(
  ledger: RelayLedger,
  { stream, after, until, limit }: Span,
  { folds }: Pick<Sink, "folds">,
): Page {
  if (stream === "session") return ledger.sessions(after, until, limit);
  return folds ? ledger.messages(after, until, limit) : ledger.texts(after, until, limit);
}
