import type { Readable } from "node:stream";

/**
 * The stream's chunks until its end, or until the signal is given: then it ends between two
 * chunks and leaves the stream open, so that whoever has the other side can still be answered.
 */
export async function* chunksUntil(stream: Readable, signal: AbortSignal): AsyncGenerator<Buffer, void> {
  const chunks = stream.iterator({ destroyOnReturn: false }) as AsyncIterator<Buffer>;
  let stop = () => {};
  const onAbort = () => stop();
  signal.addEventListener("abort", onAbort);
  try {
    while (!signal.aborted) {
      // Not a race with one promise for all turns: that promise would hold every chunk until the end.
      const next = await new Promise<IteratorResult<Buffer> | null>((resolve, reject) => {
        stop = () => resolve(null);
        chunks.next().then(resolve, reject);
      });
      if (next === null || next.done) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener("abort", onAbort);
    // Else it goes on to listen for chunks, and nobody could read on or throw the rest away. A chunk it waits for may never come.
    chunks.return?.().catch(() => {});
  }
}
