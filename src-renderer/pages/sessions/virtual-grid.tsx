// biome-ignore-all lint/a11y/useSemanticElements: a virtual grid; a <table> would lay out its own rows.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid keeps the focus and points at its active row.

import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type CSSProperties,
  type ReactNode,
  type RefObject,
  useEffect,
  useId,
  useRef,
  useState,
} from "react";
import { classes } from "../../ui/classes.ts";
import { useShortcut } from "../../ui/shortcuts.tsx";
import { Skeleton } from "../../ui/states.tsx";
import { gridKeyHandler } from "../messages/grid-keys.ts";
import { useElementWidth } from "../messages/use-element-width.ts";
import styles from "./virtual-grid.module.css";

const OVERSCAN = 10;
const ROWS_AHEAD = 40;
const COMPACT_BELOW_PX = 640;
const HEADER_PX = 32;

export type GridColumn<T> = {
  key: string;
  label: string;
  hideLabel?: boolean;
  /** For `grid-template-columns`. */
  track: string;
  numeric?: boolean;
  cell: (row: T) => ReactNode;
};

export type VirtualGridProps<T> = {
  label: string;
  columns: readonly GridColumn<T>[];
  rows: readonly T[];
  rowKey: (row: T) => string;
  rowHeight: number;
  /** On narrow screens a row is one cell of this height. */
  compactRow: (row: T) => ReactNode;
  compactRowHeight: number;
  /** Pixels; a narrower grid scrolls sideways. */
  leastWidth: number;
  hasMore: boolean;
  loadingMore: boolean;
  onMore: () => void;
  onOpen: (row: T) => void;
  /** What `j` and `k` move by in the help. */
  noun: string;
  gridRef?: RefObject<HTMLDivElement | null>;
};

/** A list that grows page by page, of rows that open; only those in view are drawn. */
export function VirtualGrid<T>(props: VirtualGridProps<T>) {
  const { label, columns, rows, rowKey, hasMore, loadingMore, onMore, onOpen, noun } = props;
  const own = useRef<HTMLDivElement>(null);
  const scroller = props.gridRef ?? own;
  const width = useElementWidth(scroller);
  const compact = width > 0 && width < COMPACT_BELOW_PX;
  const rowHeight = compact ? props.compactRowHeight : props.rowHeight;
  const [activeIndex, setActive] = useState<number | null>(null);
  const active = activeIndex === null || rows.length === 0 ? null : Math.min(activeIndex, rows.length - 1);
  const id = useId();
  const count = rows.length + (hasMore ? 1 : 0);
  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    // The header covers the top.
    scrollPaddingStart: 0,
    scrollPaddingEnd: compact ? 0 : HEADER_PX,
  });
  useEffect(() => {
    if (rowHeight > 0) virtualizer.measure();
  }, [virtualizer, rowHeight]);

  const items = virtualizer.getVirtualItems();
  const lastSeen = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && !loadingMore && lastSeen > rows.length - ROWS_AHEAD) onMore();
  }, [hasMore, loadingMore, lastSeen, rows.length, onMore]);

  const moveTo = (index: number) => {
    setActive(index);
    virtualizer.scrollToIndex(index, { align: "auto" });
  };
  const step = (by: number) => {
    if (rows.length === 0) return;
    moveTo(active === null ? 0 : Math.min(Math.max(active + by, 0), rows.length - 1));
    scroller.current?.focus();
  };
  useShortcut("j", `Next ${noun}`, () => step(1));
  useShortcut("k", `Previous ${noun}`, () => step(-1));

  const openAt = (index: number | null) => {
    const row = index === null ? undefined : rows[index];
    if (row !== undefined) onOpen(row);
  };
  const onKeyDown = gridKeyHandler({
    rows: rows.length,
    pageRows: Math.max(1, Math.floor((virtualizer.scrollRect?.height ?? rowHeight) / rowHeight) - 1),
    columns: 0,
    active,
    activeColumn: null,
    moveTo,
    open: () => openAt(active),
    resize: () => undefined,
  });
  const isRendered = items.some(({ index }) => index === active);
  const variables = {
    "--columns": columns.map(({ track }) => track).join(" "),
    "--row-height-px": `${rowHeight}px`,
  };
  return (
    <div
      ref={scroller}
      role="grid"
      tabIndex={0}
      aria-label={label}
      aria-rowcount={hasMore ? -1 : rows.length + (compact ? 0 : 1)}
      aria-colcount={compact ? 1 : columns.length}
      aria-activedescendant={isRendered ? `${id}-${active}` : undefined}
      aria-busy={loadingMore}
      className={styles.grid}
      style={variables as CSSProperties}
      onKeyDown={onKeyDown}
      onFocus={(event) => {
        const byKeyboard = event.target === event.currentTarget && event.target.matches(":focus-visible");
        if (byKeyboard && active === null && rows.length > 0) setActive(0);
      }}
    >
      <div style={{ minWidth: compact ? 0 : props.leastWidth }}>
        {!compact && (
          <div role="rowgroup" className={styles.header}>
            <div role="row" aria-rowindex={1} className={styles.headerRow}>
              {columns.map((column, at) => (
                <div
                  key={column.key}
                  role="columnheader"
                  aria-colindex={at + 1}
                  className={classes(styles.cell, column.numeric && styles.numeric)}
                >
                  {column.hideLabel ? <span className="visually-hidden">{column.label}</span> : column.label}
                </div>
              ))}
            </div>
          </div>
        )}
        <div role="rowgroup" className={styles.body} style={{ height: virtualizer.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const row = rows[index];
            const place = { transform: `translateY(${start}px)` };
            if (row === undefined) {
              return (
                <div key="more" role="row" className={styles.row} style={place}>
                  <div role="gridcell" className={styles.moreCell}>
                    <span className="visually-hidden">Loading more</span>
                    <Skeleton width="40%" />
                  </div>
                </div>
              );
            }
            return (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keys.
              <div
                key={rowKey(row)}
                id={`${id}-${index}`}
                role="row"
                aria-rowindex={index + (compact ? 1 : 2)}
                aria-selected={index === active}
                className={classes(styles.row, compact && styles.compact, index === active && styles.active)}
                style={place}
                onClick={(event) => {
                  if (isLink(event.target)) return;
                  setActive(index);
                  onOpen(row);
                }}
              >
                {compact ? (
                  <div role="gridcell" aria-colindex={1} className={styles.compactCell}>
                    {props.compactRow(row)}
                  </div>
                ) : (
                  columns.map((column, at) => (
                    <div
                      key={column.key}
                      role="gridcell"
                      aria-colindex={at + 1}
                      className={classes(styles.cell, column.numeric && styles.numeric)}
                    >
                      {column.cell(row)}
                    </div>
                  ))
                )}
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

/** A link opens by itself, in a new tab where asked to. */
function isLink(target: EventTarget): boolean {
  return target instanceof Element && target.closest("a, button") !== null;
}
