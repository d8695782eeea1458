import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { expect, it, onTestFinished } from "vitest";
import { refreshQueries } from "../../src-renderer/api/refresh-queries.ts";

/** A query on the screen, whose fetches are answered by hand. */
function watch(name: string, queries: QueryClient) {
  const fetches: PromiseWithResolvers<string>[] = [];
  const observer = new QueryObserver(queries, {
    queryKey: [name],
    retry: false,
    queryFn: () => {
      const fetch = Promise.withResolvers<string>();
      fetches.push(fetch);
      return fetch.promise;
    },
  });
  onTestFinished(observer.subscribe(() => {}));
  const turn = () => new Promise((resolve) => setTimeout(resolve, 5));
  return { observer, fetches, turn };
}

it("shows a slow first answer and asks once more behind it, for it may be old", async () => {
  const queries = new QueryClient();
  const { observer, fetches, turn } = watch("slow", queries);
  await turn();
  refreshQueries(queries, () => true);
  refreshQueries(queries, () => true);
  await turn();
  expect(fetches).toHaveLength(1);
  fetches[0]?.resolve("before");
  await turn();
  expect(observer.getCurrentResult().data).toBe("before");
  expect(fetches).toHaveLength(2);
  fetches[1]?.resolve("after");
  await turn();
  expect(observer.getCurrentResult().data).toBe("after");
  expect(fetches).toHaveLength(2);
});

it("asks again at once what has its answer, and leaves alone what is not named", async () => {
  const queries = new QueryClient();
  const named = watch("named", queries);
  const other = watch("other", queries);
  await named.turn();
  for (const { fetches } of [named, other]) fetches[0]?.resolve("first");
  await named.turn();
  refreshQueries(queries, ({ queryKey }) => queryKey[0] === "named");
  await named.turn();
  expect([named.fetches.length, other.fetches.length]).toEqual([2, 1]);
});

it("does not ask again where the first answer was an error", async () => {
  const queries = new QueryClient();
  const { observer, fetches, turn } = watch("failing", queries);
  await turn();
  refreshQueries(queries, () => true);
  fetches[0]?.reject(new Error("no"));
  await turn();
  expect(observer.getCurrentResult().isError).toBe(true);
  expect(fetches).toHaveLength(1);
});
