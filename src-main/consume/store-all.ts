import type { ArchiveRow } from "../archive/write-rows.ts";

/** A row that the archive refuses by itself, and why. */
export type RefusedRow = { row: ArchiveRow; reason: string };

/**
 * Stores rows together, and in halves where something in them is refused, until those that are stand alone: these it
 * gives back. `refusalOf` tells why, or null for an error that is no row's own, which is thrown.
 */
export async function storeAll(
  rows: readonly ArchiveRow[],
  store: (rows: readonly ArchiveRow[]) => Promise<void>,
  refusalOf: (error: unknown) => string | null,
): Promise<RefusedRow[]> {
  if (rows.length === 0) return [];
  try {
    await store(rows);
    return [];
  } catch (error) {
    const reason = refusalOf(error);
    if (reason === null) throw error;
    const [row] = rows;
    if (row !== undefined && rows.length === 1) return [{ row, reason }];
    const middle = rows.length >> 1;
    const first = await storeAll(rows.slice(0, middle), store, refusalOf);
    return [...first, ...(await storeAll(rows.slice(middle), store, refusalOf))];
  }
}
