import { useCallback, useMemo, useRef, useState } from "react";
import type { WaybillError } from "../../../src-shared/errors.ts";
import type { MessageRecord } from "../../../src-shared/record.ts";
import { parseTime } from "../../../src-shared/time.ts";
import { canGainMatches } from "./gaining-matches.ts";
import { waiting } from "./live-buffer.ts";
import { knownRows, pagesOf, sourceOf } from "./page-window.ts";
import { useLiveRows } from "./use-live-rows.ts";
import { useRowCount, useRowPages } from "./use-row-pages.ts";
import { type RowScroller, useRowScroller } from "./use-row-scroller.ts";
import { type SnapshotState, useSnapshot } from "./use-snapshot.ts";

export type MessageRows = {
  state: SnapshotState;
  scroller: RowScroller;
  /** Rows of the table, live ones included; what is known of them as long as they are counted. */
  rows: number;
  /** How many messages match; undefined while they are counted. */
  count: number | undefined;
  liveRows: number;
  /** Undefined while it is fetched. */
  rowAt: (index: number) => MessageRecord | undefined;
  /** Why rows in view are missing. */
  error: WaybillError | null;
  retry: () => void;
  /** New messages that the table does not show yet. */
  waiting: number;
  showWaiting: () => void;
};

/** Rows to hold the place of what is not known yet. */
const ROWS_WHILE_LOADING = 24;

type Options = { q: string; live: boolean; rowHeight: number; headerHeight: number };

/** The rows of the message table: a snapshot, read page by page, under what came after it. */
export function useMessageRows({ q, live, rowHeight, headerHeight }: Options): MessageRows {
  const state = useSnapshot(q);
  const { snapshot } = state;
  const [atTop, setAtTop] = useState(true);
  const isLoaded = useRef<(uuid: string) => boolean>(() => false);
  const gains = useMemo(() => canGainMatches(snapshot?.q ?? ""), [snapshot?.q]);

  const { buffer, showWaiting } = useLiveRows({
    enabled: live,
    snapshot,
    atTop,
    inSnapshot: (message) =>
      isLoaded.current(message.message_uuid) ||
      (message.revision > 1 && !gains && (parseTime(message.origin_ts) ?? 0) < (snapshot?.takenMs ?? 0)),
    refresh: state.refresh,
  });
  const liveRows = buffer.rows.length;

  const counted = useRowCount(snapshot);
  const known = snapshot === null ? ROWS_WHILE_LOADING : knownRows(counted.count, snapshot.firstPage.length);
  const snapshotRows = snapshot === null && !state.pending ? 0 : known;
  const rows = liveRows + snapshotRows;
  const scroller = useRowScroller({ rows, rowHeight, headerHeight, onAtTop: setAtTop });

  const first = scroller.rows[0]?.index ?? 0;
  const last = scroller.rows.at(-1)?.index ?? -1;
  const wanted = pagesOf({ first, last }, liveRows, snapshotRows);
  const pages = useRowPages(snapshot, wanted);
  isLoaded.current = (uuid) =>
    [0, ...wanted].some(
      (page) => pages.page(page)?.some((message) => message.message_uuid === uuid) ?? false,
    );

  const rowAt = (index: number): MessageRecord | undefined => {
    const source = sourceOf(index, liveRows);
    if (source.kind === "live") return buffer.rows[source.at];
    const message = pages.page(source.page)?.[source.at];
    const changed = message === undefined ? undefined : buffer.changed.get(message.message_uuid);
    return changed !== undefined && changed.revision >= (message?.revision ?? 0) ? changed : message;
  };

  const { toTop } = scroller;
  return {
    state,
    scroller,
    rows,
    count: snapshot === null || counted.count === undefined ? undefined : counted.count + liveRows,
    liveRows,
    rowAt,
    error: pages.error ?? counted.error,
    retry: pages.retry,
    waiting: waiting(buffer),
    showWaiting: useCallback(() => {
      toTop();
      showWaiting();
    }, [toTop, showWaiting]),
  };
}
