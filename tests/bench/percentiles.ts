export type Spread = { count: number; p50: number; p95: number; p99: number; max: number };

/** Of at least one figure; nearest rank, so that each is one that was measured. */
export function spreadOf(figures: ArrayLike<number>): Spread {
  if (figures.length === 0) throw new RangeError("Nothing was measured");
  const sorted = Float64Array.from(figures).sort();
  const at = (share: number): number =>
    sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

export function median(figures: ArrayLike<number>): number {
  return spreadOf(figures).p50;
}
