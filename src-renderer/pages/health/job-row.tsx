import type { Job } from "../../../src-shared/contract/upkeep.ts";
import { formatDuration } from "../../ui/format.ts";
import { JobProgress } from "../../ui/job-progress.tsx";
import { RelativeTime } from "../../ui/timestamp.tsx";
import styles from "./job-row.module.css";
import { JOB_STATES } from "./job-states.ts";
import { canCancel, JOB_NAMES } from "./job-text.ts";
import { useUpkeep } from "./upkeep-provider.tsx";

export function JobRow({ job }: { job: Job }) {
  const upkeep = useUpkeep();
  const { label, icon: Icon, colour } = JOB_STATES[job.state];

  if (job.state === "running") {
    return (
      <li className={styles.running}>
        <JobProgress
          job={job}
          title={JOB_NAMES[job.kind].running}
          onCancel={canCancel(job) ? () => upkeep.cancel(job) : undefined}
        />
      </li>
    );
  }
  return (
    <li className={styles.job}>
      <Icon className={styles.icon} size={16} color={colour} aria-hidden />
      <div>
        <p>
          <span className={styles.name}>{JOB_NAMES[job.kind].name}</span>{" "}
          <span style={{ color: colour }}>{label}</span>{" "}
          <span className="muted">
            <RelativeTime ts={job.ended_ts ?? job.started_ts} />
            {job.ended_ts !== null &&
              `, took ${formatDuration(secondsBetween(job.started_ts, job.ended_ts))}`}
          </span>
        </p>
        {job.message !== null && <p className={styles.message}>{job.message}</p>}
      </div>
    </li>
  );
}

function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1_000;
}
