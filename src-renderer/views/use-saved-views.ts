import { useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import type { Input } from "../../src-shared/contract/index.ts";
import type { Settings } from "../../src-shared/contract/upkeep.ts";
import type { View } from "../../src-shared/contract/views.ts";
import { useClient } from "../api/client.ts";
import { procedureKey, useProcedure } from "../api/hooks.ts";
import { useToast } from "../ui/toast.tsx";

export type SavedViews = {
  /** By name. */
  views: readonly View[];
  /** Rejects with `WaybillError`: the name is taken, or the settings can't be written. */
  save: (view: Input<"views.save">) => Promise<View>;
  /** Tells what happened itself, and offers to take it back. */
  remove: (view: View) => Promise<void>;
};

const NONE: readonly View[] = [];

/** The saved views of the ledger: everyone who uses it has the same. */
export function useSavedViews(): SavedViews {
  const client = useClient();
  const queries = useQueryClient();
  const toast = useToast();
  const settings = useProcedure("settings.get", {});
  const views = settings.data?.views ?? NONE;

  return useMemo(() => {
    // The host tells of the change too; this does not wait for it.
    const show = (change: (views: readonly View[]) => readonly View[]) =>
      queries.setQueryData<Settings>(procedureKey("settings.get", {}), (old) =>
        old === undefined ? old : { ...old, views: [...change(old.views)] },
      );
    const save = async (input: Input<"views.save">) => {
      const view = await client.call("views.save", input);
      show((old) => withView(old, view));
      return view;
    };
    const restore = async (view: View) => {
      try {
        await save(view);
      } catch (error) {
        toast.error(error, `“${view.name}” was not brought back`);
      }
    };
    const remove = async (view: View) => {
      try {
        await client.call("views.remove", { view_id: view.view_id });
      } catch (error) {
        toast.error(error, `“${view.name}” was not deleted`);
        return;
      }
      show((old) => old.filter(({ view_id }) => view_id !== view.view_id));
      toast.show({
        title: `View “${view.name}” deleted`,
        action: { label: "Undo", onSelect: () => void restore(view) },
      });
    };
    return { views, save, remove };
  }, [client, queries, toast, views]);
}

function withView(views: readonly View[], view: View): View[] {
  const others = views.filter(({ view_id }) => view_id !== view.view_id);
  return [...others, view].sort((a, b) => a.name.localeCompare(b.name, "en", { numeric: true }));
}
