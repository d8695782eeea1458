import { Bookmark } from "lucide-react";
import { useNavigate } from "../shell/navigation.ts";
import { viewHref } from "../views/active-view.ts";
import { useSavedViews } from "../views/use-saved-views.ts";
import type { Command } from "./command.ts";

/** The saved views, each by its name. */
export function useViewCommands(): readonly Command[] {
  const navigate = useNavigate();
  const { views } = useSavedViews();
  return views.map((view) => ({
    id: `view ${view.view_id}`,
    label: view.name,
    note: view.q,
    keywords: `view ${view.q}`,
    icon: Bookmark,
    run: () => navigate(viewHref(view)),
  }));
}
