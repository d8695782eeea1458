import { Archive } from "lucide-react";
import { useId, useState } from "react";
import { useInvalidate, useMutationProcedure, useProcedure } from "../../api/hooks.ts";
import { useJob } from "../../api/jobs.ts";
import { Button } from "../../ui/button.tsx";
import { formatBytes } from "../../ui/format.ts";
import { JobProgress } from "../../ui/job-progress.tsx";
import { FieldError } from "../../ui/text-field.tsx";
import { RelativeTime, Timestamp } from "../../ui/timestamp.tsx";
import styles from "./back-up-now.module.css";

/** The last backup, and one more at once. */
export function BackUpNow() {
  const id = useId();
  const [jobId, setJobId] = useState<string | null>(null);
  const job = useJob(jobId);
  const invalidate = useInvalidate();
  const query = useProcedure("backups.list", {});
  const last = query.data?.backups[0];
  const start = useMutationProcedure("jobs.backup", {
    onSuccess: (started) => {
      setJobId(started.job_id);
      invalidate("jobs.list");
    },
  });
  return (
    <>
      <div className={styles.line}>
        <p>
          {last !== undefined ? (
            <>
              Last backup: <Timestamp ts={last.created_ts} />,{" "}
              <span className="muted">
                <RelativeTime ts={last.created_ts} />, {formatBytes(last.size_bytes)}
              </span>
            </>
          ) : query.isPending ? (
            "Looking for backups…"
          ) : (
            "There is no backup yet."
          )}
        </p>
        <Button
          busy={start.isPending || job?.state === "running"}
          icon={Archive}
          onClick={() => start.mutate({})}
        >
          Back up now
        </Button>
      </div>
      <FieldError error={start.error?.message} id={`${id}-error`} />
      {job !== null && (
        <div className={styles.job}>
          <JobProgress job={job} />
        </div>
      )}
    </>
  );
}
