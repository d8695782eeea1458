import { SinkFailure } from "../sink.ts";

/**
 * What a promise gives, or a `SinkFailure` (retry) once the signal is aborted or the time is over. What the promise
 * does later is ignored. `limit`: null where something else bounds it.
 */
export function within<T>(
  promise: Promise<T>,
  signal: AbortSignal,
  limit: { ms: number; message: string } | null,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const give = (message: string): void => reject(new SinkFailure("retry", message));
    const abort = (): void => give("The connection was given up before it was ready.");
    const timer = limit === null ? undefined : setTimeout(() => give(limit.message), limit.ms);
    const clean = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    };
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(clean);
  });
}
