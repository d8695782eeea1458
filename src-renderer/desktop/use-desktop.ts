import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import type { DesktopState } from "../../src-shared/desktop-bridge.ts";
import { type Reply, toWaybillError, type WaybillError } from "../../src-shared/errors.ts";
import type { DesktopBridge } from "../api/desktop-bridge.ts";

export const DESKTOP_KEY = ["desktop"] as const;

/** What the desktop app is set to and does just now; `DesktopSignals` has it read anew when it changes. */
export function useDesktop(bridge: DesktopBridge): UseQueryResult<DesktopState, WaybillError> {
  return useQuery<DesktopState, WaybillError>({
    queryKey: DESKTOP_KEY,
    queryFn: () => valueOrThrow(bridge.getDesktop()),
  });
}

/** Rejects with the reply's own error. */
export async function valueOrThrow<T>(reply: Promise<Reply<T>>): Promise<T> {
  const settled = await reply;
  if (!settled.ok) throw toWaybillError(settled.error);
  return settled.value;
}
