import type { OutageSave } from "../ledger/sync-save.ts";

export type OutageChange =
  | { kind: "began"; message: string }
  | { kind: "ended"; since: number; tries: number };

/** The outages of one sink: from the first failure to the next delivery, with all tries between as one. */
export class Outages {
  readonly #onChange: (change: OutageChange) => void;
  #now: OutageSave | null = null;
  readonly #unsaved = new Map<number, OutageSave>();

  constructor(onChange: (change: OutageChange) => void) {
    this.#onChange = onChange;
  }

  meet(message: string, now: number): void {
    const isNew = this.#now === null;
    this.#now = { since: this.#now?.since ?? now, until: null, message, tries: (this.#now?.tries ?? 0) + 1 };
    this.#unsaved.set(this.#now.since, this.#now);
    if (isNew) this.#onChange({ kind: "began", message });
  }

  /** Goes on with one that a host before this one met and did not see the end of. */
  resume(open: OutageSave): void {
    this.#now ??= open;
  }

  end(now: number): void {
    if (this.#now === null) return;
    const { since, tries } = this.#now;
    this.#unsaved.set(since, { ...this.#now, until: now });
    this.#now = null;
    this.#onChange({ kind: "ended", since, tries });
  }

  take(): OutageSave[] {
    const taken = [...this.#unsaved.values()];
    this.#unsaved.clear();
    return taken;
  }

  giveBack(taken: readonly OutageSave[]): void {
    for (const outage of taken) if (!this.#unsaved.has(outage.since)) this.#unsaved.set(outage.since, outage);
  }
}
