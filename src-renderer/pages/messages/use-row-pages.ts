import {
  keepPreviousData,
  type UseQueryOptions,
  useQueries,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useEffect, useState } from "react";
import type { WaybillError } from "../../../src-shared/errors.ts";
import type { MessageRecord } from "../../../src-shared/record.ts";
import { useClient } from "../../api/client.ts";
import { PAGE_ROWS } from "./page-window.ts";
import type { Snapshot } from "./use-snapshot.ts";

/** A page has to stay in view this long before it is asked for: the thumb passes thousands. */
const SETTLE_MS = 60;
/** Pages that left the view stay in memory this long. */
const KEEP_MS = 30_000;

type Page = { messages: readonly MessageRecord[] };
type PageQuery = UseQueryOptions<Page, WaybillError>;

export type RowPages = {
  /** The rows of a page, or undefined while it is fetched. */
  page: (number: number) => readonly MessageRecord[] | undefined;
  /** Why a page in view is missing. */
  error: WaybillError | null;
  retry: () => void;
};

/** The pages in view of a snapshot. A page that leaves the view before it arrived is cancelled. */
export function useRowPages(snapshot: Snapshot | null, wanted: readonly number[]): RowPages {
  const client = useClient();
  const queries = useQueryClient();
  const settled = useSettled(wanted);
  const numbers = snapshot === null ? [] : settled.filter((number) => number > 0);
  const results = useQueries({
    queries: numbers.map((number): PageQuery => {
      const input = pageInput(snapshot, number);
      return {
        queryKey: ["messages.window", input],
        queryFn: ({ signal }) => client.call("messages.window", input, { signal }),
        staleTime: Number.POSITIVE_INFINITY,
        gcTime: KEEP_MS,
      };
    }),
  });
  const failed = results.filter((result) => result.error !== null);
  return {
    page: (number) => {
      if (number === 0) return snapshot?.firstPage;
      const at = numbers.indexOf(number);
      if (at !== -1) return results[at]?.data?.messages;
      // Not asked for (yet), but perhaps still here from an earlier pass.
      return queries.getQueryData<Page>(["messages.window", pageInput(snapshot, number)])?.messages;
    },
    error: failed[0]?.error ?? null,
    retry: () => {
      for (const result of failed) void result.refetch();
    },
  };
}

function pageInput(snapshot: Snapshot | null, number: number) {
  return {
    q: snapshot?.q ?? "",
    offset: number * PAGE_ROWS,
    limit: PAGE_ROWS,
    until: snapshot?.until ?? null,
  };
}

/** How many messages the snapshot has. */
export function useRowCount(snapshot: Snapshot | null): {
  count: number | undefined;
  error: WaybillError | null;
} {
  const client = useClient();
  const input = { q: snapshot?.q ?? "", until: snapshot?.until ?? null };
  const query = useQuery<{ q: string; count: number }, WaybillError>({
    queryKey: ["messages.count", input],
    queryFn: async ({ signal }) => {
      const { count } = await client.call("messages.count", input, { signal });
      return { q: input.q, count };
    },
    enabled: snapshot !== null,
    staleTime: Number.POSITIVE_INFINITY,
    // For the same query an older count is near; for another one it means nothing.
    placeholderData: keepPreviousData,
  });
  const count = query.data?.q === input.q ? query.data.count : undefined;
  return { count: snapshot === null ? undefined : count, error: query.error };
}

/** The same numbers, once they have stayed for a moment. */
function useSettled(wanted: readonly number[]): readonly number[] {
  const key = wanted.join(",");
  const [settled, setSettled] = useState({ key, wanted });
  useEffect(() => {
    if (key === settled.key) return undefined;
    const timer = setTimeout(
      () => setSettled({ key, wanted: key === "" ? [] : key.split(",").map(Number) }),
      SETTLE_MS,
    );
    return () => clearTimeout(timer);
  }, [key, settled.key]);
  return settled.wanted;
}
