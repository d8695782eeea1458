import { setTimeout as pause } from "node:timers/promises";
import type { Job } from "../../../src-shared/contract/upkeep.ts";
import { Broken } from "../round.ts";
import type { Stage } from "./stage.ts";

const JOB_MS = 60_000;
const LOOK_MS = 100;

/** Sends once more what was accepted until a queue was deleted; what came later has to come there by itself. */
export async function resend(stage: Stage): Promise<void> {
  const deleted = Math.max(...stage.deletedQueues.values());
  const [from, to] = [stage.started, deleted].map((ms) => new Date(ms).toISOString());
  await stage.call("sync.resend", { sink: "rabbitmq", from, to });
}

/** Tries at once what waits, and what was parked. */
export async function retry(stage: Stage): Promise<void> {
  await stage.call("sync.retry", {});
}

/** Compares the ledger with Supabase, which sends what is missing there. */
export async function reconcile(stage: Stage): Promise<void> {
  const { job_id } = await stage.call<Job>("jobs.reconcile", {});
  for (const until = Date.now() + JOB_MS; ; ) {
    const { jobs } = await stage.call<{ jobs: Job[] }>("jobs.list", {});
    const job = jobs.find((each) => each.job_id === job_id);
    if (job?.state === "done") return;
    if (job?.state !== "running") throw new Broken(`reconcile is ${job?.state}: ${job?.message}`);
    if (Date.now() > until) throw new Broken(`reconcile was not done in ${JOB_MS} ms`);
    await pause(LOOK_MS);
  }
}
