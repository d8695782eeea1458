import { useCallback } from "react";
import { useUrlState } from "../../shell/url-state.ts";

const DEFAULTS = { q: "", message: "", live: "" } as const;

export type MessagesUrl = {
  q: string;
  /** Open in the drawer; empty for none. */
  uuid: string;
  live: boolean;
  search: (q: string) => void;
  open: (uuid: string) => void;
  close: () => void;
  setLive: (live: boolean) => void;
};

/** What the page shows, as the address says it. */
export function useMessagesUrl(): MessagesUrl {
  const [{ q, message, live }, set] = useUrlState(DEFAULTS);
  return {
    q,
    uuid: message,
    live: live === "on",
    search: useCallback((next) => set({ q: next, message: "" }), [set]),
    // From one message to the next is no step that Back should take back.
    open: useCallback((uuid) => set({ message: uuid }, { replace: message !== "" }), [set, message]),
    close: useCallback(() => set({ message: "" }), [set]),
    setLive: useCallback((on) => set({ live: on ? "on" : "" }, { replace: true }), [set]),
  };
}
