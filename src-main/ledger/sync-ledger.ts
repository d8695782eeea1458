import type { Parked } from "../../src-shared/contract/sync.ts";
import type { SyncFacts } from "./reader/sync.ts";
import type { ReaderLink } from "./reader-link.ts";
import type { ParkedKey, RelaySave, Stream, SyncOrder } from "./sync-save.ts";
import type { WriterLink } from "./writer-link.ts";

/** What forwarding reads of the ledger and keeps in it. */
export class SyncLedger {
  readonly #writer: WriterLink;
  readonly #reader: ReaderLink;

  constructor(writer: WriterLink, reader: ReaderLink) {
    this.#writer = writer;
    this.#reader = reader;
  }

  /** Where forwarding to each sink stands. Rejects with `unavailable`. */
  facts(): Promise<SyncFacts> {
    return this.#reader.call("syncFacts", undefined);
  }

  /** One that is parked. Rejects with `not_found` or `unavailable`. */
  parkedAt(key: ParkedKey): Promise<Parked> {
    return this.#reader.call("parkedAt", key);
  }

  /** Positions of what was accepted in a time, in milliseconds since 1970; null for none. Rejects with `unavailable`. */
  positionsBetween(
    stream: Stream,
    from: number,
    to: number,
  ): Promise<readonly [first: number, last: number] | null> {
    return this.#reader.call("positionsBetween", { stream, from, to });
  }

  /** What a relay did; false where another host forwards now. Rejects with `conflict` or `unavailable`. */
  save(save: RelaySave): Promise<boolean> {
    return this.#writer.call("saveSync", save);
  }

  /** What an operator asks of forwarding; how many rows it was about. Rejects with `unavailable`. */
  order(order: SyncOrder): Promise<number> {
    return this.#writer.call("orderSync", order);
  }
}
