import { useShortcut } from "../../ui/shortcuts.tsx";
import type { Column } from "./columns.ts";
import type { FieldValue } from "./field-value.ts";
import type { MessageRows } from "./use-message-rows.ts";
import type { MessagesUrl } from "./use-messages-url.ts";
import type { TableCursor } from "./use-table-cursor.ts";

type Options = {
  messages: MessageRows;
  cursor: TableCursor;
  columns: readonly Column[];
  url: MessagesUrl;
  focusSearch: () => void;
  focusTable: () => void;
  filterBy: (value: FieldValue, exclude: boolean) => void;
};

const GROUP = { group: "Messages" };

/** The keys that work wherever the focus is on the page; the grid has its arrows for itself. */
export function useMessageShortcuts(options: Options): void {
  const { messages, cursor, columns, url, focusSearch, focusTable, filterBy } = options;
  const step = (by: number) => {
    const { active } = cursor;
    if (messages.rows === 0) return;
    cursor.moveTo(active === null ? 0 : Math.min(Math.max(active + by, 0), messages.rows - 1), cursor.column);
    // In the open drawer the focus stays where it is.
    if (url.uuid === "") focusTable();
  };
  const filterByCell = (exclude: boolean) => {
    const message = cursor.active === null ? undefined : messages.rowAt(cursor.active);
    const column = cursor.column === null ? undefined : columns[cursor.column];
    const value = message === undefined ? null : column?.filter?.(message);
    if (value) filterBy(value, exclude);
  };
  useShortcut("/", "Search", focusSearch, GROUP);
  useShortcut("j", "Next message", () => step(1), GROUP);
  useShortcut("k", "Previous message", () => step(-1), GROUP);
  useShortcut("f", "Filter by the value of the active cell", () => filterByCell(false), GROUP);
  useShortcut("x", "Exclude the value of the active cell", () => filterByCell(true), GROUP);
  useShortcut("t", "Live tail on or off", () => url.setLive(!url.live), GROUP);
  useShortcut("r", "Refresh", messages.state.refresh, GROUP);
}
