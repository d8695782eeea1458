import { GitCompareArrows } from "lucide-react";
import { useInvalidate, useMutationProcedure, useProcedure } from "../../api/hooks.ts";
import { useJobs } from "../../api/jobs.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { JobProgress } from "../../ui/job-progress.tsx";
import { Link } from "../../ui/link.tsx";
import { FieldError } from "../../ui/text-field.tsx";
import { RelativeTime } from "../../ui/timestamp.tsx";
import { JobResult } from "../health/job-result.tsx";
import styles from "./reconcile-card.module.css";

/** Proves that Supabase is complete, and sends what is not. */
export function ReconcileCard() {
  const invalidate = useInvalidate();
  // Also the nightly one, and what another window started.
  const job = useJobs().find(({ kind }) => kind === "reconcile") ?? null;
  const nightly = useProcedure("settings.get", {}).data?.sync.supabase.reconcile_nightly;
  const onSettled = () => invalidate("jobs.list");
  const start = useMutationProcedure("jobs.reconcile", { onSettled });
  const cancel = useMutationProcedure("jobs.cancel", { onSettled });
  const isRunning = job?.state === "running";
  return (
    <Card
      title="Is Supabase complete?"
      description="Counts and fingerprints of every message and session are compared with the ledger, and only what is missing or differs is sent."
      actions={
        <Button
          icon={GitCompareArrows}
          busy={start.isPending}
          disabled={isRunning}
          onClick={() => start.mutate({})}
        >
          Compare now
        </Button>
      }
    >
      <div className={styles.body}>
        {job?.state === "running" && (
          <JobProgress job={job} onCancel={() => cancel.mutate({ job_id: job.job_id })} />
        )}
        <div aria-live="polite">
          {job !== null && job.state !== "running" && (
            <>
              <JobResult job={job} />
              {job.ended_ts !== null && (
                <p className="muted">
                  Compared <RelativeTime ts={job.ended_ts} />
                </p>
              )}
            </>
          )}
        </div>
        {job === null && <p className="muted">Not compared since Waybill started.</p>}
        {nightly !== undefined && (
          <p className="muted">
            {nightly ? "It is also compared every night at 3." : "It is not compared by itself."}{" "}
            <Link href="/settings">Settings</Link>
          </p>
        )}
        <FieldError error={start.error?.message ?? cancel.error?.message} id="reconcile-error" />
      </div>
    </Card>
  );
}
