import type { SupabaseOptions } from "../sink.ts";

export const MOST_ROWS = 500;
/** Of JSON, so that large records do not make a request that nobody takes. */
const MOST_CHARACTERS = 2 * 1024 * 1024;
const FEWEST_CHARACTERS = 16 * 1024;

/** How much goes into one request, learned from what the other side did not take. */
export class RequestLimits {
  rows = MOST_ROWS;
  characters = MOST_CHARACTERS;

  /** What passes in between can't be told, but what did not pass is not tried again. */
  tooLarge(characters: number): void {
    this.characters = Math.max(FEWEST_CHARACTERS, Math.min(this.characters, Math.floor(characters / 2)));
  }

  tooSlow(rows: number): void {
    this.rows = Math.max(1, Math.min(this.rows, Math.floor(rows / 2)));
  }

  passed(): void {
    this.rows = Math.min(MOST_ROWS, Math.ceil(this.rows * 1.25));
  }
}

/** A sink lives only until its first failure; what was learned lives as long as the configuration. */
const learned = new WeakMap<SupabaseOptions, RequestLimits>();

export function limitsOf(options: SupabaseOptions): RequestLimits {
  const known = learned.get(options) ?? new RequestLimits();
  learned.set(options, known);
  return known;
}
