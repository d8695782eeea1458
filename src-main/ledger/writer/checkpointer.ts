import { Worker } from "node:worker_threads";
import type { LedgerPaths } from "../data-dir.ts";
import { WORKER_URL } from "../worker-url.ts";
import { AT_WORK, type CheckpointRequest, IDLE } from "./checkpoint-thread.ts";
import type { Store } from "./store.ts";

/** About 4 MiB in the log: then the thread moves them. */
const MOVED_BY_THREAD = 1_000;
/** So few are moved between two commits: nobody who waits notices, and the next commit begins the log anew. */
const MOVED_BY_WRITER = 300;
/** About 64 MiB: a log so long is moved by the writer, however many there are. */
const LONGEST_LOG = 16_000;
/** A reader that holds on to the log keeps all of this from getting anywhere: it is tried again now and then. */
const HELD_AGAIN_MS = 500;
/** A thread that does not answer is given up. */
const LONGEST_WAIT_MS = 10_000;
const PATIENCE_MS = 0;

/**
 * Keeps the write-ahead log short. A thread does the bulk beside the commits; since records that never pause would always
 * leave it some, the writer moves the last few itself between two commits, so that the log can begin anew.
 */
export class Checkpointer {
  readonly #paths: LedgerPaths;
  readonly #busy = new Int32Array(new SharedArrayBuffer(4));
  #worker: Worker | null = null;
  #isRunning = false;
  #triedAt = 0;
  #movedBefore = 0;

  constructor(paths: LedgerPaths) {
    this.#paths = paths;
  }

  /** Called between two commits, often. Throws SQLite's error. */
  tend(store: Store): void {
    if (this.#isRunning) return;
    const { frames, moved } = store.log();
    const left = frames - moved;
    if (frames < MOVED_BY_THREAD || left === 0) return;
    if (this.#isHeld(moved)) return;
    const isTooLong = frames >= LONGEST_LOG;
    if (left <= MOVED_BY_WRITER || isTooLong) this.#move(store, moved);
    else this.#start(moved);
  }

  /** With nothing to do: empties the log, also its file. Throws SQLite's error. */
  tendIdle(store: Store, fileBytes: number): void {
    if (this.#isRunning || fileBytes === 0) return;
    const { frames, moved } = store.log();
    if (this.#isHeld(moved)) return;
    if (frames - moved > MOVED_BY_WRITER) this.#start(moved);
    else {
      this.#note(moved);
      store.emptyLog(PATIENCE_MS);
    }
  }

  /** Waits until no connection but the writer's is open here. */
  settle(): void {
    if (Atomics.load(this.#busy, 0) === AT_WORK) Atomics.wait(this.#busy, 0, AT_WORK, LONGEST_WAIT_MS);
  }

  close(): void {
    this.settle();
    void this.#worker?.terminate();
    this.#worker = null;
  }

  /** Whether the last try got nowhere, and it is too early for the next. */
  #isHeld(moved: number): boolean {
    return moved === this.#movedBefore && Date.now() - this.#triedAt < HELD_AGAIN_MS;
  }

  #note(moved: number): void {
    this.#triedAt = Date.now();
    this.#movedBefore = moved;
  }

  #move(store: Store, moved: number): void {
    this.#note(moved);
    store.moveLog();
  }

  #start(moved: number): void {
    this.#note(moved);
    this.#isRunning = true;
    Atomics.store(this.#busy, 0, AT_WORK);
    this.#thread().postMessage({ busy: this.#busy } satisfies CheckpointRequest);
  }

  #thread(): Worker {
    if (this.#worker !== null) return this.#worker;
    const worker = new Worker(WORKER_URL, {
      name: "ledger-checkpoints",
      workerData: { role: "checkpoints", paths: this.#paths, owner: "" },
      resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 4 },
    });
    // It must not keep a program from ending.
    worker.unref();
    const ended = (): void => {
      this.#isRunning = false;
      Atomics.store(this.#busy, 0, IDLE);
      Atomics.notify(this.#busy, 0);
      if (this.#worker === worker) this.#worker = null;
    };
    worker.on("message", () => {
      this.#isRunning = false;
    });
    worker.on("error", ended);
    worker.on("exit", ended);
    this.#worker = worker;
    return worker;
  }
}
