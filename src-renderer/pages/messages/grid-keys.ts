import type { KeyboardEvent } from "react";

export type GridKeys = {
  rows: number;
  /** Rows that Page Up and Page Down move by. */
  pageRows: number;
  columns: number;
  active: number | null;
  activeColumn: number | null;
  moveTo: (row: number, column: number | null) => void;
  open: () => void;
  /** Wider or narrower. */
  resize: (by: number) => void;
};

const RESIZE_STEP_PX = 16;

/** The keys of a grid whose rows are moved through as a whole, and by Left and Right cell by cell. */
export function gridKeyHandler(keys: GridKeys): (event: KeyboardEvent) => void {
  const { rows, pageRows, columns, active, activeColumn, moveTo } = keys;
  const step = (by: number) =>
    moveTo(active === null ? 0 : Math.min(Math.max(active + by, 0), rows - 1), activeColumn);
  const actions: Readonly<Record<string, (() => void) | undefined>> = {
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
    PageDown: () => step(pageRows),
    PageUp: () => step(-pageRows),
    Home: () => moveTo(0, activeColumn),
    End: () => moveTo(rows - 1, activeColumn),
    ArrowRight: () =>
      moveTo(active ?? 0, activeColumn === null ? 0 : Math.min(activeColumn + 1, columns - 1)),
    ArrowLeft: () =>
      moveTo(active ?? 0, activeColumn === null || activeColumn === 0 ? null : activeColumn - 1),
    Enter: keys.open,
    " ": keys.open,
    "]": () => keys.resize(RESIZE_STEP_PX),
    "[": () => keys.resize(-RESIZE_STEP_PX),
  };
  return (event) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const action = actions[event.key];
    if (action === undefined || rows === 0) return;
    event.preventDefault();
    action();
  };
}
