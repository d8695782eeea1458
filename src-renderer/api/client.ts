import { createContext, useContext } from "react";
import type { Input, Output, ProcedureName } from "../../src-shared/contract/index.ts";
import { toWaybillError } from "../../src-shared/errors.ts";
import type { Carrier } from "./carrier.ts";

export type Client = {
  /** Asks the core; rejects with `WaybillError`. */
  call<N extends ProcedureName>(
    name: N,
    input: Input<N>,
    options?: { signal?: AbortSignal },
  ): Promise<Output<N>>;
};

export function createClient(carrier: Carrier): Client {
  return {
    async call<N extends ProcedureName>(name: N, input: Input<N>, options: { signal?: AbortSignal } = {}) {
      const reply = await carrier.call(name, input, options.signal);
      if (!reply.ok) throw toWaybillError(reply.error);
      // The host checked it against the same contract.
      return reply.value as Output<N>;
    },
  };
}

export const ClientContext = createContext<Client | null>(null);

/** The client of this window. Throws outside of `ApiProvider`. */
export function useClient(): Client {
  const client = useContext(ClientContext);
  if (client === null) throw new Error("useClient needs an ApiProvider above it");
  return client;
}
