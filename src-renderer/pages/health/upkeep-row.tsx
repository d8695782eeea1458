import type { LucideIcon } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import type { Job } from "../../../src-shared/contract/upkeep.ts";
import { useJobs } from "../../api/jobs.ts";
import { Button } from "../../ui/button.tsx";
import { JobProgress } from "../../ui/job-progress.tsx";
import { FieldError } from "../../ui/text-field.tsx";
import { JobResult } from "./job-result.tsx";
import { canCancel, JOB_NAMES } from "./job-text.ts";
import type { UpkeepKind } from "./upkeep-order.ts";
import { useUpkeep } from "./upkeep-provider.tsx";
import styles from "./upkeep-row.module.css";

/** One that was started from the palette may end while this page opens. */
const JUST_ENDED_MS = 10_000;

type UpkeepRowProps = {
  kind: UpkeepKind;
  icon: LucideIcon;
  name: string;
  purpose: string;
  button: string;
  last: ReactNode;
};

export function UpkeepRow({ kind, icon: Icon, name, purpose, button, last }: UpkeepRowProps) {
  const id = useId();
  const upkeep = useUpkeep();
  const job = useCurrentJob(kind);

  return (
    <li className={styles.row}>
      <Icon className={styles.icon} size={16} aria-hidden />
      <div>
        <h3>{name}</h3>
        <p className="muted">{purpose}</p>
        {last && <p className={styles.last}>{last}</p>}
      </div>
      <Button
        className={styles.button}
        busy={upkeep.starting === kind}
        disabled={upkeep.blocked.has(kind) || upkeep.starting !== null}
        onClick={() => upkeep.ask(kind)}
      >
        {button}
      </Button>
      {upkeep.failure?.kind === kind && (
        <div className={styles.below}>
          <FieldError error={upkeep.failure.error.message} id={`${id}-error`} />
        </div>
      )}
      {job?.state === "running" && (
        <div className={styles.below}>
          <JobProgress
            job={job}
            title={JOB_NAMES[kind].running}
            onCancel={canCancel(job) ? () => upkeep.cancel(job) : undefined}
          />
        </div>
      )}
      <div className={styles.result} aria-live="polite">
        {job && job.state !== "running" && <JobResult job={job} />}
      </div>
    </li>
  );
}

/** The last job of this kind, while it runs and, once it ended, for as long as the page stays open. */
function useCurrentJob(kind: UpkeepKind): Job | null {
  const [sinceTs] = useState(() => new Date(Date.now() - JUST_ENDED_MS).toISOString());
  const job = useJobs().find((one) => one.kind === kind);
  if (job === undefined) return null;
  return job.ended_ts === null || job.ended_ts > sinceTs ? job : null;
}
