/** So many go out before anything is known of their size: of the largest there are, they fill the bytes. */
const LARGEST_BODY = 1024 * 1024;
/** So many bodies tell what the next ones are like. */
const ENOUGH = 32;
/** Of the average of all before, the newest body changes so much. */
const SHARE = 1 / ENOUGH;

/**
 * How many messages of each queue may be out at once. RabbitMQ counts them and not their bytes, so the count follows the
 * size of the bodies that come, and is nothing while those that are out hold too much memory.
 */
export class PrefetchWindow {
  readonly #most: number;
  readonly #bytes: number;
  readonly #queues: number;
  #count: number;
  #held = 0;
  #seen = 0;
  #average = 0;

  /** `most` of each queue, and about so many `bytes` of all together. */
  constructor({ most, bytes, queues }: { most: number; bytes: number; queues: number }) {
    this.#most = most;
    this.#bytes = bytes;
    this.#queues = queues;
    this.#count = Math.min(most, this.#fitting(LARGEST_BODY));
  }

  /** What is asked of the broker now. */
  get count(): number {
    return this.#count;
  }

  took(bytes: number): void {
    this.#held += bytes;
    this.#seen += 1;
    this.#average += (bytes - this.#average) * Math.max(SHARE, 1 / this.#seen);
  }

  settled(bytes: number): void {
    this.#held -= bytes;
  }

  /** Whether the broker is to be asked for another count from now on. */
  change(): boolean {
    const count = this.#wanted();
    const isOther = count !== this.#count;
    this.#count = count;
    return isOther;
  }

  #wanted(): number {
    if (this.#held > this.#bytes) return 0;
    const fitting = this.#fitting(this.#average);
    if (this.#count === 0) return this.#held > this.#bytes / 2 ? 0 : fitting;
    // Each change is two round trips: not for a little more.
    const isWorth = this.#seen >= ENOUGH && fitting >= Math.min(2 * this.#count, this.#most);
    return isWorth ? fitting : this.#count;
  }

  #fitting(average: number): number {
    const each = Math.floor(this.#bytes / (Math.max(1, average) * this.#queues));
    return Math.min(this.#most, Math.max(1, each));
  }
}
