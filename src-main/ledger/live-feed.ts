import type { EventData } from "../../src-shared/contract/index.ts";
import type { Changes } from "./reader/changes.ts";

/** Changes by other processes are noticed after this long; our own at once. */
const POLL_MS = 500;
/** A commit a millisecond would otherwise be a read a millisecond. */
const SETTLE_MS = 25;

type Change = EventData<"message.changed">;

type History = {
  /** The position after all that was accepted before the call; null where that can't be told now. */
  start: () => Promise<number | null>;
  /** Rejects where the database can't be read now. */
  last: () => Promise<number>;
  after: (position: number) => Promise<Changes>;
};

/**
 * Tells listeners of every accepted change, in order, whoever made it: it follows the ledger's
 * own history by position, so a missed nudge or another process only delays it by a moment.
 */
export class LiveFeed {
  readonly #history: History;
  readonly #listeners = new Set<(change: Change) => void>();
  #following: Following | null = null;

  constructor(history: History) {
    this.#history = history;
  }

  /**
   * `onOpen` is told once all that the listener will not be told can be read: what was being committed as it subscribed
   * may be either.
   */
  subscribe(listener: (change: Change) => void, onOpen?: () => void): () => void {
    // A function of its own, so that the same listener may subscribe twice.
    const heard = (change: Change): void => listener(change);
    this.#listeners.add(heard);
    this.#following ??= new Following(this.#history, (change) => this.tell(change));
    void this.#following.begun.then(() => {
      if (this.#listeners.has(heard)) onOpen?.();
    });
    return () => {
      this.#listeners.delete(heard);
      if (this.#listeners.size === 0) this.stop();
    };
  }

  /** Something was committed here: look soon. */
  nudge(): void {
    this.#following?.nudge();
  }

  /** A record that waits in the spool is accepted too, though not yet in the ledger's history. */
  tell(change: Change): void {
    for (const listener of this.#listeners) {
      try {
        listener(change);
      } catch (error) {
        // A listener's mistake is its program's to see, and no reason to keep the change from the others.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  get wanted(): boolean {
    return this.#listeners.size > 0;
  }

  stop(): void {
    this.#following?.stop();
    this.#following = null;
  }
}

/** One stretch of following, from the first listener to the last. */
class Following {
  readonly #history: History;
  readonly #tell: (change: Change) => void;
  readonly #begun = Promise.withResolvers<void>();
  #position: number | null = null;
  #timer: NodeJS.Timeout | null = null;
  #reading = true;
  #nudged = false;
  #soon = false;
  #stopped = false;

  constructor(history: History, tell: (change: Change) => void) {
    this.#history = history;
    this.#tell = tell;
    void this.#begin();
  }

  /** Settles once it knows where it begins. */
  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  nudge(): void {
    this.#nudged = true;
    // A look that is due soon is not put off: a steady stream of nudges would put it off for ever.
    if (!this.#reading && !this.#soon) this.#schedule(SETTLE_MS);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #schedule(delay: number): void {
    if (this.#stopped) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#soon = delay <= SETTLE_MS;
    this.#timer = setTimeout(() => void this.#look(), delay);
  }

  async #begin(): Promise<void> {
    this.#beginAt(await this.#history.start().catch(() => null));
    this.#reading = false;
    this.#schedule(this.#nudged ? SETTLE_MS : POLL_MS);
  }

  #beginAt(position: number | null): void {
    this.#position = position;
    if (position !== null) this.#begun.resolve();
  }

  async #look(): Promise<void> {
    this.#reading = true;
    this.#nudged = false;
    let more = false;
    try {
      more = await this.#read();
    } catch {
      // The database can't be read now; health says so, and the next look may succeed.
    }
    this.#reading = false;
    this.#schedule(more || this.#nudged ? SETTLE_MS : POLL_MS);
  }

  /** True where there may be more at once. */
  async #read(): Promise<boolean> {
    if (this.#position === null) {
      this.#beginAt(await this.#history.last());
      return false;
    }
    const { changes, position } = await this.#history.after(this.#position);
    if (this.#stopped) return false;
    if (changes.length > 0) {
      this.#position = position;
      for (const change of changes) this.#tell(change);
      return true;
    }
    // A restore brings an older history: follow it from its end.
    this.#position = Math.min(position, await this.#history.last());
    return false;
  }
}
