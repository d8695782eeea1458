// biome-ignore-all lint/a11y/useSemanticElements: a virtual grid; a <table> would lay out its own rows.
// biome-ignore-all lint/a11y/useFocusableInteractive: the grid keeps the focus and points at its active row.

import { Filter, FilterX } from "lucide-react";
import { memo, useState } from "react";
import type { MessageRecord } from "../../../src-shared/record.ts";
import { classes } from "../../ui/classes.ts";
import { Skeleton } from "../../ui/states.tsx";
import type { Column, ColumnKey } from "./columns.ts";
import type { FieldValue } from "./field-value.ts";
import { MessageCell } from "./message-cell.tsx";
import styles from "./message-table.module.css";

export type RowProps = {
  id: string;
  index: number;
  top: number;
  columns: readonly Column[];
  /** Undefined while it is fetched. */
  message: MessageRecord | undefined;
  /** Came in after the table was opened. */
  live: boolean;
  active: boolean;
  /** The active cell of an active row; null: the row as a whole. */
  activeColumn: number | null;
  /** Open in the drawer. */
  selected: boolean;
  onOpen: (index: number) => void;
  onFilter: (value: FieldValue, exclude: boolean) => void;
};

export const MessageRow = memo(function MessageRow(props: RowProps) {
  const { id, index, top, columns, message, live, active, activeColumn, selected, onOpen, onFilter } = props;
  const [hovered, setHovered] = useState<ColumnKey | null>(null);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keys, its focus stays on it.
    <div
      id={id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={selected}
      aria-busy={message === undefined || undefined}
      className={classes(
        styles.row,
        live && styles.live,
        active && styles.active,
        selected && styles.selected,
      )}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => {
        if (message !== undefined && !hasTextSelection()) onOpen(index);
      }}
      onPointerLeave={() => setHovered(null)}
    >
      {columns.map((column, at) => {
        const value = message === undefined ? null : (column.filter?.(message) ?? null);
        const isActive = active && activeColumn === at;
        return (
          <div
            key={column.key}
            id={`${id}-${at}`}
            role="gridcell"
            aria-colindex={at + 1}
            className={classes(styles.cell, column.numeric && styles.numeric, isActive && styles.activeCell)}
            onPointerEnter={() => setHovered(column.key)}
          >
            {message === undefined ? (
              <Skeleton width={`${skeletonWidth(index, at)}%`} height={10} />
            ) : (
              <MessageCell column={column.key} message={message} />
            )}
            {value !== null && hovered === column.key && (
              <CellActions label={column.label} value={value} onFilter={onFilter} />
            )}
          </div>
        );
      })}
    </div>
  );
});

type CellActionsProps = {
  label: string;
  value: FieldValue;
  onFilter: (value: FieldValue, exclude: boolean) => void;
};

/** For the mouse; the keys are `f` and `x`. */
function CellActions({ label, value, onFilter }: CellActionsProps) {
  const choose = (exclude: boolean) => (event: { stopPropagation: () => void }) => {
    event.stopPropagation();
    onFilter(value, exclude);
  };
  const name = label.toLowerCase();
  return (
    <span className={styles.cellActions}>
      <button
        type="button"
        tabIndex={-1}
        className={styles.cellAction}
        title={`Filter by this ${name} (F)`}
        aria-label={`Filter by this ${name}`}
        onClick={choose(false)}
      >
        <Filter aria-hidden size={13} />
      </button>
      <button
        type="button"
        tabIndex={-1}
        className={styles.cellAction}
        title={`Exclude this ${name} (X)`}
        aria-label={`Exclude this ${name}`}
        onClick={choose(true)}
      >
        <FilterX aria-hidden size={13} />
      </button>
    </span>
  );
}

/** A drag over text ends in a click; it was meant to select. */
function hasTextSelection(): boolean {
  return getSelection()?.type === "Range";
}

/** Uneven, so that it reads as text, but the same for a cell each time. */
function skeletonWidth(row: number, column: number): number {
  return 35 + ((row * 37 + column * 53) % 45);
}
