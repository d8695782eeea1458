import { stat } from "node:fs/promises";
import { join } from "node:path";
import { WaybillError } from "../../src-shared/errors.ts";
import { MESSAGE_FIELDS } from "../../src-shared/record.ts";
import { DAY_MS } from "../../src-shared/time.ts";
import { writeExport } from "../transfer/export-file.ts";
import { createFormatter } from "../transfer/format.ts";
import { ensurePrivateDirectory, type LedgerPaths } from "./data-dir.ts";
import { assertRoomFor } from "./disk-room.ts";
import { type Cut, keepDays, type RetentionPolicy } from "./retention-plan.ts";
import { classifyTrouble, troubleOf, troubleSentence } from "./sqlite-errors.ts";
import { syncDirectory } from "./sync-directory.ts";
import type { PlannedCut } from "./task/retention.ts";
import type { TaskMethods } from "./task/serve.ts";
import type { TaskThreads } from "./task-threads.ts";
import type { Progress, ThreadClient } from "./thread-port.ts";
import type { UpkeepNotes } from "./upkeep-notes.ts";
import { fileNameTime } from "./writer/database-files.ts";
import type { OldSessions } from "./writer/prune.ts";
import type { WriterLink } from "./writer-link.ts";

/** Messages of one exported file: their positions are held in memory until they are deleted. */
const MOST_EXPORTED = 1_000_000;
/** Size is estimated from the average message: where the old ones are smaller it takes another look. */
const MOST_SIZE_PASSES = 5;

const EXPORT_PREFIX = "retention-";
const EXPORT_SUFFIX = ".csv";

/** Whether a file of the exports folder holds messages that retention deleted. */
export function isRetentionExport(name: string): boolean {
  return name.startsWith(EXPORT_PREFIX) && name.endsWith(EXPORT_SUFFIX);
}

export type RetentionResult = {
  deleted: number;
  system_logs: number;
  freed_bytes: number;
  /** Where the deleted messages were exported to. */
  files: string[];
};

type Page = NonNullable<Awaited<ReturnType<TaskMethods["retentionNext"]>>>;
type Task = ThreadClient<TaskMethods>;

/** Deletes what a policy does not keep. What goes is chosen on a thread of its own and deleted by the writer in small steps. */
export class Retention {
  readonly #paths: LedgerPaths;
  readonly #writer: WriterLink;
  readonly #tasks: TaskThreads;
  readonly #notes: UpkeepNotes;

  constructor(paths: LedgerPaths, writer: WriterLink, tasks: TaskThreads, notes: UpkeepNotes) {
    this.#paths = paths;
    this.#writer = writer;
    this.#tasks = tasks;
    this.#notes = notes;
  }

  /** What would be deleted now; for size as if the rules had deleted nothing. Rejects with `unavailable` or `cancelled`. */
  plan(policy: RetentionPolicy, { signal }: Progress): Promise<PlannedCut[]> {
    return this.#tasks.run(async (task) => {
      const planned = await task.call("retentionPlan", { policy, now: Date.now() });
      const limit = sizeLimit(policy);
      const forSize = limit === null ? null : await task.call("retentionPlanForSize", limit);
      return forSize === null ? planned : [...planned, forSize];
    }, signal);
  }

  /** Deletes messages, sessions and system logs that are older; how many messages went. Rejects as `apply` does. */
  async prune(days: number, delete_unsent: boolean, progress: Progress): Promise<number> {
    const { deleted } = await this.#run({ ...keepDays(days), delete_unsent }, progress);
    const message = `${deleted} messages older than ${days} days were deleted.`;
    await this.#notes.logDone({ log: { message, details: { deleted, days } } });
    return deleted;
  }

  /**
   * Deletes what a policy does not keep; its outcome is kept for health. Rejects with `unavailable`, `conflict` or
   * `cancelled`; what was deleted by then stays deleted. Where messages are to be exported first and can't be, none of
   * them is deleted.
   */
  async apply(policy: RetentionPolicy, progress: Progress): Promise<RetentionResult> {
    try {
      const result = await this.#run(policy, progress);
      await this.#notes.logDone({
        facts: { last_retention_ts: String(Date.now()), last_retention_error: "" },
        log: { message: `Retention deleted ${result.deleted} messages.`, details: { ...result } },
      });
      return result;
    } catch (error) {
      if (error instanceof WaybillError && error.code === "cancelled") throw error;
      const message = error instanceof WaybillError ? error.message : String(error);
      await this.#notes.logDone({
        facts: { last_retention_error: message },
        log: { level: "error", message: `Retention failed. ${message}`, details: { error: String(error) } },
      });
      throw error;
    }
  }

  #run(policy: RetentionPolicy, progress: Progress): Promise<RetentionResult> {
    return this.#tasks.run((task) => this.#deleteBy(task, policy, progress), progress.signal);
  }

  async #deleteBy(task: Task, policy: RetentionPolicy, progress: Progress): Promise<RetentionResult> {
    const now = Date.now();
    const result: RetentionResult = { deleted: 0, system_logs: 0, freed_bytes: 0, files: [] };
    const planned = await task.call("retentionPlan", { policy, now });
    const total = planned.reduce((sum, { messages }) => sum + messages, 0);
    progress.onProgress?.(0, total);
    const cuts = planned.map(({ cut }) => cut);
    await this.#delete(task, cuts, { policy, result, total, progress });
    const systemLogsBefore = policy.system_log_days === null ? null : now - policy.system_log_days * DAY_MS;
    await this.#tidy(cuts, { now, systemLogsBefore, result, progress });
    const limit = sizeLimit(policy);
    for (let pass = 0; limit !== null && pass < MOST_SIZE_PASSES; pass += 1) {
      const over = await task.call("retentionPlanForSize", limit);
      // What a sink has not had is kept, however large the ledger is.
      if (over === null || over.messages === 0) break;
      await this.#delete(task, [over.cut], { policy, result, total: null, progress });
      await this.#tidy([over.cut], { now, systemLogsBefore: null, result, progress });
    }
    return result;
  }

  async #delete(
    task: Task,
    cuts: readonly Cut[],
    run: { policy: RetentionPolicy; result: RetentionResult; total: number | null; progress: Progress },
  ): Promise<void> {
    const withText = run.policy.export_before_delete;
    await task.call("retentionOpen", { cuts, withText });
    for (let first = await task.call("retentionNext", null); first !== null; ) {
      const pages = withText ? await this.#export(task, first, run.result) : [first];
      for (const page of pages) {
        run.result.deleted += await this.#writer.call("prune", page, { signal: run.progress.signal });
        run.progress.onProgress?.(run.result.deleted, run.total);
      }
      first = await task.call("retentionNext", null);
    }
  }

  /** Writes messages to a file of their own; gives their positions once all of it is on the disk. */
  async #export(task: Task, first: Page, result: RetentionResult): Promise<Page[]> {
    const directory = join(this.#paths.dataDir, "exports");
    const out = join(directory, `${EXPORT_PREFIX}${fileNameTime()}${EXPORT_SUFFIX}`);
    const pages: Page[] = [];
    let bytes = 0;
    async function* chunks(): AsyncGenerator<{ text: string; rows: number }> {
      const header = createFormatter("csv", MESSAGE_FIELDS).begin();
      bytes += Buffer.byteLength(header);
      yield { text: header, rows: 0 };
      let messages = 0;
      for (let page: Page | null = first; page !== null; ) {
        const { text, ...keys } = page;
        pages.push({ ...keys, text: "" });
        const size = Buffer.byteLength(text);
        // Deleting needs the room that is kept for it.
        assertRoomFor(directory, size);
        bytes += size;
        messages += keys.seqs.length;
        yield { text, rows: keys.seqs.length };
        page = messages < MOST_EXPORTED ? await task.call("retentionNext", null) : null;
      }
    }
    try {
      ensurePrivateDirectory(directory);
      const { rows } = await writeExport(chunks(), out);
      await syncDirectory(directory);
      const { size } = await stat(out);
      const exported = pages.reduce((sum, { seqs }) => sum + seqs.length, 0);
      if (rows !== exported || size !== bytes)
        throw new Error(`${out} has ${size} bytes and not ${bytes}, of ${rows} messages and not ${exported}`);
    } catch (error) {
      throw exportFailure(error, result);
    }
    result.files.push(out);
    return pages;
  }

  async #tidy(
    cuts: readonly Cut[],
    {
      now,
      systemLogsBefore,
      result,
      progress,
    }: { now: number; systemLogsBefore: number | null; result: RetentionResult; progress: Progress },
  ): Promise<void> {
    const sessions = cuts
      .filter(({ status }) => status === null)
      // One that has only just begun may have no message yet.
      .map(
        ({ channel, before, delete_unsent }): OldSessions => ({
          channel,
          before: Math.min(before.ts, now - DAY_MS),
          delete_unsent: delete_unsent === true ? 1 : 0,
        }),
      );
    const done = await this.#writer.call("tidy", { systemLogsBefore, sessions }, { signal: progress.signal });
    result.system_logs += done.systemLogs;
    result.freed_bytes += done.freedBytes;
  }
}

function sizeLimit({ max_size_mb, delete_unsent }: RetentionPolicy) {
  return max_size_mb === null ? null : { max_size_mb, delete_unsent };
}

function exportFailure(error: unknown, { deleted }: RetentionResult): unknown {
  if (error instanceof WaybillError && error.code === "cancelled") return error;
  const outcome = deleted === 0 ? "Nothing was deleted" : `After ${deleted} messages no more were deleted`;
  const trouble = troubleOf(error) ?? classifyTrouble(error);
  const why = trouble === "bug" ? "The system log has the details." : troubleSentence(trouble);
  return new WaybillError(
    "unavailable",
    `${outcome}: what is to be deleted could not be exported first. ${why}`,
    { cause: error },
  );
}
