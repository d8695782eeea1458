import { useEffect, useState } from "react";
import type { Job } from "../../src-shared/contract/upkeep.ts";
import { useProcedure } from "./hooks.ts";

const ASK_MS = 2_000;
const NO_JOBS: readonly Job[] = [];

/** Jobs that run and those that ended lately, newest first, kept current by events. */
export function useJobs(): readonly Job[] {
  return useProcedure("jobs.list", {}).data?.jobs ?? NO_JOBS;
}

/** One job as it goes on; null while it is not known. Asks too, should an event get lost. */
export function useJob(jobId: string | null): Job | null {
  const [ended, setEnded] = useState<string | null>(null);
  const isFollowed = jobId !== null && jobId !== ended;
  const { data } = useProcedure("jobs.list", {}, { refetchInterval: isFollowed ? ASK_MS : false });
  const job = data?.jobs.find((one) => one.job_id === jobId) ?? null;
  const hasEnded = job !== null && job.state !== "running";
  useEffect(() => {
    if (hasEnded) setEnded(jobId);
  }, [hasEnded, jobId]);
  return job;
}

/** What the job does per second since its start, in its unit; null before there is a rate to tell. */
export function jobRate(job: Job, now: number = Date.now()): number | null {
  const end = job.ended_ts === null ? now : Date.parse(job.ended_ts);
  const seconds = (end - Date.parse(job.started_ts)) / 1_000;
  return seconds < 0.2 || job.done === 0 ? null : job.done / seconds;
}
