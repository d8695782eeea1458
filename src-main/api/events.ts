import type { EventEnvelope } from "../../src-shared/contract/index.ts";

type Listener = (envelope: EventEnvelope) => void;

/** What the host tells every UI unasked. Changes of messages have a way of their own: see `LiveFeed`. */
export class HostEvents {
  readonly #listeners = new Set<Listener>();

  emit(envelope: EventEnvelope): void {
    for (const listener of this.#listeners) listener(envelope);
  }

  /** Gives the function that ends it. */
  on(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
