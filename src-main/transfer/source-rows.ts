/** One row of a file before it is a record; `error` says why it can't become one. */
export type SourceRow = {
  /** Where it begins, from 1. */
  line: number;
  /** What the rejects file shows of it, under the source's `rawColumns`. */
  raw: readonly string[];
} & ({ columns: readonly string[]; values: readonly unknown[] } | { error: string });

export type RowSource = {
  rawColumns: readonly string[];
  /** The columns of the file, or the member names of its first records. */
  columns: readonly string[];
  /** Rows in blocks of about one piece of the file; a block may be empty. */
  blocks: AsyncIterable<readonly SourceRow[]>;
};

/** In UTF-16 units: the largest record as JSON with every quote doubled, and room for blanks. */
export const MAX_ROW_LENGTH = 4 * 1024 * 1024;

export function countNewlines(text: string, from = 0, to = text.length): number {
  let count = 0;
  for (let at = text.indexOf("\n", from); at !== -1 && at < to; at = text.indexOf("\n", at + 1)) count += 1;
  return count;
}
