import { basename } from "node:path";
import type { BridgeImport } from "../../src-shared/desktop-bridge.ts";
import type { Core } from "../api/core.ts";
import { importSummary } from "../api/import-job.ts";
import type { JobTask } from "../api/jobs.ts";
import { parseMap } from "../transfer/column-map.ts";
import { importFile } from "../transfer/import-file.ts";

/** Imports a file of the user's where it lies; it is only read. Throws `invalid` for a map that is none. */
export function importTask(
  { ledger, files }: Pick<Core, "ledger" | "files">,
  path: string,
  { format, map, channel }: BridgeImport,
): JobTask {
  const columns = map === "" ? {} : parseMap(map);
  const name = basename(path);
  return {
    kind: "import",
    unit: "bytes",
    run: async ({ jobId, signal, onProgress }) => {
      const rejectsFile = files.newPath(`${jobId}.rejects.csv`);
      const result = await importFile(ledger, path, {
        format,
        map: columns,
        ...(channel === "" ? {} : { channel }),
        rejectsFile,
        signal,
        onProgress: (done, total) => onProgress(done, total || null),
      });
      const fileName = result.rejects_file === null ? null : `${name}.rejects.csv`;
      if (fileName !== null) files.offer(jobId, rejectsFile, fileName);
      return { message: `${name}: ${importSummary(result)}`, fileName };
    },
  };
}
