/** Built, the worker lies beside every chunk as one file; run from source it is this folder's own. */
export const WORKER_URL = import.meta.url.endsWith(".ts")
  ? new URL("./worker.ts", import.meta.url)
  : new URL("./forwarding-worker.js", import.meta.url);
