// biome-ignore-all lint/a11y/useSemanticElements: a virtual grid; a <table> would lay out its own rows.

import { type CSSProperties, type RefObject, useId } from "react";
import { classes } from "../../ui/classes.ts";
import { CompactRow } from "./compact-row.tsx";
import type { FieldValue } from "./field-value.ts";
import { gridKeyHandler } from "./grid-keys.ts";
import { MessageRow } from "./message-row.tsx";
import styles from "./message-table.module.css";
import { TableHeader } from "./table-header.tsx";
import type { ColumnState } from "./use-columns.ts";
import type { MessageRows } from "./use-message-rows.ts";
import type { TableCursor } from "./use-table-cursor.ts";

export const ROW_HEIGHT_PX = 36;
export const COMPACT_ROW_HEIGHT_PX = 60;
export const HEADER_HEIGHT_PX = 32;

type MessageTableProps = {
  messages: MessageRows;
  cursor: TableCursor;
  columns: ColumnState;
  /** On two lines and without a header, for narrow screens. */
  compact: boolean;
  /** Open in the drawer; empty for none. */
  selectedUuid: string;
  gridRef: RefObject<HTMLDivElement | null>;
  onOpen: (index: number) => void;
  onFilter: (value: FieldValue, exclude: boolean) => void;
};

/**
 * All matches in one scroller. The focus stays on the grid, which points at its active row: rows
 * come and go while it is scrolled, and one that had the focus would take it along.
 */
export function MessageTable(props: MessageTableProps) {
  const { messages, cursor, columns, compact, selectedUuid, gridRef, onOpen, onFilter } = props;
  const { scroller, rows, rowAt, liveRows, state } = messages;
  const { active, column } = cursor;
  const id = useId();
  const rowId = (index: number) => `${id}-${index}`;
  const isRendered = active !== null && scroller.rows.some(({ index }) => index === active);
  const activeId = column === null ? rowId(active ?? 0) : `${rowId(active ?? 0)}-${column}`;
  const isOld = state.pending && state.snapshot !== null && !state.isCurrent;

  const onKeyDown = gridKeyHandler({
    rows,
    pageRows: scroller.pageRows,
    columns: compact ? 0 : columns.columns.length,
    active,
    activeColumn: column,
    moveTo: cursor.moveTo,
    open: () => active !== null && onOpen(active),
    resize: (by) => {
      const chosen = column === null ? undefined : columns.columns[column];
      if (chosen !== undefined) columns.resize(chosen.key, chosen.width + by);
    },
  });

  const headerRows = compact ? 0 : 1;
  const variables = {
    "--columns": columns.template,
    "--row-height-px": `${compact ? COMPACT_ROW_HEIGHT_PX : ROW_HEIGHT_PX}px`,
  };
  return (
    <div
      ref={(element) => {
        scroller.ref.current = element;
        gridRef.current = element;
      }}
      role="grid"
      tabIndex={0}
      aria-label="Messages, newest first"
      aria-rowcount={messages.count === undefined ? -1 : rows + headerRows}
      aria-colcount={compact ? 1 : columns.columns.length}
      aria-activedescendant={isRendered ? activeId : undefined}
      aria-busy={state.pending}
      className={classes(styles.grid, isOld && styles.old)}
      style={variables as CSSProperties}
      onKeyDown={onKeyDown}
      onFocus={(event) => {
        const byKeyboard = event.target === event.currentTarget && event.target.matches(":focus-visible");
        if (byKeyboard && active === null && rows > 0) cursor.moveTo(0, null);
      }}
    >
      <div style={{ minWidth: compact ? 0 : columns.leastWidth }}>
        {!compact && <TableHeader columns={columns.columns} onResize={columns.resize} />}
        <div role="rowgroup" className={styles.body} style={{ height: scroller.height }}>
          {scroller.rows.map(({ index, top }) => {
            const message = rowAt(index);
            const live = index < liveRows;
            const shared = {
              id: rowId(index),
              index,
              top,
              message,
              live,
              active: index === active,
              selected: message !== undefined && message.message_uuid === selectedUuid,
              onOpen,
            };
            // A live row keeps its element while others come in above it, so that it lights up once.
            const key = live && message !== undefined ? message.message_uuid : index - liveRows;
            return compact ? (
              <CompactRow key={key} {...shared} />
            ) : (
              <MessageRow
                key={key}
                {...shared}
                columns={columns.columns}
                activeColumn={column}
                onFilter={onFilter}
              />
            );
          })}
        </div>
      </div>
    </div>
  );
}
