import { WaybillError } from "../../src-shared/errors.ts";
import type { LedgerPaths } from "./data-dir.ts";
import type { ReaderMethods } from "./reader/serve.ts";
import type { Progress, ThreadClient } from "./thread-port.ts";
import { startReader } from "./threads.ts";

/** The way to the reader's thread, which starts with the first call, and anew with the first after it died. */
export class ReaderLink {
  readonly #paths: LedgerPaths;
  #client: ThreadClient<ReaderMethods> | null = null;
  #refusing = false;

  constructor(paths: LedgerPaths) {
    this.#paths = paths;
  }

  /** Rejects with the method's errors, `cancelled`, or `unavailable` where the thread died or the ledger is closed. */
  async call<K extends keyof ReaderMethods & string>(
    method: K,
    input: Parameters<ReaderMethods[K]>[0],
    progress?: Progress,
  ): Promise<Awaited<ReturnType<ReaderMethods[K]>>> {
    if (this.#refusing) throw new WaybillError("unavailable", "The ledger is closed.");
    this.#client ??= startReader(this.#paths, () => {
      this.#client = null;
    });
    return this.#client.call(method, input, progress);
  }

  /** Refuses new calls; those under way go on until `close`. */
  refuse(): void {
    this.#refusing = true;
  }

  async close(): Promise<void> {
    this.refuse();
    await this.#client?.terminate();
  }
}
