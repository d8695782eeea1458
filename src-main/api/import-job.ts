import type { ExportFormat, Job } from "../../src-shared/contract/upkeep.ts";
import type { ColumnMap } from "../transfer/column-map.ts";
import { type ImportResult, importFile } from "../transfer/import-file.ts";
import type { JobManager, JobTask } from "./jobs.ts";
import type { ReportFiles } from "./report-files.ts";
import type { HostStore } from "./store.ts";

type Upload = { name: string; format?: ExportFormat; map: ColumnMap; channel?: string };

/** Imports a file where it lies; it is only read. Rejected rows are offered as a file. */
export function importTask(
  { ledger, files }: { ledger: HostStore; files: ReportFiles },
  path: string,
  { name, ...upload }: Upload,
): JobTask {
  return {
    kind: "import",
    unit: "bytes",
    run: async ({ jobId, signal, onProgress }) => {
      const rejectsFile = files.newPath(`${jobId}.rejects.csv`);
      const result = await importFile(ledger, path, {
        ...upload,
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

/** Imports a file that was brought to `path`, which is removed after. */
export function startImport(
  { ledger, jobs, files }: { ledger: HostStore; jobs: JobManager; files: ReportFiles },
  path: string,
  upload: Upload,
): Job {
  const task = importTask({ ledger, files }, path, upload);
  return jobs.start({
    ...task,
    run: async (context) => {
      try {
        return await task.run(context);
      } finally {
        await files.remove(path);
      }
    },
  });
}

/** Such as `3,080 rows: 3,080 new, 0 there before, 0 rejected.` */
export function importSummary({ rows, accepted, duplicates, rejected }: ImportResult): string {
  const count = (value: number) => value.toLocaleString("en");
  return `${count(rows)} rows: ${count(accepted - duplicates)} new, ${count(duplicates)} there before, ${count(rejected)} rejected.`;
}
