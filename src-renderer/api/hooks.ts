import {
  type InfiniteData,
  keepPreviousData,
  type UseInfiniteQueryResult,
  type UseMutationOptions,
  type UseMutationResult,
  type UseQueryResult,
  useInfiniteQuery,
  useMutation,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import type { Input, Output, ProcedureName } from "../../src-shared/contract/index.ts";
import type { WaybillError } from "../../src-shared/errors.ts";
import { useClient } from "./client.ts";

export type ProcedureOptions = {
  enabled?: boolean;
  /** Refetched, throttled, when an event says that it changed. By default all but `messages.*`. */
  live?: boolean;
  /** Shows the answer to the last input until the one to this input is there. */
  keepPrevious?: boolean;
  refetchInterval?: number | false;
  staleTime?: number;
};

type PagedName =
  | "messages.search"
  | "messages.bySubject"
  | "sessions.list"
  | "sessions.undelivered"
  | "systemLogs.list"
  | "sync.parked";

export function procedureKey<N extends ProcedureName>(name: N, input?: Input<N>): readonly unknown[] {
  return input === undefined ? [name] : [name, input];
}

function queryOptions(name: ProcedureName, options: ProcedureOptions) {
  return {
    meta: { live: options.live ?? !name.startsWith("messages.") },
    ...(options.enabled === undefined ? {} : { enabled: options.enabled }),
    ...(options.refetchInterval === undefined ? {} : { refetchInterval: options.refetchInterval }),
    ...(options.staleTime === undefined ? {} : { staleTime: options.staleTime }),
  };
}

/** The answer of a procedure that reads, kept and refreshed. */
export function useProcedure<N extends ProcedureName>(
  name: N,
  input: Input<N>,
  options: ProcedureOptions = {},
): UseQueryResult<Output<N>, WaybillError> {
  const client = useClient();
  return useQuery<Output<N>, WaybillError>({
    queryKey: procedureKey(name, input),
    queryFn: ({ signal }) => client.call(name, input, { signal }),
    ...(options.keepPrevious ? { placeholderData: keepPreviousData } : {}),
    ...queryOptions(name, options),
  }) as UseQueryResult<Output<N>, WaybillError>;
}

/** The same page by page, for procedures with a cursor. */
export function useInfiniteProcedure<N extends PagedName>(
  name: N,
  input: Omit<Input<N>, "cursor">,
  options: ProcedureOptions = {},
): UseInfiniteQueryResult<InfiniteData<Output<N>>, WaybillError> {
  const client = useClient();
  return useInfiniteQuery({
    queryKey: [name, "pages", input] as readonly unknown[],
    queryFn: ({ signal, pageParam }) =>
      client.call(name, { ...input, cursor: pageParam } as Input<N>, { signal }),
    initialPageParam: null as string | null,
    getNextPageParam: (last: Output<N>) => last.next_cursor,
    ...(options.keepPrevious ? { placeholderData: keepPreviousData } : {}),
    ...queryOptions(name, options),
  }) as UseInfiniteQueryResult<InfiniteData<Output<N>>, WaybillError>;
}

/** A procedure that changes something. The caller shows its failure. */
export function useMutationProcedure<N extends ProcedureName>(
  name: N,
  options: Omit<UseMutationOptions<Output<N>, WaybillError, Input<N>>, "mutationFn"> = {},
): UseMutationResult<Output<N>, WaybillError, Input<N>> {
  const client = useClient();
  return useMutation<Output<N>, WaybillError, Input<N>>({
    ...options,
    mutationFn: (input) => client.call(name, input),
  });
}

/** Has the answers of these procedures fetched anew where they are shown. */
export function useInvalidate(): (...names: ProcedureName[]) => void {
  const queries = useQueryClient();
  return (...names) => {
    for (const name of names) void queries.invalidateQueries({ queryKey: [name] });
  };
}
