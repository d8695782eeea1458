import type { EventData } from "../../../src-shared/contract/index.ts";
import type { TailBatch } from "../../../src-shared/desktop-bridge.ts";
import { WaybillError } from "../../../src-shared/errors.ts";

type Change = EventData<"message.changed">;

/** What waits for a page that does not keep up: beyond it the page is told that it missed some. */
const MAX_WAITING = 2_000;
/** In one message, so that none holds up the page. */
const MAX_BATCH = 500;
const MAX_TAILS = 32;

export type TailOptions = {
  /** Gives the unsubscribe; `onOpen` as with `MessageLogger.on`. Throws `invalid` for a query that is none. */
  follow: (q: string, listener: (change: Change) => void, onOpen: () => void) => () => void;
  send: (batch: TailBatch & { tail_id: number }) => void;
};

type Tail = { stop: () => void; waiting: Change[]; missed: boolean; unconfirmed: boolean };

/** The live tails of one page. Each has one batch on its way at most, so that memory stays bounded on both sides. */
export class TailFeeds {
  readonly #options: TailOptions;
  readonly #tails = new Map<number, Tail>();

  constructor(options: TailOptions) {
    this.#options = options;
  }

  /** Throws `invalid` for a query that is none, `conflict` for a number that is taken, `rate_limited` for too many. */
  open(id: number, q: string): void {
    if (this.#tails.has(id)) throw new WaybillError("conflict", `There is a tail ${id} already.`);
    if (this.#tails.size >= MAX_TAILS)
      throw new WaybillError("rate_limited", "Too many live lists are open. Close one first.");
    const tail: Tail = { stop: () => {}, waiting: [], missed: false, unconfirmed: false };
    const heard = (change: Change): void => {
      if (tail.waiting.length >= MAX_WAITING) {
        tail.waiting = [];
        tail.missed = true;
      }
      tail.waiting.push(change);
      this.#send(id, tail);
    };
    // All before it was missed.
    const opened = (): void => {
      tail.missed = true;
      this.#send(id, tail);
    };
    tail.stop = this.#options.follow(q, heard, opened);
    this.#tails.set(id, tail);
  }

  /** The page has taken the last batch. */
  confirm(id: number): void {
    const tail = this.#tails.get(id);
    if (tail === undefined) return;
    tail.unconfirmed = false;
    this.#send(id, tail);
  }

  close(id: number): void {
    this.#tails.get(id)?.stop();
    this.#tails.delete(id);
  }

  /** The page is gone, and with it whoever would close them. */
  closeAll(): void {
    for (const id of [...this.#tails.keys()]) this.close(id);
  }

  #send(id: number, tail: Tail): void {
    if (tail.unconfirmed || (tail.waiting.length === 0 && !tail.missed)) return;
    tail.unconfirmed = true;
    const { missed } = tail;
    tail.missed = false;
    this.#options.send({ tail_id: id, changes: tail.waiting.splice(0, MAX_BATCH), missed });
  }
}
