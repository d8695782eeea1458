import { useSyncExternalStore } from "react";
import { type ConnectionState, useCarrier } from "./carrier.ts";

/** Whether the host can be heard right now. */
export function useConnection(): ConnectionState {
  const carrier = useCarrier();
  return useSyncExternalStore(carrier.onConnection, carrier.connection);
}
