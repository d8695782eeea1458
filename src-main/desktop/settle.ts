import { SECOND_MS } from "../../src-shared/time.ts";
import type { Core } from "../api/core.ts";
import { settlesWithin } from "../api/settles-within.ts";
import type { ApiServer } from "./api-server.ts";
import type { PageServer } from "./ipc/serve-page.ts";

const CALLS_MS = 5 * SECOND_MS;
/** Cancelled jobs may take so long to notice. */
const JOBS_MS = 2 * SECOND_MS;
/** And so long all of it, the checkpoint and the closing of the ledger included. */
const ALL_MS = 9 * SECOND_MS;

/**
 * Takes no more, settles what is in flight, checkpoints and closes. False where some work did not end
 * in time: what was accepted is safe, but the process must be ended without waiting for it.
 */
export function settle(parts: { core: Core; api: ApiServer; page: PageServer }): Promise<boolean> {
  const { core, api, page } = parts;
  const work = async (): Promise<boolean> => {
    const jobsEnded = await settlesWithin(JOBS_MS, core.jobs.close());
    await Promise.all([api.close(), page.close(CALLS_MS)]);
    await core.close();
    return jobsEnded;
  };
  let inTime = false;
  return settlesWithin(
    ALL_MS,
    work().then((ended) => {
      inTime = ended;
    }),
  ).then((ended) => ended && inTime);
}
