import { type ChildProcess, fork } from "node:child_process";
import { resolve } from "node:path";

/** Runs in the child, see `serveTask`; its input and output go through JSON. */
export type Task<I, O> = (input: I, stop: AbortSignal) => Promise<O>;

export type RunningTask<O> = { result: Promise<O>; stop: () => void };

const running = new Set<ChildProcess>();

/**
 * Starts a script of `tasks/` in a process of its own: what one line leaves in memory does not slow the next. The
 * result rejects when the task throws or its process ends before it is done.
 */
export function startTask<T extends Task<never, unknown>>(
  script: string,
  input: Parameters<T>[0],
): RunningTask<Awaited<ReturnType<T>>> {
  const child = fork(resolve(import.meta.dirname, "tasks", script), {
    execArgv: ["--expose-gc", "--max-old-space-size=8192"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  running.add(child);
  const result = new Promise<Awaited<ReturnType<T>>>((done, fail) => {
    child.once("message", (message) => {
      const answer = message as { value: Awaited<ReturnType<T>> } | { error: string };
      if ("error" in answer) fail(new Error(`${script}: ${answer.error}`));
      else done(answer.value);
    });
    child.once("error", fail);
    child.once("exit", (code, signal) => {
      running.delete(child);
      fail(new Error(`${script} ended with ${code ?? signal} before it was done`));
    });
  });
  child.send({ input });
  return { result, stop: () => void (child.connected && child.send({ stop: true })) };
}

export function runTask<T extends Task<never, unknown>>(
  script: string,
  input: Parameters<T>[0],
): Promise<Awaited<ReturnType<T>>> {
  return startTask<T>(script, input).result;
}

/** For the end of the bench: nothing that it started outlives it. */
export function killTasks(): void {
  for (const child of running) child.kill("SIGKILL");
}

/** In a script of `tasks/`: does the work that the parent sends, answers, and lets the process end. */
export function serveTask<I, O>(task: Task<I, O>): void {
  const stop = new AbortController();
  process.on("message", (message) => {
    const order = message as { input: I } | { stop: true };
    if ("stop" in order) stop.abort();
    else void work(order.input);
  });
  const work = async (input: I): Promise<void> => {
    const answer = await task(input, stop.signal).then(
      (value) => ({ value }),
      (error: unknown) => ({
        error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      }),
    );
    process.send?.(answer, () => process.disconnect());
  };
}

/** What was prepared is old by the time the clock starts, and is not collected while it runs. */
export function collectGarbage(): void {
  globalThis.gc?.();
}
