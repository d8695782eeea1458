import type { MessagePort } from "node:worker_threads";
import type { ExportInput } from "../../../src-shared/contract/upkeep.ts";
import type { LedgerPaths } from "../data-dir.ts";
import { inodeOf } from "../open.ts";
import { ReadingHandle } from "../reader/serve.ts";
import type { Cut, RetentionPolicy } from "../retention-plan.ts";
import { toCallerError } from "../sqlite-errors.ts";
import { serveThread } from "../thread-port.ts";
import { type ExportChunk, openExport } from "./export.ts";
import { type CutPage, type PlannedCut, planForSize, planRetention, walkCuts } from "./retention.ts";
import { checkDatabase, prepareRestore, sealCopy } from "./verify.ts";

/** One long piece of work on a thread of its own, which ends with it; cancelling ends the thread. */
function taskMethods(paths: LedgerPaths) {
  const handle = new ReadingHandle(paths.database);
  let chunks: Iterator<ExportChunk> | null = null;
  let sent: ExportChunk["text"] = "";
  let pages: Iterator<CutPage> | null = null;
  let file: bigint | undefined;
  return {
    check: ({ file, isIncomplete }: { file: string; isIncomplete: boolean }) =>
      checkDatabase(file, { isIncomplete }),
    seal: ({ file }: { file: string }) => sealCopy(file),
    prepareRestore: ({ file }: { file: string }) => prepareRestore(file),
    exportOpen: (input: ExportInput): { total: number | null } => {
      const opened = handle.run((database) => openExport(database, input));
      chunks = opened.chunks;
      return { total: opened.total };
    },
    /** Null after the last chunk. Reads on from the file it began with, also when another takes the ledger's place. */
    exportNext: (_: null): ExportChunk | null => {
      // The other side has a copy. Given back at once: the collector sees only how small its handle is.
      if (typeof sent !== "string") sent.buffer.transfer(0);
      sent = "";
      try {
        const next = chunks?.next();
        if (next === undefined || next.done) return null;
        sent = next.value.text;
        return next.value;
      } catch (error) {
        throw toCallerError(error);
      }
    },
    retentionPlan: ({ policy, now }: { policy: RetentionPolicy; now: number }): PlannedCut[] =>
      handle.run((database) => planRetention(database, policy, now)),
    retentionPlanForSize: (limit: Parameters<typeof planForSize>[1]): PlannedCut | null =>
      handle.run((database) => planForSize(database, limit)),
    retentionOpen: ({ cuts, withText }: { cuts: readonly Cut[]; withText: boolean }): void => {
      // Before the handle is: where another file comes in between, nothing is deleted.
      file = inodeOf(paths.database);
      pages = handle.run((database) => walkCuts(database, cuts, withText));
    },
    /** Null after the last page. `file` is the one that the positions are of. */
    retentionNext: (_: null): (CutPage & { file: bigint | undefined }) | null => {
      try {
        const next = pages?.next();
        return next === undefined || next.done ? null : { ...next.value, file };
      } catch (error) {
        throw toCallerError(error);
      }
    },
  };
}

export type TaskMethods = ReturnType<typeof taskMethods>;

export function serveTask(port: MessagePort, paths: LedgerPaths): void {
  serveThread(port, taskMethods(paths));
}
