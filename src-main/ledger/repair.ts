import { WaybillError } from "../../src-shared/errors.ts";
import { MINUTE_MS } from "../../src-shared/time.ts";
import type { LedgerPaths } from "./data-dir.ts";
import { inodeOf } from "./open.ts";
import { troubleOf } from "./sqlite-errors.ts";
import { type Findings, isSound } from "./task/verify.ts";
import type { TaskThreads } from "./task-threads.ts";
import type { Progress } from "./thread-port.ts";
import type { UpkeepNotes } from "./upkeep-notes.ts";
import { listUnfinished } from "./writer/quarantine.ts";
import type { WriterLink } from "./writer-link.ts";

/** A row that only its reader finds damaged is met with each read: not each is worth a check of everything. */
const CHECK_AGAIN_MS = MINUTE_MS;

/** Checks the ledger and mends it: when it is asked to, and by itself where damage was met. */
export class Repair {
  readonly #paths: LedgerPaths;
  readonly #writer: WriterLink;
  readonly #tasks: TaskThreads;
  readonly #notes: UpkeepNotes;
  /** When a check that a reader's damage called for found none. */
  #soundAt = 0;
  /** One that a reader's damage called for is under way. */
  #mending = false;
  #stopped = false;

  constructor(paths: LedgerPaths, writer: WriterLink, tasks: TaskThreads, notes: UpkeepNotes) {
    this.#paths = paths;
    this.#writer = writer;
    this.#tasks = tasks;
    this.#notes = notes;
  }

  /** The full integrity check; its outcome is kept for health. Rejects with `unavailable` or `cancelled`. */
  async check({ signal }: Progress): Promise<Findings> {
    const findings = await this.#find(signal);
    const sound = isSound(findings);
    const now = String(Date.now());
    await this.#notes.keep({ last_check_ts: now, last_check_ok: sound ? "1" : "0" });
    const { chain } = findings;
    if (chain !== null) {
      const broken = chain.broken === null ? "" : JSON.stringify(chain.broken);
      await this.#notes.keep({ last_chain_ts: now, last_chain_broken: broken });
    }
    if (!sound)
      await this.#notes.log("error", "The full integrity check found damage. Run a repair.", { ...findings });
    else if (chain?.broken)
      await this.#notes.log("error", `The chain of records does not hold: ${chain.broken.message}.`, {
        ...chain,
      });
    else await this.#notes.log("info", "The full integrity check found nothing wrong.", { ...chain });
    return findings;
  }

  /** A reader met damage that the writer has not: what it reads may lie elsewhere. It is mended in the background. */
  meetDamage(error: unknown): void {
    if (troubleOf(error) !== "corrupt" || this.#mending || this.#stopped) return;
    this.#mending = true;
    const mended = this.#repairIfDamaged().finally(() => {
      this.#mending = false;
    });
    this.#inBackground(mended, "The repair of the damaged database");
  }

  /** The writer set a damaged database aside: its rows are brought back in the background. */
  bringBack(file: string): void {
    this.#inBackground(this.#salvage(file, {}), "Bringing records back");
  }

  /** From now on damage that a reader meets begins no repair. */
  stop(): void {
    this.#stopped = true;
  }

  /**
   * Mends what can be mended in place; else sets the damaged file aside and brings every readable row into a
   * new one, and those that an earlier repair left. Rejects with `unavailable` or `cancelled`.
   */
  async repair(progress: Progress): Promise<{ message: string }> {
    const found = inodeOf(this.#paths.database);
    const before = await this.check(progress);
    const messages: string[] = [];
    if (await this.#mendInPlace(before, progress)) {
      const after = await this.check(progress);
      const message = `${mended(before, after)}; indexes, statistics and the search index were made anew.`;
      await this.#notes.log(isSound(after) ? "info" : "error", message, { before, after });
      messages.push(message);
    } else {
      // Whoever met the damage as well may have set it aside: what is there then is sound, and takes the rows back.
      await this.#writer.call("setAside", found);
    }
    const files = await this.#writer.call("unfinished", undefined);
    for (const file of files) messages.push(await this.#salvage(file, progress));
    if (files.length > 0) await this.check(progress);
    return { message: messages.join(" ") };
  }

  /**
   * Brings every readable row of a database that was set aside into the ledger; again where it was not
   * finished. Rejects with `unavailable` or `cancelled`: the rest comes with the next start.
   */
  async #salvage(file: string, progress: Progress): Promise<string> {
    const counts = await this.#writer.call("salvage", { file }, progress);
    if (counts === null) {
      const message = `Nothing could be read from the damaged database; it is kept in ${file}.`;
      await this.#notes.log("error", message, { file });
      return message;
    }
    const message =
      `${counts.messages} messages, ${counts.events} status changes, ${counts.sessions} sessions and ` +
      `${counts.systemLogs} system logs came back; ${counts.unreadable} rows could not be read. ` +
      `The damaged file is kept in ${file}.`;
    await this.#notes.log(counts.unreadable === 0 ? "info" : "warning", message, { file, ...counts });
    return message;
  }

  /** Where a full check finds damage too, it is repaired. Rejects as `repair` does. */
  async #repairIfDamaged(): Promise<void> {
    if (Date.now() - this.#soundAt < CHECK_AGAIN_MS) return;
    const { damage } = await this.check({});
    if (damage.length > 0) await this.repair({});
    else this.#soundAt = Date.now();
  }

  /** Nobody waits for it, so its failure goes to the system log. */
  #inBackground(work: Promise<unknown>, name: string): void {
    work.catch((error: unknown) => {
      // Where not even that can be logged the ledger is closing, or health says what is wrong.
      this.#notes.log("error", `${name} was not finished.`, { error: String(error) }).catch(() => {});
    });
  }

  /** Whether new indexes and statistics are all that it takes. A rebuild that meets a damaged page is an answer too. */
  async #mendInPlace(before: Findings, { signal }: Progress): Promise<boolean> {
    try {
      await this.#writer.call("rebuild", undefined);
    } catch (error) {
      if (before.damage.length === 0 || !isDamage(error)) throw error;
      return false;
    }
    if (before.damage.length === 0) return true;
    const after = await this.#find(signal);
    return after.damage.length === 0;
  }

  #find(signal: AbortSignal | undefined): Promise<Findings> {
    const isIncomplete = listUnfinished(this.#paths).length > 0;
    return this.#tasks.run(
      (task) => task.call("check", { file: this.#paths.database, isIncomplete }),
      signal,
    );
  }
}

function mended(before: Findings, after: Findings): string {
  if (!isSound(after)) return "Not all could be mended, see the full check's findings";
  return isSound(before) ? "No damage was found" : "What was wrong is mended";
}

/** Whether a rebuild failed because of what it found, and not because it could not be done now. */
function isDamage(error: unknown): boolean {
  return !(error instanceof WaybillError) || troubleOf(error) === "corrupt";
}
