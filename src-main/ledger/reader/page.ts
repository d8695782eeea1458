import type { StoredMessage } from "../../../src-shared/record.ts";

/** Records may be of 1 MiB each: a page of them ends early, before the thread's memory does. */
const PAGE_CHARACTERS = 16 * 1024 * 1024;

/** The first rows, so many at most; `more` tells that there are others after them. A page may be filled in parts. */
export function takePage<R extends StoredMessage>(
  found: Iterable<R>,
  limit: number,
  rows: R[] = [],
): { rows: R[]; more: boolean } {
  let size = rows.reduce((sum, row) => sum + sizeOf(row), 0);
  for (const row of found) {
    if (rows.length >= limit || size >= PAGE_CHARACTERS) return { rows, more: true };
    rows.push(row);
    size += sizeOf(row);
  }
  return { rows, more: false };
}

function sizeOf({ message_data, message_metadata, destination_subject_ids }: StoredMessage): number {
  return message_data.length + message_metadata.length + destination_subject_ids.length;
}
