import { useCallback, useState } from "react";
import type { MessageRows } from "./use-message-rows.ts";

export type TableCursor = {
  /** The row that the keys act on; null before there is one. */
  active: number | null;
  /** Its cell; null: the row as a whole. */
  column: number | null;
  /** Also scrolls the row into view. */
  moveTo: (row: number, column: number | null) => void;
  clear: () => void;
};

/** The active row. It stays on its message while live rows come in above it. */
export function useTableCursor({ rows, liveRows, scroller }: MessageRows): TableCursor {
  const [place, setPlace] = useState<{ fromSnapshot: number; column: number | null } | null>(null);
  const { showRow } = scroller;
  const active =
    place === null || rows === 0 ? null : Math.min(Math.max(place.fromSnapshot + liveRows, 0), rows - 1);
  return {
    active,
    column: active === null ? null : (place?.column ?? null),
    moveTo: useCallback(
      (row, column) => {
        setPlace({ fromSnapshot: row - liveRows, column });
        showRow(row);
      },
      [liveRows, showRow],
    ),
    clear: useCallback(() => setPlace(null), []),
  };
}
