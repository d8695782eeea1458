import { useId, useState } from "react";
import type { RetentionSettings } from "../../../src-shared/contract/upkeep.ts";
import { useMutationProcedure } from "../../api/hooks.ts";
import { useJob } from "../../api/jobs.ts";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";
import { JobProgress } from "../../ui/job-progress.tsx";
import { FieldError } from "../../ui/text-field.tsx";
import styles from "./delete-now.module.css";
import { DoomedMessages } from "./doomed-messages.tsx";

type DeleteNowProps = {
  retention: RetentionSettings;
  open: boolean;
  onOpenChange: (open: boolean) => void;
};

/** Runs the daily deletion at once, after a question that says what goes. */
export function DeleteNow({ retention, open, onOpenChange }: DeleteNowProps) {
  const id = useId();
  const [jobId, setJobId] = useState<string | null>(null);
  const job = useJob(jobId);
  const start = useMutationProcedure("jobs.prune", {
    onSuccess: (started) => setJobId(started.job_id),
    onSettled: () => onOpenChange(false),
  });
  const cancel = useMutationProcedure("jobs.cancel");
  const error = start.error ?? cancel.error;

  return (
    <div className={styles.result}>
      <FieldError error={error?.message} id={`${id}-error`} />
      {job && (
        <JobProgress
          job={job}
          onCancel={job.state === "running" ? () => cancel.mutate({ job_id: job.job_id }) : undefined}
        />
      )}
      <ConfirmDialog
        open={open}
        onOpenChange={onOpenChange}
        title="Delete what the rules do not keep now?"
        description={<DoomedMessages retention={retention} when="at once" />}
        confirmLabel="Delete now"
        danger
        busy={start.isPending}
        onConfirm={() => start.mutate({})}
      />
    </div>
  );
}
