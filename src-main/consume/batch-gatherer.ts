import type { Delivery } from "./delivery.ts";

export type BatchLimits = {
  /** How many messages a batch has at most. */
  size: number;
  /** How long its first one waits for others, in milliseconds. */
  intervalMs: number;
  /** How many bytes of bodies it has at most; one larger than that goes alone. */
  bytes: number;
};

/** Gathers what comes one by one into batches. One caller at a time takes them. */
export class BatchGatherer {
  readonly #limits: BatchLimits;
  #waiting: Delivery[] = [];
  #bytes = 0;
  #firstAt = 0;
  #wake: () => void = () => {};

  constructor(limits: BatchLimits) {
    this.#limits = limits;
  }

  add(delivery: Delivery): void {
    if (this.#waiting.length === 0) this.#firstAt = Date.now();
    this.#waiting.push(delivery);
    this.#bytes += delivery.body.length;
    // The first one starts the clock, the last one ends it.
    if (this.#waiting.length === 1 || this.#isFull) this.#wake();
  }

  /** What waited when its channel ended comes again by another. */
  clear(): void {
    this.#waiting = [];
    this.#bytes = 0;
  }

  /**
   * The next batch, once it is full or its first message has waited long enough; empty where nothing comes for so many
   * milliseconds, and once the signal is aborted.
   */
  async next(signal: AbortSignal, idleMs: number): Promise<Delivery[]> {
    const idleAt = Date.now() + idleMs;
    for (;;) {
      if (signal.aborted) return [];
      if (this.#isFull) return this.#take();
      const hasSome = this.#waiting.length > 0;
      const left = (hasSome ? this.#firstAt + this.#limits.intervalMs : idleAt) - Date.now();
      if (left <= 0) return this.#take();
      await this.#sleep(left, signal);
    }
  }

  get #isFull(): boolean {
    return this.#waiting.length >= this.#limits.size || this.#bytes >= this.#limits.bytes;
  }

  #take(): Delivery[] {
    let bytes = 0;
    let count = 0;
    for (const { body } of this.#waiting) {
      if (count === this.#limits.size || (count > 0 && bytes + body.length > this.#limits.bytes)) break;
      bytes += body.length;
      count += 1;
    }
    const batch = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    this.#bytes -= bytes;
    // What is left waited as long as this batch was written.
    this.#firstAt = Date.now();
    return batch;
  }

  /** Until something comes that matters, the time is over or the signal is aborted. */
  #sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#wake(), ms);
      const onAbort = (): void => this.#wake();
      this.#wake = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", onAbort);
        this.#wake = () => {};
        resolve();
      };
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }
}
