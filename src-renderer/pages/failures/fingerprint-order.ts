import type { Fingerprint } from "../../../src-shared/contract/statistics.ts";

/** By what the table can be sorted; each begins with its most telling end. */
export const ORDERS = ["count", "change", "sessions", "first", "last"] as const;
export type Order = (typeof ORDERS)[number];

const RANK: Readonly<Record<Order, (fingerprint: Fingerprint) => number>> = {
  count: ({ count }) => count,
  change: ({ count, previous_count }) => count - previous_count,
  sessions: ({ sessions }) => sessions,
  first: ({ first_seen_ts }) => Date.parse(first_seen_ts),
  last: ({ last_seen_ts }) => Date.parse(last_seen_ts),
};

export function toOrder(text: string): Order {
  return ORDERS.find((order) => order === text) ?? "count";
}

/** The greatest, newest or most grown first, or the other way round; what is equal stays as it was. */
export function sortFingerprints(
  fingerprints: readonly Fingerprint[],
  order: Order,
  direction: "asc" | "desc",
): Fingerprint[] {
  const rank = RANK[order];
  const sign = direction === "desc" ? -1 : 1;
  return fingerprints.toSorted((a, b) => sign * (rank(a) - rank(b)));
}
