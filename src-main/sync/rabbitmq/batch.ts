import { DELIVERED, type TextChange, UNSETTLED, type Verdict } from "../sink.ts";

const HELD = "An earlier change of this message is parked. Retry that one: they go in order.";

/**
 * Which changes of a batch may go next, and what became of each. Of one message only one is on its way; its next
 * follows when that one is confirmed, and those of other messages go on meanwhile.
 */
export class Batch {
  readonly changes: readonly TextChange[];
  readonly #verdicts: Verdict[];
  /** The next change of the same message; -1 at the end. */
  readonly #following: Int32Array;
  readonly #flying = new Set<number>();
  readonly #returned = new Set<number>();
  #ready: number[] = [];
  #head = 0;
  #unsent = 0;

  constructor(changes: readonly TextChange[]) {
    this.changes = changes;
    this.#verdicts = changes.map(() => UNSETTLED);
    this.#following = new Int32Array(changes.length).fill(-1);
    const last = new Map<string, number>();
    for (const [index, { record }] of changes.entries()) {
      const before = last.get(record.message_uuid);
      if (before !== undefined) this.#following[before] = index;
      last.set(record.message_uuid, index);
    }
    this.#line();
  }

  get verdicts(): readonly Verdict[] {
    return this.#verdicts;
  }

  /** How many were sent and not answered. */
  get flying(): number {
    return this.#flying.size;
  }

  /** The one that was sent and not answered for which that holds. */
  findFlying(isIt: (change: TextChange) => boolean): number | null {
    for (const index of this.#flying) {
      const change = this.changes[index];
      if (change !== undefined && isIt(change)) return index;
    }
    return null;
  }

  /** How many are still to be sent, with those that wait for another. */
  get unsent(): number {
    return this.#unsent;
  }

  /** The next that may be sent, which is then on its way; null where there is none now. */
  next(): number | null {
    const index = this.#ready[this.#head];
    if (index === undefined) return null;
    this.#head += 1;
    this.#unsent -= 1;
    this.#flying.add(index);
    return index;
  }

  /** The broker has it, so the message's next may go. */
  confirm(index: number): void {
    if (!this.#flying.delete(index)) return;
    const following = this.#following[index] ?? -1;
    if (following >= 0) this.#ready.push(following);
  }

  /** It was confirmed, and both queues are known to have been there. */
  deliver(index: number): void {
    this.#verdicts[index] = DELIVERED;
  }

  /** The sink will never take it, and so none of the message's later ones. */
  park(index: number, reason: string): void {
    if (!this.#flying.delete(index)) return;
    this.#verdicts[index] = { kind: "parked", reason };
    for (let later = this.#following[index] ?? -1; later >= 0; later = this.#following[later] ?? -1) {
      this.#verdicts[later] = { kind: "parked", reason: HELD };
      this.#unsent -= 1;
    }
  }

  /** Not taken now; it stays unsettled, and the message's later ones wait. */
  refuse(index: number): void {
    this.#flying.delete(index);
  }

  /** No queue took it. False where that is so for the second time. */
  mayRetryReturned(index: number): boolean {
    if (this.#returned.has(index)) return false;
    this.#returned.add(index);
    return true;
  }

  /** Sends again what is not settled. */
  giveBack(): void {
    this.#flying.clear();
    this.#line();
  }

  /** Of each message the first that is not settled. */
  #line(): void {
    const waits = new Uint8Array(this.changes.length);
    this.#ready = [];
    this.#head = 0;
    this.#unsent = 0;
    for (const [index, verdict] of this.#verdicts.entries()) {
      const isUnsettled = verdict.kind === "unsettled";
      const following = this.#following[index] ?? -1;
      if (following >= 0 && (isUnsettled || waits[index] === 1)) waits[following] = 1;
      if (!isUnsettled) continue;
      this.#unsent += 1;
      if (waits[index] === 0) this.#ready.push(index);
    }
  }
}
