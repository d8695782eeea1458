import { parentPort, workerData } from "node:worker_threads";
import type { LedgerPaths } from "./data-dir.ts";
import { serveReader } from "./reader/serve.ts";
import { serveTask } from "./task/serve.ts";
import { serveCheckpoints } from "./writer/checkpoint-thread.ts";
import { serveWriter } from "./writer/serve.ts";

export type WorkerInput = {
  role: "writer" | "reader" | "task" | "checkpoints";
  paths: LedgerPaths;
  /** Names the logger, for its spool files; the same for each of its writers. */
  owner: string;
};

/** The one entry of all threads of the ledger; the role says which it is. */
const { role, paths, owner } = workerData as WorkerInput;
if (parentPort === null) throw new Error("The ledger's worker was started as a program");
const serve = { writer: serveWriter, reader: serveReader, task: serveTask, checkpoints: serveCheckpoints }[
  role
];
serve(parentPort, paths, owner);
