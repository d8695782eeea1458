import type { Receipt } from "../../../src-shared/contract/messages.ts";
import type { EntryResult } from "../entries.ts";
import { SHORT_RUN_MESSAGES, URGENT_RECENTLY_MS } from "../message-run.ts";
import type { Work } from "./apply.ts";

/** One commit takes at most this many entries, which is some tens of milliseconds: more of them cost no less each. */
const GROUP_ENTRIES = 2_000;

/** What became of each entry, and where the chain stood when the last was committed; null where the spool took them. */
export type Settlement = { results: EntryResult[]; receipt: Receipt | null };

type Submission = Settlement & {
  work: readonly Work[];
  /** Goes before what is not, in a commit of its own. */
  urgent: boolean;
  /** How much of the work is taken. */
  taken: number;
  resolve: (settlement: Settlement) => void;
  reject: (error: unknown) => void;
};

/** What one commit takes, and how many of its entries are of each submission. */
export type Group = { work: Work[]; shares: { submission: Submission; entries: number }[] };

/** Work that waits for the writer, in order, the urgent first. Each group that is taken is settled, or failed, before the next. */
export class SubmissionQueue {
  readonly #waiting: Submission[] = [];
  #lastUrgent = 0;

  get isEmpty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Settles when all of the work is; rejects with what one of its groups failed with. */
  add(work: readonly Work[], urgent: boolean): Promise<Settlement> {
    return new Promise((resolve, reject) => {
      const submission = { work, urgent, taken: 0, results: [], receipt: null, resolve, reject };
      const place = urgent ? this.#waiting.findIndex((other) => !other.urgent) : -1;
      this.#waiting.splice(place === -1 ? this.#waiting.length : place, 0, submission);
      if (urgent) this.#lastUrgent = Date.now();
    });
  }

  /** What the next commit is to take; submissions stay in the queue until all of their work is settled. */
  take(): Group {
    const group: Group = { work: [], shares: [] };
    let size = 0;
    const isUrgent = this.#waiting[0]?.urgent === true;
    const isShort = isUrgent || Date.now() - this.#lastUrgent < URGENT_RECENTLY_MS;
    const most = isShort ? SHORT_RUN_MESSAGES : GROUP_ENTRIES;
    for (const submission of this.#waiting) {
      const { work } = submission;
      if (submission.urgent !== isUrgent) break;
      const before = size;
      for (let item = work[submission.taken]; item !== undefined; item = work[submission.taken]) {
        const entries = item.op === "run" ? item.count : 1;
        if (size > 0 && size + entries > most) break;
        group.work.push(item);
        size += entries;
        submission.taken += 1;
      }
      group.shares.push({ submission, entries: size - before });
      if (submission.taken < work.length) break;
    }
    return group;
  }

  /** Gives each submission its share of what became of a group. */
  settle({ shares }: Group, { results, receipt }: Settlement): void {
    let told = 0;
    for (const { submission, entries } of shares) {
      for (let index = told; index < told + entries; index += 1) {
        const result = results[index];
        if (result !== undefined) submission.results.push(result);
      }
      told += entries;
      submission.receipt = receipt;
    }
    this.#release();
  }

  /** A submission fails with any of its groups, and the rest of its work is dropped. */
  fail({ shares }: Group, error: unknown): void {
    for (const { submission } of shares) submission.reject(error);
    this.#waiting.splice(0, shares.length);
    this.#release();
  }

  #release(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      if (first.taken < first.work.length) break;
      this.#waiting.shift();
      first.resolve({ results: first.results, receipt: first.receipt });
    }
  }
}
