import type { Histogram } from "../../../src-shared/contract/messages.ts";
import { STATUSES, type Status } from "../../../src-shared/status.ts";
import { formatTime } from "../../../src-shared/time.ts";
import { BUCKETS_MS } from "./period.ts";

const CODES = new Map<string, number>(STATUSES.map((status, code) => [status, code]));

/**
 * Counts by time and status with as many buckets as wanted, over a span that is not known before
 * the last row: it starts fine, and each time the span outgrows the buckets goes on with the next
 * coarser width. One pass, rows in any order, constant memory.
 */
export class TimeCounts {
  readonly #most: number;
  #step = 0;
  #width: number = BUCKETS_MS[0];
  #first = Number.POSITIVE_INFINITY;
  #last = Number.NEGATIVE_INFINITY;
  #counts = new Map<number, Uint32Array>();

  constructor(most: number, leastWidth: number) {
    this.#most = most;
    while (this.#width < leastWidth) this.#coarsen();
  }

  /** The width that counts of this span end with, `first` and `last` in milliseconds since 1970. */
  static widthFor(first: number, last: number, most: number): number {
    const counts = new TimeCounts(most, 0);
    counts.add(first, "pending", 0);
    counts.add(last, "pending", 0);
    return counts.width;
  }

  add(ts: number, status: string, count: number): void {
    let bucket = Math.floor(ts / this.#width);
    if (bucket < this.#first || bucket > this.#last) {
      this.#first = Math.min(this.#first, bucket);
      this.#last = Math.max(this.#last, bucket);
      while (this.#last - this.#first >= this.#most) this.#coarsen();
      bucket = Math.floor(ts / this.#width);
    }
    let counts = this.#counts.get(bucket);
    if (counts === undefined) {
      counts = new Uint32Array(STATUSES.length);
      this.#counts.set(bucket, counts);
    }
    const code = CODES.get(status) ?? 0;
    counts[code] = (counts[code] ?? 0) + count;
  }

  get width(): number {
    return this.#width;
  }

  finish(now: number): Histogram {
    if (this.#counts.size === 0) this.#first = this.#last = Math.floor(now / this.#width);
    return {
      from: formatTime(this.#first * this.#width),
      to: formatTime((this.#last + 1) * this.#width),
      bucket_seconds: this.#width / 1_000,
      buckets: Array.from({ length: this.#last - this.#first + 1 }, (_, index) => ({
        ts: formatTime((this.#first + index) * this.#width),
        counts: named(this.#counts.get(this.#first + index)),
      })),
    };
  }

  #coarsen(): void {
    this.#step += 1;
    const width = BUCKETS_MS[this.#step] ?? this.#width * 2;
    const factor = width / this.#width;
    const counts = new Map<number, Uint32Array>();
    for (const [bucket, fine] of this.#counts) {
      const coarse = counts.get(Math.floor(bucket / factor));
      if (coarse === undefined) counts.set(Math.floor(bucket / factor), fine);
      else for (const [code, count] of fine.entries()) coarse[code] = (coarse[code] ?? 0) + count;
    }
    this.#counts = counts;
    this.#width = width;
    this.#first = Math.floor(this.#first / factor);
    this.#last = Math.floor(this.#last / factor);
  }
}

function named(counts: Uint32Array | undefined): Partial<Record<Status, number>> {
  const result: Partial<Record<Status, number>> = {};
  for (const [code, status] of STATUSES.entries()) {
    const count = counts?.[code] ?? 0;
    if (count > 0) result[status] = count;
  }
  return result;
}
