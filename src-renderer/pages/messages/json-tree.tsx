import { ChevronRight, Filter, FilterX } from "lucide-react";
import { type KeyboardEvent, useId, useMemo, useRef, useState } from "react";
import { classes } from "../../ui/classes.ts";
import { IconButton } from "../../ui/icon-button.tsx";
import type { FieldValue } from "./field-value.ts";
import { jsonFilter } from "./json-filter.ts";
import {
  CHILDREN_SHOWN,
  initiallyExpanded,
  type JsonRow,
  type JsonTreeState,
  jsonRows,
} from "./json-rows.ts";
import styles from "./json-tree.module.css";

type JsonTreeProps = {
  value: Record<string, unknown>;
  label: string;
  /** Where in the record it is, and what filters by a value of it; left out where no query can. */
  filtering?: { field: "data" | "meta"; onFilter: (value: FieldValue, exclude: boolean) => void };
};

/** JSON as a tree that opens and closes, with the keys of the ARIA tree pattern. */
export function JsonTree({ value, label, filtering }: JsonTreeProps) {
  const [state, setState] = useState<JsonTreeState>(() => ({
    expanded: initiallyExpanded(value),
    shown: new Map(),
  }));
  const [activePath, setActivePath] = useState<string | null>(null);
  const tree = useRef<HTMLDivElement>(null);
  const idPrefix = useId();
  const rows = useMemo(() => jsonRows(value, state), [value, state]);
  const activeIndex = Math.max(
    0,
    rows.findIndex((row) => row.path === activePath),
  );

  const focusRow = (index: number) => {
    const row = rows[Math.min(Math.max(index, 0), rows.length - 1)];
    if (row === undefined) return;
    setActivePath(row.path);
    tree.current?.querySelector<HTMLElement>(`[data-path="${CSS.escape(row.path)}"]`)?.focus();
  };

  const setExpanded = (row: JsonRow, open: boolean) => {
    setState((old) => {
      const expanded = new Set(old.expanded);
      if (open) expanded.add(row.path);
      else expanded.delete(row.path);
      return { ...old, expanded };
    });
  };

  const activate = (row: JsonRow) => {
    setActivePath(row.path);
    if (row.kind === "more") {
      const path = row.parent ?? "";
      setState((old) => ({
        ...old,
        shown: new Map(old.shown).set(path, (old.shown.get(path) ?? CHILDREN_SHOWN) + CHILDREN_SHOWN),
      }));
    } else if (row.expandable) {
      setExpanded(row, !row.expanded);
    }
  };

  const filterBy = (row: JsonRow, exclude: boolean) => {
    const filter = filtering === undefined ? null : jsonFilter(filtering.field, row);
    if (filter !== null) filtering?.onFilter(filter, exclude);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[activeIndex];
    if (row === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "ArrowDown") focusRow(activeIndex + 1);
    else if (event.key === "ArrowUp") focusRow(activeIndex - 1);
    else if (event.key === "Home") focusRow(0);
    else if (event.key === "End") focusRow(rows.length - 1);
    else if (event.key === "f" || event.key === "x") filterBy(row, event.key === "x");
    else if (event.key === "Enter" || event.key === " ") activate(row);
    else if (event.key === "ArrowRight" && row.expandable) {
      if (row.expanded) focusRow(activeIndex + 1);
      else setExpanded(row, true);
    } else if (event.key === "ArrowLeft") {
      if (row.expanded) setExpanded(row, false);
      else if (row.parent !== null) focusRow(rows.findIndex(({ path }) => path === row.parent));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div ref={tree} role="tree" aria-label={label} className={styles.tree} onKeyDown={onKeyDown}>
      {rows.map((row, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the tree around it has the keys.
        <div
          key={row.path}
          id={`${idPrefix}${row.path}`}
          role="treeitem"
          aria-level={row.level}
          aria-posinset={row.position}
          aria-setsize={row.setSize}
          aria-expanded={row.expandable ? row.expanded : undefined}
          aria-selected={index === activeIndex}
          tabIndex={index === activeIndex ? 0 : -1}
          data-path={row.path}
          className={styles.row}
          style={{ paddingInlineStart: `calc(${row.level - 1} * var(--space-4))` }}
          onClick={() => activate(row)}
          onFocus={() => setActivePath(row.path)}
        >
          <ChevronRight
            aria-hidden
            className={classes(
              styles.chevron,
              row.expanded && styles.chevronOpen,
              !row.expandable && styles.chevronHidden,
            )}
          />
          {row.kind !== "more" && <span className={styles.name}>{row.name}</span>}
          <span className={classes(styles.value, styles[row.kind])}>{row.text}</span>
          {filtering !== undefined && jsonFilter(filtering.field, row) !== null && (
            <span className={styles.actions}>
              <IconButton
                icon={Filter}
                label={`Filter by this ${row.name}`}
                shortcut="f"
                size="sm"
                tabIndex={-1}
                onClick={() => filterBy(row, false)}
              />
              <IconButton
                icon={FilterX}
                label={`Exclude this ${row.name}`}
                shortcut="x"
                size="sm"
                tabIndex={-1}
                onClick={() => filterBy(row, true)}
              />
            </span>
          )}
        </div>
      ))}
    </div>
  );
}
