import { GitCompareArrows } from "lucide-react";
import { useState } from "react";
import { useInvalidate, useMutationProcedure } from "../../api/hooks.ts";
import { useJob } from "../../api/jobs.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { JobProgress } from "../../ui/job-progress.tsx";
import { FieldError } from "../../ui/text-field.tsx";
import styles from "./sync.module.css";

/** Proves that Supabase is complete, and sends what is not. */
export function ReconcileCard() {
  const invalidate = useInvalidate();
  const [jobId, setJobId] = useState<string | null>(null);
  const job = useJob(jobId);
  const start = useMutationProcedure("jobs.reconcile", {
    onSuccess: ({ job_id }) => {
      setJobId(job_id);
      invalidate("jobs.list");
    },
  });
  const cancel = useMutationProcedure("jobs.cancel");
  const isRunning = job?.state === "running";
  return (
    <Card
      title="Is Supabase complete?"
      description="Compares every message and session by time, and sends only what is missing or differs. It also runs each night."
    >
      <Button
        icon={GitCompareArrows}
        busy={start.isPending}
        disabled={isRunning}
        onClick={() => start.mutate({})}
      >
        Compare now
      </Button>
      <FieldError error={start.error?.message ?? cancel.error?.message} id="reconcile-error" />
      {job !== null && (
        <div className={styles.tested} aria-live="polite">
          {isRunning ? (
            <JobProgress job={job} onCancel={() => cancel.mutate({ job_id: job.job_id })} />
          ) : (
            <p>{job.message}</p>
          )}
        </div>
      )}
    </Card>
  );
}
