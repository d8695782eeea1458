import { useCallback, useEffect, useRef } from "react";
import type { MessageRecord } from "../../../src-shared/record.ts";
import type { MessageRows } from "./use-message-rows.ts";
import type { MessagesUrl } from "./use-messages-url.ts";
import { type TableCursor, useTableCursor } from "./use-table-cursor.ts";

export type OpenMessage = {
  cursor: TableCursor;
  /** The open message, as far as the table has it. */
  known: MessageRecord | undefined;
  open: (index: number) => void;
  /** To the row before or after; undefined where there is none. */
  previous: (() => void) | undefined;
  next: (() => void) | undefined;
};

/** Ties the table's cursor to the message in the drawer: while that is open, it follows the cursor. */
export function useOpenMessage(messages: MessageRows, url: MessagesUrl): OpenMessage {
  const { rowAt, rows } = messages;
  const own = useTableCursor(messages);
  const { active } = own;
  /** The cursor moved since the drawer was opened, perhaps to a row that is still fetched. */
  const followed = useRef(false);
  const activeRow = active === null ? undefined : rowAt(active);

  useEffect(() => {
    if (url.uuid === "" || !followed.current || activeRow === undefined) return;
    followed.current = false;
    if (activeRow.message_uuid !== url.uuid) url.open(activeRow.message_uuid);
  }, [url.uuid, url.open, activeRow]);

  // A link to a message: its row is found where it is among the first.
  const firstPage = messages.state.snapshot?.firstPage;
  const { moveTo } = own;
  const findRow = useRef(true);
  useEffect(() => {
    if (firstPage === undefined || !findRow.current) return;
    findRow.current = false;
    const at = firstPage.findIndex((message) => message.message_uuid === url.uuid);
    if (at !== -1) moveTo(at, null);
  }, [firstPage, url.uuid, moveTo]);

  const cursor: TableCursor = {
    ...own,
    moveTo: (row, column) => {
      followed.current = true;
      own.moveTo(row, column);
    },
  };
  const isOnOpen = activeRow !== undefined && activeRow.message_uuid === url.uuid;
  const canStep = active !== null && url.uuid !== "";
  return {
    cursor,
    known: isOnOpen ? activeRow : undefined,
    open: useCallback(
      (index) => {
        const message = rowAt(index);
        own.moveTo(index, null);
        if (message !== undefined) url.open(message.message_uuid);
      },
      [rowAt, own.moveTo, url.open],
    ),
    previous: canStep && active > 0 ? () => cursor.moveTo(active - 1, null) : undefined,
    next: canStep && active < rows - 1 ? () => cursor.moveTo(active + 1, null) : undefined,
  };
}
