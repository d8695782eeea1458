import { setTimeout as pause } from "node:timers/promises";
import type { IngestState } from "../../src-shared/contract/chat.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import { formatTime, SECOND_MS } from "../../src-shared/time.ts";
import type { MessageLogger } from "../ledger/message-logger.ts";
import { pauseAfter } from "../sync/back-off.ts";
import { newIngestState } from "./ingest-state.ts";
import { type DeadLetter, deadLetter, readBodies, type Taken } from "./read-bodies.ts";

const LONGEST_PAUSE_MS = 5 * SECOND_MS;
const MEASURE_MS = 2 * SECOND_MS;

/**
 * Where messages are taken from. What was taken stays there, in the name of this worker, until it is settled. All
 * methods but `close` reject with `unavailable`; then it is closed, and opened again.
 */
export type IngestSource = {
  readonly name: string;
  readonly kind: IngestState["kind"];
  open(): Promise<void>;
  /** First what was taken before and not settled; then what is new, or nothing after a moment without any. */
  take(): Promise<readonly Taken[]>;
  /** Removes what was taken, and keeps the bad ones aside, in one step. */
  settle(taken: readonly Taken[], dead: readonly DeadLetter[]): Promise<void>;
  /** How many wait there, with those that this worker holds; null where Redis can't tell. */
  depth(): Promise<number | null>;
  /** Ends what is under way. Never rejects. */
  close(isForGood: boolean): Promise<void>;
};

export type IngestOptions = {
  source: IngestSource;
  ledger: Pick<MessageLogger, "logMessages">;
  log: (level: "info" | "warning", message: string) => void;
};

/**
 * Takes messages from a source into the ledger, batch by batch, in their order. A batch is removed there only after the
 * ledger accepted it; so after any failure it is taken once more, and the ledger knows by its ids what it has already.
 */
export class Ingest {
  readonly #options: IngestOptions;
  readonly #ending = new AbortController();
  readonly #ended: Promise<void>;
  #state: IngestState;
  #nextMeasure = 0;

  constructor(options: IngestOptions) {
    this.#options = options;
    this.#state = newIngestState(options.source.name, options.source.kind);
    this.#ended = this.#run();
  }

  get state(): IngestState {
    return this.#state;
  }

  /** Ends after the batch in hand; what is not settled then is taken again at the next start. */
  async close(): Promise<void> {
    this.#ending.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { source } = this.#options;
    const { signal } = this.#ending;
    for (let tries = 0; !signal.aborted; tries += 1) {
      try {
        await source.open();
        if (this.#state.state === "connecting") this.#state = { ...this.#state, state: "running" };
        while (!signal.aborted) {
          await this.#takeBatch();
          tries = 0;
        }
      } catch (error) {
        if (signal.aborted) break;
        this.#state = { ...this.#state, depth: null };
        this.#nextMeasure = 0;
        this.#wait(error instanceof WaybillError ? error.message : String(error));
        await this.#pause(tries);
      } finally {
        await source.close(signal.aborted);
      }
    }
  }

  async #takeBatch(): Promise<void> {
    const { source } = this.#options;
    await this.#measure();
    const taken = await source.take();
    if (taken.length === 0) return this.#goOn();
    const dead = await this.#accept(taken);
    await source.settle(taken, dead);
    this.#goOn();
    this.#state = { ...this.#state, dead: this.#state.dead + dead.length };
    const [first] = dead;
    if (first !== undefined) {
      const count = dead.length === 1 ? "A message" : `${dead.length} messages`;
      const where = `${count} from ${source.name} can't be logged and went to ${source.name}:dead.`;
      this.#options.log("warning", `${where} ${first.reason}`);
    }
  }

  /** Gives the ones that the ledger will never accept. Rejects only when it is to end. */
  async #accept(taken: readonly Taken[]): Promise<DeadLetter[]> {
    const { source, ledger } = this.#options;
    const { bodies, dead } = readBodies(source.name, taken);
    const records = bodies.map(({ record }) => record);
    for (let tries = 0; records.length > 0; tries += 1) {
      try {
        const { accepted, duplicates, rejected } = await ledger.logMessages(records);
        for (const { index, error } of rejected) {
          const body = bodies[index];
          if (body !== undefined) dead.push(deadLetter(source.name, body.taken, error));
        }
        this.#state = {
          ...this.#state,
          accepted: this.#state.accepted + accepted,
          duplicates: this.#state.duplicates + duplicates,
        };
        break;
      } catch (error) {
        if (this.#ending.signal.aborted || !(error instanceof WaybillError)) throw error;
        this.#wait(error.message);
        await this.#pause(tries);
        this.#ending.signal.throwIfAborted();
        await this.#measure();
      }
    }
    return dead;
  }

  async #measure(): Promise<void> {
    if (Date.now() < this.#nextMeasure) return;
    const depth = await this.#options.source.depth();
    this.#state = { ...this.#state, depth };
    this.#nextMeasure = Date.now() + MEASURE_MS;
  }

  #wait(problem: string): void {
    const isNews = this.#state.state !== "waiting";
    const last_error = { ts: formatTime(Date.now()), message: problem };
    this.#state = { ...this.#state, state: "waiting", problem, last_error };
    const { source, log } = this.#options;
    if (isNews)
      log("warning", `Nothing is taken in from ${source.name} now, and nothing is lost: ${problem}`);
  }

  #goOn(): void {
    if (this.#state.state === "running") return;
    this.#options.log("info", `Messages are taken in from ${this.#options.source.name} again.`);
    this.#state = { ...this.#state, state: "running", problem: null };
  }

  async #pause(tries: number): Promise<void> {
    const { signal } = this.#ending;
    const wait = Math.min(pauseAfter(tries, Math.random), LONGEST_PAUSE_MS);
    // Cut short when it is to end, which whoever waits looks at.
    await pause(wait, undefined, { signal }).catch(() => {});
  }
}
