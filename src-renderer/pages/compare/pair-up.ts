import type { Breakdown } from "../../../src-shared/contract/statistics.ts";

export type Pair = { key: string; a: Breakdown | undefined; b: Breakdown | undefined };

/** The rows of both sides by their keys; what changed most comes first. */
export function pairUp(a: readonly Breakdown[], b: readonly Breakdown[]): Pair[] {
  const lefts = new Map(a.map((row) => [row.key, row]));
  const rights = new Map(b.map((row) => [row.key, row]));
  const change = (pair: Pair): number => Math.abs((pair.a?.total ?? 0) - (pair.b?.total ?? 0));
  return [...new Set([...lefts.keys(), ...rights.keys()])]
    .map((key) => ({ key, a: lefts.get(key), b: rights.get(key) }))
    .sort((left, right) => change(right) - change(left) || (left.key < right.key ? -1 : 1));
}
