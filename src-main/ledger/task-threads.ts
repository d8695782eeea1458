import { WaybillError } from "../../src-shared/errors.ts";
import type { LedgerPaths } from "./data-dir.ts";
import type { TaskMethods } from "./task/serve.ts";
import type { ThreadClient } from "./thread-port.ts";
import { startTask } from "./threads.ts";

/** A thread for one long piece of work. `end` must be called when the work is over. */
export type TaskThread = { thread: ThreadClient<TaskMethods>; end: () => Promise<void> };

/** Starts a thread for each long piece of work, and ends those still at it when the ledger closes. */
export class TaskThreads {
  readonly #paths: LedgerPaths;
  readonly #running = new Set<ThreadClient<TaskMethods>>();
  #closed = false;

  constructor(paths: LedgerPaths) {
    this.#paths = paths;
  }

  /** The signal ends the thread, and its calls reject with `cancelled`. Throws `cancelled` or `unavailable`. */
  start(signal?: AbortSignal): TaskThread {
    if (this.#closed) throw new WaybillError("unavailable", "The ledger is closed.");
    if (signal?.aborted) throw cancelledError();
    const thread = startTask(this.#paths);
    this.#running.add(thread);
    const cancel = (): void => void thread.terminate(cancelledError());
    signal?.addEventListener("abort", cancel, { once: true });
    const end = async (): Promise<void> => {
      signal?.removeEventListener("abort", cancel);
      this.#running.delete(thread);
      await thread.terminate();
    };
    return { thread, end };
  }

  async run<T>(work: (thread: ThreadClient<TaskMethods>) => Promise<T>, signal?: AbortSignal): Promise<T> {
    const { thread, end } = this.start(signal);
    try {
      return await work(thread);
    } finally {
      await end();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#running].map((thread) => thread.terminate()));
  }
}

function cancelledError(): WaybillError {
  return new WaybillError("cancelled", "It was cancelled.");
}
