import { observeElementOffset, useVirtualizer, type Virtualizer } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useLayoutEffect, useRef, useState } from "react";
import {
  createScrollMap,
  followScroll,
  placeAt,
  placeForRow,
  type ScrollMap,
  type ScrollPlace,
} from "./scroll-map.ts";

const OVERSCAN = 12;
const TOP: ScrollPlace = { shift: 0, scrollTop: 0 };

export type ScrollerRow = { index: number; top: number };

export type RowScroller = {
  /** For the element that scrolls. */
  ref: RefObject<HTMLDivElement | null>;
  /** Height in pixels of what scrolls in it, without its header. */
  height: number;
  rows: readonly ScrollerRow[];
  /** Rows that fit into view, for Page Up and Page Down. */
  pageRows: number;
  showRow: (index: number) => void;
  toTop: () => void;
};

type Options = {
  rows: number;
  rowHeight: number;
  headerHeight: number;
  /** Told when the table reaches its top or leaves it. */
  onAtTop: (atTop: boolean) => void;
};

/** Rows of one height in a scroller that stays within what browsers allow, for any number of them. */
export function useRowScroller({ rows, rowHeight, headerHeight, onAtTop }: Options): RowScroller {
  const ref = useRef<HTMLDivElement>(null);
  const place = useRef(TOP);
  const map = useRef<ScrollMap>(createScrollMap(rows, rowHeight, rowHeight));
  const [shift, setShift] = useState(0);

  const settle = useCallback(
    (next: ScrollPlace) => {
      const element = ref.current;
      place.current = next;
      setShift(next.shift);
      onAtTop(next.shift === 0 && next.scrollTop < map.current.rowHeight / 2);
      if (element !== null && element.scrollTop !== next.scrollTop) element.scrollTop = next.scrollTop;
    },
    [onAtTop],
  );

  const observeOffset = useCallback(
    (
      instance: Virtualizer<HTMLDivElement, Element>,
      report: (offset: number, isScrolling: boolean) => void,
    ) =>
      observeElementOffset(instance, (offset, isScrolling) => {
        settle(followScroll(map.current, place.current, offset));
        report(place.current.scrollTop, isScrolling);
      }),
    [settle],
  );

  const scrollerRows = createScrollMap(rows, rowHeight, rowHeight).scrollerRows;
  const virtualizer = useVirtualizer<HTMLDivElement, Element>({
    count: scrollerRows,
    getScrollElement: () => ref.current,
    estimateSize: () => rowHeight,
    overscan: OVERSCAN,
    observeElementOffset: observeOffset,
  });

  const viewportHeight = Math.max(rowHeight, (virtualizer.scrollRect?.height ?? 0) - headerHeight);
  useLayoutEffect(() => {
    const before = map.current;
    map.current = createScrollMap(rows, rowHeight, viewportHeight);
    const hidden = map.current.rows - map.current.scrollerRows;
    if (before.rowHeight !== rowHeight) virtualizer.measure();
    // Another row height: the row at the top stays there. Fewer rows: the shift must not reach past the end.
    if (before.rowHeight !== rowHeight || place.current.shift > hidden) {
      const topRow = place.current.scrollTop / before.rowHeight + place.current.shift;
      settle(placeAt(map.current, topRow * rowHeight));
    }
  }, [rows, rowHeight, viewportHeight, settle, virtualizer]);

  const items = virtualizer.getVirtualItems();
  return {
    ref,
    height: scrollerRows * rowHeight,
    rows: items.map((item) => ({ index: item.index + shift, top: item.start })),
    pageRows: Math.max(1, Math.floor(viewportHeight / rowHeight) - 1),
    showRow: useCallback((index: number) => settle(placeForRow(map.current, place.current, index)), [settle]),
    toTop: useCallback(() => settle(TOP), [settle]),
  };
}
