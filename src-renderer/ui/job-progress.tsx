import { CircleAlert, CircleCheck, CircleSlash } from "lucide-react";
import type { Job } from "../../src-shared/contract/upkeep.ts";
import { jobRate } from "../api/jobs.ts";
import { Button } from "./button.tsx";
import { classes } from "./classes.ts";
import { formatBytes, formatDuration, formatNumber } from "./format.ts";
import styles from "./progress.module.css";
import { Progress } from "./progress.tsx";

const TITLES: Readonly<Record<Job["kind"], string>> = {
  check: "Integrity check",
  backup: "Backup",
  restore: "Restore",
  repair: "Repair",
  vacuum: "Vacuum",
  prune: "Deleting old messages",
  export: "Export",
  import: "Import",
  demo: "Loading the demo",
  reconcile: "Comparing with Supabase",
};

const ENDINGS = { done: CircleCheck, failed: CircleAlert, cancelled: CircleSlash } as const;
const TONES = { running: "accent", done: "success", failed: "danger", cancelled: "neutral" } as const;

export type JobProgressProps = { job: Job; onCancel?: (() => void) | undefined; title?: string | undefined };

/** How far a job is, how fast it goes, and how it ended. */
export function JobProgress({ job, onCancel, title = TITLES[job.kind] }: JobProgressProps) {
  const isRunning = job.state === "running";
  const share = job.total === null || job.total === 0 ? null : job.done / job.total;
  return (
    <div className={styles.job}>
      <div className={styles.jobHead}>
        <span className={styles.jobTitle}>{title}</span>
        {isRunning && onCancel && (
          <Button size="sm" onClick={onCancel}>
            Cancel
          </Button>
        )}
      </div>
      <Progress label={title} tone={TONES[job.state]} value={isRunning ? share : 1} />
      <JobFigures job={job} />
      <JobEnding job={job} />
    </div>
  );
}

function JobFigures({ job }: { job: Job }) {
  const rate = jobRate(job);
  const amount = (value: number) =>
    job.unit === "bytes" ? formatBytes(value) : formatNumber(Math.round(value));
  const unit = job.unit === "bytes" ? "" : ` ${job.unit}`;
  const left =
    rate === null || job.total === null || job.state !== "running" ? null : (job.total - job.done) / rate;
  return (
    <div className={styles.jobFigures}>
      <span>
        {amount(job.done)}
        {job.total !== null && job.state === "running" && ` of ${amount(job.total)}`}
        {unit}
      </span>
      {rate !== null && job.unit !== "steps" && (
        <span>
          {amount(rate)}
          {unit}/s
        </span>
      )}
      {left !== null && left >= 1 && <span>about {formatDuration(Math.ceil(left))} left</span>}
    </div>
  );
}

function JobEnding({ job }: { job: Job }) {
  if (job.state === "running") return <div aria-live="polite" className="visually-hidden" />;
  const Icon = ENDINGS[job.state];
  const fallback = { done: "Done.", failed: "It failed.", cancelled: "Cancelled." }[job.state];
  return (
    <div
      aria-live="polite"
      className={classes(styles.jobMessage, job.state !== "cancelled" && styles[job.state])}
    >
      <Icon aria-hidden size={13} />
      {job.message ?? fallback}
    </div>
  );
}
