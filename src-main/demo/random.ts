export type Random = {
  /** At least 0, less than 1. */
  next(): number;
  /** A whole number, both ends included. */
  integer(min: number, max: number): number;
  chance(share: number): boolean;
  pick<T>(list: readonly T[]): T;
  /** Picks by weight; the weights need no certain sum. */
  weighted<T>(list: readonly { weight: number; value: T }[]): T;
  /** Most values lie about the median, a few far above it, as waiting times do. */
  logNormal(median: number, sigma: number): number;
  shuffled<T>(list: readonly T[]): T[];
  text(alphabet: string, length: number): string;
};

export const HEX = "0123456789abcdef";
export const BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz";

/** Mulberry32: the same sequence for the same seed, on every machine. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const integer = (min: number, max: number): number => min + Math.floor(next() * (max - min + 1));
  const pick = <T>(list: readonly T[]): T => {
    if (list.length === 0) throw new RangeError("There is nothing to pick from");
    return list[integer(0, list.length - 1)] as T;
  };
  return {
    next,
    integer,
    pick,
    chance: (share) => next() < share,
    weighted(list) {
      let left = next() * list.reduce((sum, { weight }) => sum + weight, 0);
      for (const { weight, value } of list) {
        left -= weight;
        if (left < 0) return value;
      }
      return pick(list).value;
    },
    logNormal(median, sigma) {
      const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
      return median * Math.exp(sigma * normal);
    },
    shuffled(list) {
      const copy = [...list];
      for (let last = copy.length - 1; last > 0; last -= 1) {
        const other = integer(0, last);
        [copy[last], copy[other]] = [copy[other] as (typeof copy)[0], copy[last] as (typeof copy)[0]];
      }
      return copy;
    },
    text(alphabet, length) {
      let text = "";
      for (let index = 0; index < length; index += 1)
        text += alphabet.charAt(integer(0, alphabet.length - 1));
      return text;
    },
  };
}
