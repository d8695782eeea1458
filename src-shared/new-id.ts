import { v7 } from "uuid";

// Node and browsers both have it; here neither one's types are.
declare const crypto: { getRandomValues(bytes: Uint8Array): unknown };

const ID_BYTES = 16;
/** One call for random bytes costs more than all the rest of an id: they are fetched for 256 ids at once. */
const pool = new Uint8Array(256 * ID_BYTES);
let taken = pool.length;

let msecs = Number.NEGATIVE_INFINITY;
let seq = 0;

/**
 * A UUIDv7, always above the one before in this thread: an index on ids grows at its end. As RFC 9562 has it (6.2,
 * method 1), a counter begins anew at random with each millisecond, and goes on where the clock stands or goes back.
 */
export function newId(): string {
  if (taken === pool.length) {
    crypto.getRandomValues(pool);
    taken = 0;
  }
  const random = pool.subarray(taken, taken + ID_BYTES);
  taken += ID_BYTES;

  const now = Date.now();
  if (now > msecs) {
    msecs = now;
    seq = counterStart(random);
  } else {
    seq = (seq + 1) | 0;
    if (seq === 0) msecs += 1;
  }
  return v7({ random, msecs, seq });
}

/** 31 random bits: the highest of 32 stays 0, as room to count. */
function counterStart(random: Uint8Array): number {
  const [a = 0, b = 0, c = 0, d = 0] = random;
  return ((a & 0x7f) << 24) | (b << 16) | (c << 8) | d;
}
