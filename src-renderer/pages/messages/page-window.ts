/** Rows that one request of the table fetches. */
export const PAGE_ROWS = 100;

export type RowRange = { first: number; last: number };

/**
 * The pages of the snapshot that the rows `first` to `last` of the table lie on. The table's
 * first `liveRows` rows are not the snapshot's: they came after it.
 */
export function pagesOf(range: RowRange, liveRows: number, snapshotRows: number): number[] {
  const first = Math.max(0, range.first - liveRows);
  const last = Math.min(snapshotRows - 1, range.last - liveRows);
  if (last < first) return [];
  const pages: number[] = [];
  for (let page = Math.floor(first / PAGE_ROWS); page <= Math.floor(last / PAGE_ROWS); page += 1) {
    pages.push(page);
  }
  return pages;
}

export type RowSource = { kind: "live"; at: number } | { kind: "page"; page: number; at: number };

/** Where row `index` of the table is found. */
export function sourceOf(index: number, liveRows: number): RowSource {
  if (index < liveRows) return { kind: "live", at: index };
  const offset = index - liveRows;
  return { kind: "page", page: Math.floor(offset / PAGE_ROWS), at: offset % PAGE_ROWS };
}

/**
 * Rows of the snapshot: counted, or as long as the count is under way what the first page tells
 * (one more page than is known where it is full, so that scrolling can go on).
 */
export function knownRows(count: number | undefined, firstPageRows: number): number {
  if (firstPageRows < PAGE_ROWS) return firstPageRows;
  return count === undefined ? 2 * PAGE_ROWS : Math.max(count, firstPageRows);
}
