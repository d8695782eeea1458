import { Worker } from "node:worker_threads";
import type { MessageLogger } from "../ledger/message-logger.ts";
import type { SyncWorkerInput } from "./worker.ts";
import { WORKER_URL } from "./worker-url.ts";

/** A batch of large records in flight, and what is made of it. */
const HEAP_MIB = 384;

/** A thread of forwarding, with the ledger's file. */
export function startSyncThread(
  role: SyncWorkerInput["role"],
  { databaseFile }: Pick<MessageLogger, "databaseFile">,
): Worker {
  const workerData: SyncWorkerInput = { role, database: databaseFile };
  const resourceLimits = { maxOldGenerationSizeMb: HEAP_MIB };
  return new Worker(WORKER_URL, { name: role, workerData, resourceLimits });
}
