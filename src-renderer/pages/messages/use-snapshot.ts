import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";
import type { WaybillError } from "../../../src-shared/errors.ts";
import { parseQuery } from "../../../src-shared/query/parse.ts";
import type { MessageRecord } from "../../../src-shared/record.ts";
import { useClient } from "../../api/client.ts";
import { PAGE_ROWS } from "./page-window.ts";

/** The matches of `q` as of one moment: all rows of the table are read up to its position `until`. */
export type Snapshot = {
  q: string;
  until: number;
  firstPage: readonly MessageRecord[];
  /** Asked for at this moment, in milliseconds since 1970. */
  takenMs: number;
  /** How long the first rows took, in milliseconds. */
  tookMs: number;
};

export type SnapshotState = {
  /** The last good one, also while the one for a new query is fetched or after that failed. */
  snapshot: Snapshot | null;
  /** False: the query has a mistake, so nothing is asked for. */
  isReadable: boolean;
  /** Whether it is the one for the query asked for. */
  isCurrent: boolean;
  pending: boolean;
  error: WaybillError | null;
  /** Takes it anew. */
  refresh: () => void;
};

function snapshotKey(q: string): readonly unknown[] {
  return ["messages.window", "snapshot", q];
}

export function useSnapshot(q: string): SnapshotState {
  const client = useClient();
  const queries = useQueryClient();
  const isReadable = useMemo(() => parseQuery(q, Date.now()).ok, [q]);
  const query = useQuery<Snapshot, WaybillError>({
    queryKey: snapshotKey(q),
    queryFn: async ({ signal }) => {
      const takenMs = Date.now();
      const page = await client.call("messages.window", { q, offset: 0, limit: PAGE_ROWS }, { signal });
      return { q, until: page.until, firstPage: page.messages, takenMs, tookMs: Date.now() - takenMs };
    },
    enabled: isReadable,
    // A visit or another query takes it anew; by itself, a table that is read must not move.
    staleTime: 0,
    refetchOnReconnect: false,
  });
  const [shown, setShown] = useState<Snapshot | null>(null);
  if (query.data !== undefined && query.data !== shown) setShown(query.data);
  return {
    snapshot: query.data ?? shown,
    isReadable,
    isCurrent: query.data !== undefined,
    pending: query.isFetching,
    error: query.error,
    refresh: useCallback(
      () => void queries.refetchQueries({ queryKey: snapshotKey(q), exact: true }),
      [queries, q],
    ),
  };
}
