/**
 * Browsers cap the height of an element (Chromium near 33 million pixels), so the scroller holds
 * at most this many rows; a longer table is shown through it, shifted by whole rows.
 */
export const MAX_SCROLLER_ROWS = 200_000;

export type ScrollMap = {
  /** Rows of the table. */
  rows: number;
  /** Rows the scroller is as high as. */
  scrollerRows: number;
  rowHeight: number;
  viewportHeight: number;
};

/** Row `index` of the table stands at row `index - shift` of the scroller. */
export type ScrollPlace = { shift: number; scrollTop: number };

export function createScrollMap(rows: number, rowHeight: number, viewportHeight: number): ScrollMap {
  return { rows, scrollerRows: Math.min(rows, MAX_SCROLLER_ROWS), rowHeight, viewportHeight };
}

function maxShift(map: ScrollMap): number {
  return map.rows - map.scrollerRows;
}

function maxScrollTop(map: ScrollMap): number {
  return Math.max(0, map.scrollerRows * map.rowHeight - map.viewportHeight);
}

/** How far the scroller may be from its share of the table before rows are shifted: a twentieth of it. */
function tolerance(map: ScrollMap): number {
  return map.scrollerRows / 20;
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** Where the scroller stands to have the pixel `top` of the table at its upper edge. */
export function placeAt(
  map: ScrollMap,
  top: number,
  round: (value: number) => number = Math.round,
): ScrollPlace {
  const lastTop = Math.max(0, map.rows * map.rowHeight - map.viewportHeight);
  const wanted = clamp(top, 0, lastTop);
  const shift = lastTop === 0 ? 0 : clamp(round((maxShift(map) * wanted) / lastTop), 0, maxShift(map));
  return { shift, scrollTop: clamp(wanted - shift * map.rowHeight, 0, maxScrollTop(map)) };
}

/**
 * What a scroll to `scrollTop` means. Small steps (wheel, keys, touch) move the table pixel for
 * pixel; a step that only the thumb can make goes to the thumb's share of the table. The place
 * differs from `scrollTop` where the scroller has to be moved under the rows, which then stay still.
 */
export function followScroll(map: ScrollMap, from: ScrollPlace, scrollTop: number): ScrollPlace {
  const hidden = maxShift(map);
  const bottom = maxScrollTop(map);
  if (hidden === 0) return { shift: 0, scrollTop };
  // The scrollbar is about as long as the viewport, so one pixel of the thumb moves at least half of this.
  const thumbStep = Math.max(map.viewportHeight, bottom / map.viewportHeight / 2);
  if (Math.abs(scrollTop - from.scrollTop) > thumbStep) {
    return { shift: Math.round((hidden * scrollTop) / bottom), scrollTop };
  }
  const top = scrollTop + from.shift * map.rowHeight;
  if (scrollTop <= 0 && from.shift > 0) return placeAt(map, top, Math.floor);
  if (scrollTop >= bottom && from.shift < hidden) return placeAt(map, top, Math.ceil);
  const ideal = placeAt(map, top);
  return Math.abs(ideal.shift - from.shift) > tolerance(map) ? ideal : { shift: from.shift, scrollTop };
}

/** Where the scroller stands to show row `index` wholly, moving no further than needed. */
export function placeForRow(map: ScrollMap, from: ScrollPlace, index: number): ScrollPlace {
  const top = from.scrollTop + from.shift * map.rowHeight;
  const rowTop = index * map.rowHeight;
  if (rowTop < top) return nearby(map, from, rowTop);
  const rowBottom = rowTop + map.rowHeight;
  if (rowBottom > top + map.viewportHeight) return nearby(map, from, rowBottom - map.viewportHeight);
  return from;
}

/** Keeps the shift while the scroller reaches, so that a step with an arrow key moves nothing else. */
function nearby(map: ScrollMap, from: ScrollPlace, top: number): ScrollPlace {
  const scrollTop = top - from.shift * map.rowHeight;
  const reached = scrollTop > 0 && scrollTop < maxScrollTop(map);
  const place = placeAt(map, top);
  return reached && Math.abs(place.shift - from.shift) <= tolerance(map)
    ? { shift: from.shift, scrollTop }
    : place;
}
