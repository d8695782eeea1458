import type { Job } from "../../../src-shared/contract/upkeep.ts";
import styles from "./job-result.module.css";
import { JOB_STATES } from "./job-states.ts";
import { JOB_NAMES } from "./job-text.ts";

/** How a job ended, in a sentence. */
export function JobResult({ job }: { job: Job }) {
  const { icon: Icon, label, colour } = JOB_STATES[job.state];
  return (
    <p className={styles.result} style={{ color: colour }}>
      <Icon className={styles.icon} size={14} aria-hidden />
      {job.message ?? `${JOB_NAMES[job.kind].name} ${label}.`}
    </p>
  );
}
