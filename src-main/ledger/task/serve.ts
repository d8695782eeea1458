import type { MessagePort } from "node:worker_threads";
import type { ExportInput } from "../../../src-shared/contract/upkeep.ts";
import type { LedgerPaths } from "../data-dir.ts";
import { ReadingHandle } from "../reader/serve.ts";
import { toCallerError } from "../sqlite-errors.ts";
import { serveThread } from "../thread-port.ts";
import { type ExportChunk, openExport } from "./export.ts";
import { checkDatabase, prepareRestore, sealCopy } from "./verify.ts";

/** One long piece of work on a thread of its own, which ends with it; cancelling ends the thread. */
function taskMethods(handle: ReadingHandle) {
  let chunks: Iterator<ExportChunk> | null = null;
  return {
    check: ({ file }: { file: string }) => checkDatabase(file),
    seal: ({ file }: { file: string }) => sealCopy(file),
    prepareRestore: ({ file }: { file: string }) => prepareRestore(file),
    exportOpen: (input: ExportInput): { total: number | null } => {
      const opened = handle.run((database) => openExport(database, input));
      chunks = opened.chunks;
      return { total: opened.total };
    },
    /** Null after the last chunk. Reads on from the file it began with, also when another takes the ledger's place. */
    exportNext: (_: null): ExportChunk | null => {
      try {
        const next = chunks?.next();
        return next === undefined || next.done ? null : next.value;
      } catch (error) {
        throw toCallerError(error);
      }
    },
  };
}

export type TaskMethods = ReturnType<typeof taskMethods>;

export function serveTask(port: MessagePort, paths: LedgerPaths): void {
  serveThread(port, taskMethods(new ReadingHandle(paths.database)));
}
