import type { StoredMessage } from "../../../src-shared/record.ts";

/** Records may be of 1 MiB each: a page of them ends early, before the thread's memory does. */
const PAGE_CHARACTERS = 16 * 1024 * 1024;

/** The first rows, so many at most; `more` tells that there are others after them. */
export function takePage<R extends StoredMessage>(
  found: Iterable<R>,
  limit: number,
): { rows: R[]; more: boolean } {
  const rows: R[] = [];
  let size = 0;
  for (const row of found) {
    if (rows.length >= limit || size >= PAGE_CHARACTERS) return { rows, more: true };
    rows.push(row);
    size += row.message_data.length + row.message_metadata.length + row.destination_subject_ids.length;
  }
  return { rows, more: false };
}
