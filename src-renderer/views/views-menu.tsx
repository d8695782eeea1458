import { Bookmark, BookmarkPlus, Check, ChevronDown, RefreshCw, Settings2 } from "lucide-react";
import { useState } from "react";
import type { View } from "../../src-shared/contract/views.ts";
import { Button } from "../ui/button.tsx";
import { Menu, MenuItem, MenuLabel, MenuSeparator } from "../ui/menu.tsx";
import { useShortcut } from "../ui/shortcuts.tsx";
import { useToast } from "../ui/toast.tsx";
import { activeView } from "./active-view.ts";
import { ManageViewsDialog } from "./manage-views-dialog.tsx";
import { useSavedViews } from "./use-saved-views.ts";
import { ViewNameDialog } from "./view-name-dialog.tsx";
import styles from "./views.module.css";

export type ViewsMenuProps = {
  viewId: string;
  q: string;
  /** Keys of the columns shown. */
  columns: readonly string[];
  onOpen: (view: View) => void;
};

/** Beside the search field: the saved views, and this query as one of them. */
export function ViewsMenu({ viewId, q, columns, onOpen }: ViewsMenuProps) {
  const { views, save, remove } = useSavedViews();
  const [naming, setNaming] = useState(false);
  const [managing, setManaging] = useState(false);
  const toast = useToast();
  const active = activeView(views, { viewId, q, columns });
  useShortcut("s", "Save the search as a view", () => setNaming(true), { group: "Messages" });

  const update = async ({ view_id, name, columns: kept }: View) => {
    try {
      const view = await save({ view_id, name, q, columns: kept === null ? null : [...columns] });
      onOpen(view);
      toast.show({ title: `View “${name}” updated`, tone: "success" });
    } catch (error) {
      toast.error(error, `“${name}” was not updated`);
    }
  };
  return (
    <div className={styles.menu}>
      <Menu
        label="Views"
        trigger={
          <Button className={styles.trigger} icon={Bookmark} iconAfter={ChevronDown} title="Saved views">
            <span className={styles.triggerText}>{active === null ? "Views" : active.view.name}</span>
            {active?.isChanged && <span className={styles.changed}>changed</span>}
          </Button>
        }
      >
        {views.length === 0 ? (
          <MenuLabel>No views yet. Save a search that you need often.</MenuLabel>
        ) : (
          <MenuLabel>Saved views</MenuLabel>
        )}
        {views.map((view) => (
          <MenuItem
            key={view.view_id}
            icon={view.view_id === active?.view.view_id ? Check : Bookmark}
            note={view.q === "" ? "all messages" : view.q}
            onSelect={() => onOpen(view)}
          >
            {view.name}
            {view.view_id === active?.view.view_id && <span className="visually-hidden"> (open)</span>}
          </MenuItem>
        ))}
        <MenuSeparator />
        {active?.isChanged && (
          <MenuItem icon={RefreshCw} onSelect={() => void update(active.view)}>
            Update “{active.view.name}” to this search
          </MenuItem>
        )}
        <MenuItem icon={BookmarkPlus} shortcut="s" onSelect={() => setNaming(true)}>
          Save as a view…
        </MenuItem>
        {views.length > 0 && (
          <MenuItem icon={Settings2} onSelect={() => setManaging(true)}>
            Rename or delete views…
          </MenuItem>
        )}
      </Menu>
      <ViewNameDialog
        open={naming}
        onOpenChange={setNaming}
        q={q}
        columns={columns}
        save={save}
        onSaved={onOpen}
      />
      <ManageViewsDialog open={managing} onOpenChange={setManaging} views={{ views, save, remove }} />
    </div>
  );
}
