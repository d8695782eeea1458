import { Sparkles } from "lucide-react";
import { useEffect, useState } from "react";
import { useMutationProcedure } from "../../api/hooks.ts";
import { useJob } from "../../api/jobs.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { JobProgress } from "../../ui/job-progress.tsx";
import { useToast } from "../../ui/toast.tsx";
import styles from "./welcome-page.module.css";

/** Fills the ledger with the sample. */
export function DemoCard({ onHold }: { onHold: (held: boolean) => void }) {
  const toast = useToast();
  const [jobId, setJobId] = useState<string | null>(null);
  const job = useJob(jobId);
  const start = useMutationProcedure("jobs.demo", {
    onMutate: () => onHold(true),
    onSuccess: (started) => setJobId(started.job_id),
    onError: (error) => {
      onHold(false);
      toast.error(error, "The demo did not start");
    },
  });
  const hasEnded = job !== null && job.state !== "running";
  useEffect(() => {
    if (hasEnded) onHold(false);
  }, [hasEnded, onHold]);
  const cancel = useMutationProcedure("jobs.cancel", {
    onError: (error) => toast.error(error, "The demo was not cancelled"),
  });
  return (
    <Card
      as="h2"
      title={
        <span className={styles.cardTitle}>
          <Sparkles aria-hidden size={15} /> Look around with sample data
        </span>
      }
    >
      <div className={styles.demo}>
        {jobId === null || job === null ? (
          <>
            <p className="muted">
              60 days, four channels, 25,000 messages with real-looking failures. Only an empty ledger takes
              it.
            </p>
            <Button busy={start.isPending || jobId !== null} onClick={() => start.mutate({})}>
              Load the demo
            </Button>
          </>
        ) : (
          <JobProgress job={job} onCancel={() => cancel.mutate({ job_id: job.job_id })} />
        )}
      </div>
    </Card>
  );
}
