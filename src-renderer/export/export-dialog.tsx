import { useState } from "react";
import type { ExportInput, ReportFormat } from "../../src-shared/contract/upkeep.ts";
import { useMutationProcedure } from "../api/hooks.ts";
import { useJob } from "../api/jobs.ts";
import { Button } from "../ui/button.tsx";
import { Dialog } from "../ui/dialog.tsx";
import { JobProgress } from "../ui/job-progress.tsx";
import { useToast } from "../ui/toast.tsx";
import styles from "./export-dialog.module.css";
import { useExports } from "./exports.ts";
import { FormatChoice } from "./format-choice.tsx";
import { FORMATS, formatName, REPORT_FORMATS } from "./formats.ts";

export type ExportDialogProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  input: Omit<ExportInput, "format">;
  summary: string;
};

/** Choose a format, see it being written, get the file. Closing it lets the export go on. */
export function ExportDialog({ open, onOpenChange, title, input, summary }: ExportDialogProps) {
  const exports = useExports();
  const toast = useToast();
  const [format, setFormat] = useState<ReportFormat>(input.what === "report" ? "html" : "csv");
  const [jobId, setJobId] = useState<string | null>(null);
  const [starting, setStarting] = useState(false);
  const job = useJob(open ? jobId : null);
  const cancel = useMutationProcedure("jobs.cancel", {
    onError: (error) => toast.error(error, "The export was not cancelled"),
  });

  const changeOpen = (next: boolean) => {
    // Opened anew after an end, it starts from the choice.
    if (next && job?.state !== "running") setJobId(null);
    if (!next && job !== null && job.state !== "running") setJobId(null);
    onOpenChange(next);
  };
  const start = async () => {
    setStarting(true);
    try {
      setJobId((await exports.start({ ...input, format })).job_id);
    } catch (error) {
      toast.error(error, "The export did not start");
    } finally {
      setStarting(false);
    }
  };
  const isRunning = job?.state === "running";
  return (
    <Dialog
      description={summary}
      footer={
        jobId === null ? (
          <>
            <Button variant="ghost" onClick={() => changeOpen(false)}>
              Cancel
            </Button>
            <Button busy={starting} variant="primary" onClick={() => void start()}>
              Export {formatName(format)}
            </Button>
          </>
        ) : (
          <>
            {job !== null && !isRunning && (
              <Button variant="ghost" onClick={() => setJobId(null)}>
                Export again
              </Button>
            )}
            <Button variant={isRunning ? "secondary" : "primary"} onClick={() => changeOpen(false)}>
              {isRunning ? "Continue in the background" : "Close"}
            </Button>
          </>
        )
      }
      open={open}
      title={title}
      onOpenChange={changeOpen}
    >
      {jobId === null ? (
        <FormatChoice
          formats={input.what === "report" ? REPORT_FORMATS : FORMATS}
          value={format}
          onValueChange={setFormat}
        />
      ) : (
        <div className={styles.progress}>
          {job === null ? (
            <p className="muted">Starting…</p>
          ) : (
            <JobProgress
              job={job}
              title={job.file_name ?? "Writing the report"}
              onCancel={() => cancel.mutate({ job_id: job.job_id })}
            />
          )}
        </div>
      )}
    </Dialog>
  );
}
