import { type FileHandle, open } from "node:fs/promises";
import { WaybillError } from "../../src-shared/errors.ts";
import { csvLine } from "./csv-cell.ts";
import type { SourceRow } from "./source-rows.ts";

export type Reject = { row: SourceRow; reason: string };

export type RejectsFile = {
  add(rejects: readonly Reject[]): Promise<void>;
  /** The file's path, or null when nothing was rejected and so nothing written. */
  close(): Promise<string | null>;
};

/**
 * A CSV file of the rows that could not be taken: their original columns, then `reason` and
 * `line`. It is made, or an older one replaced, with the first of them.
 * Throws `unavailable` when it can't be written, since a bad row would be lost then.
 */
export function createRejectsFile(path: string, rawColumns: readonly string[]): RejectsFile {
  let handle: FileHandle | undefined;
  return {
    async add(rejects) {
      if (rejects.length === 0) return;
      try {
        if (handle === undefined) {
          handle = await open(path, "w", 0o600);
          await handle.write(csvLine([...rawColumns, "reason", "line"]));
        }
        const lines = rejects.map(({ row, reason }) => {
          const cells = rawColumns.map((_, index) => row.raw[index] ?? "");
          return csvLine([...cells, ...row.raw.slice(rawColumns.length), reason, row.line]);
        });
        await handle.write(lines.join(""));
      } catch (error) {
        const code = (error as NodeJS.ErrnoException).code ?? "unknown error";
        throw new WaybillError(
          "unavailable",
          `Rows were rejected, but ${path} can't be written (${code}): make room for it there, or copy the file elsewhere and import it again.`,
          { cause: error },
        );
      }
    },
    async close() {
      if (handle === undefined) return null;
      await handle.close();
      return path;
    },
  };
}
