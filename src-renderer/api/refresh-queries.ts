import type { Query, QueryClient } from "@tanstack/react-query";

/** First fetches whose answer may be from before what made it old. */
const outdated = new WeakSet<Query>();

/** Asks again what the predicate names, where it is on the screen; the rest once it is shown. */
export function refreshQueries(queries: QueryClient, predicate: (query: Query) => boolean): void {
  for (const query of queries.getQueryCache().findAll({ predicate })) {
    if (isFirstFetch(query)) askAgainAfter(queries, query);
  }
  void queries.invalidateQueries({ predicate: (query) => !isFirstFetch(query) && predicate(query) });
}

/** Starting it anew with each event would keep a slow first answer from ever being shown. */
function isFirstFetch({ state }: Query): boolean {
  return state.data === undefined && state.fetchStatus === "fetching";
}

function askAgainAfter(queries: QueryClient, query: Query): void {
  if (outdated.has(query)) return;
  outdated.add(query);
  const again = (): void => {
    outdated.delete(query);
    void queries.invalidateQueries({ queryKey: query.queryKey, exact: true });
  };
  // One that fails shows its error, and the way to try again.
  query.promise?.then(again, () => outdated.delete(query));
}
