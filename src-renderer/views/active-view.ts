import type { View } from "../../src-shared/contract/views.ts";

export type ActiveView = {
  view: View;
  /** What is shown is no longer what was saved. */
  isChanged: boolean;
};

/** What the Messages page shows, as far as a view keeps it. */
export type ShownQuery = {
  /** The view that was opened; empty for none. */
  viewId: string;
  q: string;
  columns: readonly string[];
};

/** The view that was opened last, also where its query was changed since; else one with this very query. */
export function activeView(views: readonly View[], { viewId, q, columns }: ShownQuery): ActiveView | null {
  const opened = views.find(({ view_id }) => view_id === viewId);
  if (opened === undefined) {
    const same = q === "" ? undefined : views.find((view) => view.q === q && view.columns === null);
    return same === undefined ? null : { view: same, isChanged: false };
  }
  const sameColumns = opened.columns === null || opened.columns.join() === columns.join();
  return { view: opened, isChanged: opened.q !== q || !sameColumns };
}

export function viewHref({ view_id, q }: View): string {
  return `/messages?${new URLSearchParams(q === "" ? { view: view_id } : { q, view: view_id })}`;
}
