import { Worker } from "node:worker_threads";
import type { LedgerPaths } from "./data-dir.ts";
import type { ReaderMethods } from "./reader/serve.ts";
import type { TaskMethods } from "./task/serve.ts";
import { ThreadClient } from "./thread-port.ts";
import type { WorkerInput } from "./worker.ts";
import { WORKER_URL } from "./worker-url.ts";
import type { WriterMethods, WriterNotice } from "./writer/serve.ts";

type Role = Exclude<WorkerInput["role"], "checkpoints">;

/** A reader's pages are cached by SQLite, not by the heap: a thread that needs more than this has a leak. */
const HEAP_MIB: Readonly<Record<Role, number>> = { writer: 512, reader: 256, task: 256 };

/** Rows are dropped as soon as they are written: a small nursery costs no time and keeps the host small. */
const YOUNG_MIB = 24;

function startThread(role: Role, paths: LedgerPaths, owner = ""): Worker {
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
