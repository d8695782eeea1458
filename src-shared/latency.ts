/**
 * Latencies are counted in bins that grow by a twelfth of an octave, so that a percentile is
 * off by less than 3 % from a millisecond to decades, and any period is a sum of small rows.
 */
const BINS_PER_OCTAVE = 12;

/** Bin 0 holds everything under 1 ms, also what a wrong clock made negative. */
export function latencyBin(ms: number): number {
  return ms < 1 ? 0 : 1 + Math.floor(Math.log2(ms) * BINS_PER_OCTAVE);
}

function binMiddle(bin: number): number {
  return bin === 0 ? 0 : 2 ** ((bin - 0.5) / BINS_PER_OCTAVE);
}

export type LatencyCount = { bin: number; count: number };

/** The latency in milliseconds that the given share (0 to 1) stays under; null without any. */
export function percentile(counts: readonly LatencyCount[], share: number): number | null {
  const sorted = counts.filter(({ count }) => count > 0).sort((a, b) => a.bin - b.bin);
  const total = sorted.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return null;
  let seen = 0;
  for (const { bin, count } of sorted) {
    seen += count;
    if (seen >= share * total) return binMiddle(bin);
  }
  return null;
}
