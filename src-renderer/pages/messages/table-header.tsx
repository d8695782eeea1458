// biome-ignore-all lint/a11y/useSemanticElements: a virtual grid; a <table> would lay out its own rows.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid keeps the focus and points at its active row.

import { type PointerEvent, useRef } from "react";
import { classes } from "../../ui/classes.ts";
import type { Column, ColumnKey } from "./columns.ts";
import styles from "./message-table.module.css";

type TableHeaderProps = {
  columns: readonly Column[];
  onResize: (key: ColumnKey, width: number) => void;
};

export function TableHeader({ columns, onResize }: TableHeaderProps) {
  return (
    <div role="rowgroup" className={styles.header}>
      <div role="row" aria-rowindex={1} className={styles.headerRow}>
        {columns.map((column, at) => (
          <div
            key={column.key}
            role="columnheader"
            aria-colindex={at + 1}
            aria-sort={column.key === "time" ? "descending" : undefined}
            className={classes(styles.headerCell, column.numeric && styles.numeric)}
          >
            <span className={styles.text}>{column.label}</span>
            <ResizeHandle column={column} onResize={onResize} />
          </div>
        ))}
      </div>
    </div>
  );
}

/** For the mouse; by keyboard, `[` and `]` change the width of the active cell's column. */
function ResizeHandle({ column, onResize }: { column: Column; onResize: TableHeaderProps["onResize"] }) {
  const start = useRef<{ x: number; width: number } | null>(null);
  const onPointerDown = (event: PointerEvent<HTMLSpanElement>) => {
    const { width } = event.currentTarget.parentElement?.getBoundingClientRect() ?? column;
    start.current = { x: event.clientX, width };
    event.currentTarget.setPointerCapture(event.pointerId);
    event.preventDefault();
  };
  return (
    <span
      aria-hidden
      className={styles.resizer}
      onPointerDown={onPointerDown}
      onPointerMove={(event) => {
        if (start.current !== null)
          onResize(column.key, start.current.width + event.clientX - start.current.x);
      }}
      onPointerUp={() => {
        start.current = null;
      }}
      onPointerCancel={() => {
        start.current = null;
      }}
    />
  );
}
