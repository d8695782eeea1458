import { Worker } from "node:worker_threads";
import type { LedgerPaths } from "./data-dir.ts";
import type { ReaderMethods } from "./reader/serve.ts";
import type { TaskMethods } from "./task/serve.ts";
import { ThreadClient } from "./thread-port.ts";
import type { WorkerInput } from "./worker.ts";
import type { WriterMethods, WriterNotice } from "./writer/serve.ts";

/** Built, the worker lies beside every chunk as one file; run from source it is this folder's own. */
const WORKER_URL = import.meta.url.endsWith(".ts")
  ? new URL("./worker.ts", import.meta.url)
  : new URL("./ledger-worker.js", import.meta.url);

/** A reader's pages are cached by SQLite, not by the heap: a thread that needs more than this has a leak. */
const HEAP_MIB: Readonly<Record<WorkerInput["role"], number>> = { writer: 512, reader: 256, task: 256 };

/** Rows are dropped as soon as they are written: a small nursery costs no time and keeps the host small. */
const YOUNG_MIB = 24;

function startThread(role: WorkerInput["role"], paths: LedgerPaths, owner = ""): Worker {
  const workerData: WorkerInput = { role, paths, owner };
  return new Worker(WORKER_URL, {
    name: `ledger-${role}`,
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MIB[role], maxYoungGenerationSizeMb: YOUNG_MIB },
  });
}

export function startWriter(
  paths: LedgerPaths,
  owner: string,
  listeners: { onEnd: (error: Error) => void; onNotice: (notice: WriterNotice) => void },
): ThreadClient<WriterMethods> {
  return new ThreadClient(startThread("writer", paths, owner), {
    onEnd: listeners.onEnd,
    onNotice: (notice) => listeners.onNotice(notice as WriterNotice),
  });
}

export function startReader(paths: LedgerPaths, onEnd: (error: Error) => void): ThreadClient<ReaderMethods> {
  return new ThreadClient(startThread("reader", paths), { onEnd });
}

export function startTask(paths: LedgerPaths): ThreadClient<TaskMethods> {
  return new ThreadClient(startThread("task", paths));
}
