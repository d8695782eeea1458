import { useEffect } from "react";
import { useSavedViews } from "../../views/use-saved-views.ts";

/** While a view that was saved with its columns is open, the table has those. */
export function useViewColumns(viewId: string, lend: (keys: readonly string[] | null) => void): void {
  const { views } = useSavedViews();
  const view = views.find(({ view_id }) => view_id === viewId);
  // A text, so that settings that were fetched anew do not undo what was changed since.
  const kept = view?.columns === undefined || view.columns === null ? null : JSON.stringify(view.columns);
  useEffect(() => {
    lend(kept === null ? null : (JSON.parse(kept) as string[]));
  }, [kept, lend]);
}
