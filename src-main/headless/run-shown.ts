import { untilStopped } from "./command.ts";
import { ProgressLine } from "./output.ts";
import { formatCount } from "./table.ts";

type Shown = { signal: AbortSignal; onProgress: (done: number, total: number | null) => void };

/** Runs long work with its progress on a terminal; Ctrl-C cancels it. */
export async function runShown<T>(run: (shown: Shown) => Promise<T>): Promise<T> {
  const progress = new ProgressLine();
  const stop = untilStopped();
  const onProgress = (done: number, total: number | null) =>
    progress.update(total ? `${Math.floor((100 * done) / total)} %` : formatCount(done));
  try {
    return await run({ signal: stop.signal, onProgress });
  } finally {
    progress.end();
    stop.done();
  }
}
