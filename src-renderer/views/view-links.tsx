import { Bookmark } from "lucide-react";
import { Link, useSearch } from "wouter";
import { classes } from "../ui/classes.ts";
import { viewHref } from "./active-view.ts";
import { useSavedViews } from "./use-saved-views.ts";
import styles from "./views.module.css";

/** The sidebar is no place for all of a hundred: the menu beside the search has the rest. */
const SHOWN = 12;

/** The saved views under Messages in the navigation. */
export function ViewLinks({ onGo }: { onGo?: (() => void) | undefined }) {
  const { views } = useSavedViews();
  const open = new URLSearchParams(useSearch()).get("view");
  if (views.length === 0) return null;
  return (
    <ul className={styles.links} aria-label="Saved views">
      {views.slice(0, SHOWN).map((view) => (
        <li key={view.view_id}>
          <Link
            aria-current={view.view_id === open ? "true" : undefined}
            className={classes(styles.link, view.view_id === open && styles.current)}
            href={viewHref(view)}
            title={view.q}
            onClick={onGo}
          >
            <Bookmark aria-hidden size={13} />
            <span className={styles.linkText}>{view.name}</span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
