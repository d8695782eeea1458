import { useCallback } from "react";
import type { View } from "../../../src-shared/contract/views.ts";
import { useUrlState } from "../../shell/url-state.ts";

const DEFAULTS = { q: "", message: "", live: "", view: "" } as const;

export type MessagesUrl = {
  q: string;
  /** Open in the drawer; empty for none. */
  uuid: string;
  live: boolean;
  /** The saved view that was opened; empty for none. */
  viewId: string;
  search: (q: string) => void;
  openView: (view: View) => void;
  open: (uuid: string) => void;
  close: () => void;
  setLive: (live: boolean) => void;
};

/** What the page shows, as the address says it. */
export function useMessagesUrl(): MessagesUrl {
  const [{ q, message, live, view }, set] = useUrlState(DEFAULTS);
  return {
    q,
    uuid: message,
    live: live === "on",
    viewId: view,
    // Narrowing a view stays with it, so that it can be updated; everything is no view any more.
    search: useCallback((next) => set({ q: next, message: "", ...(next === "" && { view: "" }) }), [set]),
    openView: useCallback(({ q: saved, view_id }) => set({ q: saved, message: "", view: view_id }), [set]),
    // From one message to the next is no step that Back should take back.
    open: useCallback((uuid) => set({ message: uuid }, { replace: message !== "" }), [set, message]),
    close: useCallback(() => set({ message: "" }), [set]),
    setLive: useCallback((on) => set({ live: on ? "on" : "" }, { replace: true }), [set]),
  };
}
