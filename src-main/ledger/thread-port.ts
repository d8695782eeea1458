import type { MessagePort, Worker } from "node:worker_threads";
import { type ErrorBody, toErrorBody, WaybillError } from "../../src-shared/errors.ts";

export type Progress = {
  /** `total` is null where it can't be known. */
  onProgress?: ((done: number, total: number | null) => void) | undefined;
  signal?: AbortSignal | undefined;
};

/** What a method gets besides its argument. */
export type CallContext = { progress: (done: number, total: number | null) => void; signal: AbortSignal };

/** For work in steps. Throws `cancelled`. */
export function assertGoingOn(signal: AbortSignal): void {
  if (signal.aborted)
    throw new WaybillError("cancelled", "It was cancelled; what was done so far stays done.");
}

/** `never`, because each method has an argument type of its own and `unknown` would refuse them all. */
export type ThreadMethods = Record<string, (input: never, context: CallContext) => unknown>;

type Request = { id: number; method: string; input: unknown } | { cancel: number };
type Answer =
  | { id: number; ok: true; value: unknown }
  | { id: number; ok: false; error: ErrorBody; cause: Thrown | null }
  | { id: number; progress: [done: number, total: number | null] }
  | { notice: unknown };

/** A raw error as it crosses: for the system log, never for a caller. */
type Thrown = { message: string; stack: string | undefined };

function describeThrown(thrown: unknown): Thrown {
  if (thrown instanceof Error) return { message: thrown.message, stack: thrown.stack };
  return { message: String(thrown), stack: undefined };
}

function remakeThrown({ message, stack }: Thrown): Error {
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  return error;
}

/** Serves calls that come through a port, each with an ok/value or ok/error answer. */
export function serveThread(port: MessagePort, methods: ThreadMethods): void {
  const running = new Map<number, AbortController>();
  const answer = (message: Answer): void => port.postMessage(message);

  const serve = async (id: number, method: string, input: unknown): Promise<void> => {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const handler = Object.hasOwn(methods, method) ? methods[method] : undefined;
      if (handler === undefined) throw new Error(`The thread has no method ${method}`);
      const progress = (done: number, total: number | null): void => answer({ id, progress: [done, total] });
      answer({ id, ok: true, value: await handler(input as never, { progress, signal: controller.signal }) });
    } catch (error) {
      const cause = error instanceof WaybillError ? error.cause : error;
      answer({
        id,
        ok: false,
        error: toErrorBody(error),
        cause: cause === undefined ? null : describeThrown(cause),
      });
    } finally {
      running.delete(id);
    }
  };

  port.on("message", (request: Request) => {
    if ("cancel" in request) running.get(request.cancel)?.abort();
    else void serve(request.id, request.method, request.input);
  });
}

/** Tells the host something it did not ask for. */
export function notify(port: MessagePort, notice: unknown): void {
  port.postMessage({ notice } satisfies Answer);
}

type Waiting = {
  resolve: (value: unknown) => void;
  reject: (error: Error) => void;
  onProgress: Progress["onProgress"];
};

type Result<M extends ThreadMethods, K extends keyof M> = Awaited<ReturnType<M[K]>>;

/** The host's side of a worker thread: typed calls, and an end to all of them if the thread dies. */
export class ThreadClient<M extends ThreadMethods> {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #ended: Error | null = null;

  /** `onEnd` is told why when the thread ends unasked; `onNotice` hears what it says by itself. */
  constructor(
    worker: Worker,
    listeners: { onEnd?: (error: Error) => void; onNotice?: (notice: unknown) => void } = {},
  ) {
    this.#worker = worker;
    worker.on("message", (message: Answer) => {
      if ("notice" in message) listeners.onNotice?.(message.notice);
      else this.#settle(message);
    });
    let cause: Error | null = null;
    worker.on("error", (error) => {
      cause = error instanceof Error ? error : new Error(String(error));
    });
    worker.on("exit", (code) => {
      if (this.#ended !== null) return;
      const error = new WaybillError("unavailable", "A thread of the ledger stopped; it is started again.", {
        cause: cause ?? new Error(`exit code ${code}`),
      });
      this.#end(error);
      listeners.onEnd?.(cause ?? error);
    });
  }

  get ended(): boolean {
    return this.#ended !== null;
  }

  /** Rejects with the method's WaybillError, or `unavailable` if the thread is gone. */
  call<K extends keyof M & string>(
    method: K,
    input: Parameters<M[K]>[0],
    { onProgress, signal }: Progress = {},
  ): Promise<Result<M, K>> {
    if (this.#ended !== null) return Promise.reject(this.#ended);
    if (signal?.aborted) return Promise.reject(new WaybillError("cancelled", "It was cancelled."));
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      const cancel = (): void => this.#worker.postMessage({ cancel: id } satisfies Request);
      signal?.addEventListener("abort", cancel, { once: true });
      const settled = (): void => signal?.removeEventListener("abort", cancel);
      this.#waiting.set(id, {
        resolve: (value) => {
          settled();
          resolve(value as Result<M, K>);
        },
        reject: (error) => {
          settled();
          reject(error);
        },
        onProgress,
      });
      this.#worker.postMessage({ id, method, input } satisfies Request);
    });
  }

  /** Ends the thread; calls still waiting, and all later ones, are rejected with the reason. */
  async terminate(reason = new WaybillError("unavailable", "The ledger is closed.")): Promise<void> {
    this.#end(reason);
    await this.#worker.terminate();
  }

  #settle(message: Exclude<Answer, { notice: unknown }>): void {
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) return;
    if ("progress" in message) {
      waiting.onProgress?.(...message.progress);
      return;
    }
    this.#waiting.delete(message.id);
    if (message.ok) waiting.resolve(message.value);
    else waiting.reject(this.#toError(message));
  }

  #toError({ error, cause }: Extract<Answer, { ok: false }>): Error {
    const original = cause === null ? undefined : remakeThrown(cause);
    // What went wrong inside is for the system log: it stays an Error, and the edge turns it into `internal`.
    if (error.code === "internal" && original !== undefined) return original;
    return new WaybillError(error.code, error.message, { details: error.details, cause: original });
  }

  #end(error: Error): void {
    this.#ended ??= error;
    for (const { reject } of this.#waiting.values()) reject(this.#ended);
    this.#waiting.clear();
  }
}
