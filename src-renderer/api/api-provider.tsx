import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { WaybillError } from "../../src-shared/errors.ts";
import { type Carrier, CarrierContext } from "./carrier.ts";
import { ClientContext, createClient } from "./client.ts";
import { useConnection } from "./connection.ts";
import { LiveQueries } from "./live-queries.tsx";

const FRESH_MS = 2_000;
const RETRIES = 2;

/** Only what may pass by itself is worth asking again. */
function isWorthRetrying(failures: number, error: unknown): boolean {
  return error instanceof WaybillError && error.code === "unavailable" && failures < RETRIES;
}

export function ApiProvider({ carrier, children }: { carrier: Carrier; children: ReactNode }) {
  const [client] = useState(() => createClient(carrier));
  const [queries] = useState(
    () =>
      new QueryClient({
        defaultOptions: {
          queries: { staleTime: FRESH_MS, retry: isWorthRetrying, refetchOnWindowFocus: false },
          mutations: { retry: false },
        },
      }),
  );
  return (
    <CarrierContext value={carrier}>
      <ClientContext value={client}>
        <QueryClientProvider client={queries}>
          <LiveQueries />
          <RefreshOnReturn queries={queries} />
          {children}
        </QueryClientProvider>
      </ClientContext>
    </CarrierContext>
  );
}

/** Events were missed while the host was away: what is shown is fetched anew. */
function RefreshOnReturn({ queries }: { queries: QueryClient }) {
  const connection = useConnection();
  const [wasLost, setWasLost] = useState(false);
  useEffect(() => {
    if (connection === "lost" || connection === "unauthorized") setWasLost(true);
    if (connection === "open" && wasLost) {
      setWasLost(false);
      void queries.invalidateQueries();
    }
  }, [connection, wasLost, queries]);
  return null;
}
