/** Imports a file in process. */
import { openLedger } from "../product.ts";
import { serveTask } from "../task.ts";

type ImportFileInput = { dataDir: string; file: string };
export type ImportFileTask = (input: ImportFileInput) => Promise<{ ms: number; accepted: number }>;

serveTask<ImportFileInput, { ms: number; accepted: number }>(async ({ dataDir, file }) => {
  await using ledger = await openLedger(dataDir);
  const started = performance.now();
  const result = await ledger.importData(file, {});
  return { ms: performance.now() - started, accepted: result.accepted };
});
