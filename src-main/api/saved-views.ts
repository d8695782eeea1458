import { MAX_VIEWS, type View } from "../../src-shared/contract/views.ts";
import { WaybillError } from "../../src-shared/errors.ts";

const collator = new Intl.Collator("en", { sensitivity: "base", numeric: true });

/**
 * The list with this view in it, by name. Throws `conflict` where another one has the name, in whatever
 * case, or where there is no room for one more.
 */
export function withView(views: readonly View[], view: View): View[] {
  const others = views.filter(({ view_id }) => view_id !== view.view_id);
  const namesake = others.find(({ name }) => collator.compare(name, view.name) === 0);
  if (namesake !== undefined) {
    throw new WaybillError("conflict", `There is a view “${namesake.name}” already. Choose another name.`);
  }
  if (others.length >= MAX_VIEWS) {
    throw new WaybillError("conflict", `${MAX_VIEWS} views are kept at most. Delete one that is not needed.`);
  }
  return [...others, view].sort((a, b) => collator.compare(a.name, b.name));
}

/** The list without the view. Throws `not_found` where it is not there. */
export function withoutView(views: readonly View[], viewId: string): View[] {
  const others = views.filter(({ view_id }) => view_id !== viewId);
  if (others.length === views.length) {
    throw new WaybillError("not_found", "This view is gone. Somebody else has deleted it.");
  }
  return others;
}
