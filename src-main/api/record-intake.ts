import type { Acceptance } from "../../src-shared/contract/messages.ts";
import type { RecordLine } from "./record-lines.ts";

export type IntakeOptions = {
  /** Accepts a list of records; see `MessageLogger.logMessages`. */
  log: (records: unknown[]) => Promise<Acceptance>;
  /** Records in one list at most. */
  batchSize: number;
  /** Lists that may wait for their acceptance at a time. */
  maxInFlight: number;
  /** Gets the ids of each list in the order of the input. While it takes its time no more is read. */
  onAccepted: (acceptance: Acceptance) => void | Promise<void>;
  onRejected: (line: RecordLine, error: string) => void;
};

/**
 * Feeds lines to the ledger in lists, a few at a time, without ever holding more than a few.
 * What comes slowly is sent at once; what comes quickly fills lists.
 */
export class RecordIntake {
  readonly #options: IntakeOptions;
  #pending: RecordLine[] = [];
  #inFlight = 0;
  /** Results are handed out in the order of the input, whichever is durable first. */
  #order: Promise<void> = Promise.resolve();
  #failure: { error: unknown } | null = null;
  #wake: (() => void) | null = null;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /** Lists that were sent beside the one that failed may still be accepted. */
  get hasFailed(): boolean {
    return this.#failure !== null;
  }

  /** Resolves when there is room for more. Throws the first failure to accept; nothing is sent after it. */
  async push(lines: readonly RecordLine[]): Promise<void> {
    for (const line of lines) {
      if ("error" in line) this.#options.onRejected(line, line.error);
      else this.#pending.push(line);
    }
    this.#pump();
    while (this.#pending.length >= this.#options.batchSize && this.#failure === null)
      await this.#nextResult();
    this.#throwFailure();
  }

  /** Sends what is left and waits for all. Throws as `push` does. */
  async finish(): Promise<void> {
    while ((this.#pending.length > 0 || this.#inFlight > 0) && this.#failure === null) {
      this.#pump();
      await this.#nextResult();
    }
    await this.settle();
    this.#throwFailure();
  }

  /** Waits for what was sent, sends nothing more and never rejects. */
  async settle(): Promise<void> {
    this.#pending = [];
    await this.#order;
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }

  #pump(): void {
    const { batchSize, maxInFlight } = this.#options;
    while (this.#pending.length > 0 && this.#inFlight < maxInFlight && this.#failure === null) {
      const batch = this.#pending.splice(0, batchSize);
      this.#inFlight += 1;
      const reply = this.#options.log(batch.map((line) => ("record" in line ? line.record : undefined)));
      // It is awaited in its turn; until then a failure must not count as unhandled.
      reply.catch(() => undefined);
      this.#order = this.#order.then(() => this.#deliver(batch, reply));
    }
  }

  async #deliver(batch: readonly RecordLine[], reply: Promise<Acceptance>): Promise<void> {
    try {
      const acceptance = await reply;
      for (const { index, error } of acceptance.rejected) {
        const line = batch[index];
        if (line !== undefined) this.#options.onRejected(line, error);
      }
      await this.#options.onAccepted(acceptance);
    } catch (error) {
      this.#failure ??= { error };
    }
    this.#inFlight -= 1;
    this.#pump();
    this.#wake?.();
  }

  #nextResult(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }
}
