import { SECOND_MS } from "../../src-shared/time.ts";

const SECONDS = 10;

/** How many a second, over the last ten. */
export class Rate {
  readonly #counts = new Map<number, number>();

  add(count: number, now: number): void {
    const second = Math.floor(now / SECOND_MS);
    this.#counts.set(second, (this.#counts.get(second) ?? 0) + count);
    for (const old of this.#counts.keys()) if (old <= second - SECONDS) this.#counts.delete(old);
  }

  perSecond(now: number): number {
    const oldest = Math.floor(now / SECOND_MS) - SECONDS;
    let sum = 0;
    let first = Number.POSITIVE_INFINITY;
    for (const [second, count] of this.#counts) {
      if (second <= oldest) continue;
      sum += count;
      first = Math.min(first, second);
    }
    if (sum === 0) return 0;
    return sum / Math.max(1, Math.min(SECONDS, now / SECOND_MS - first));
  }
}
