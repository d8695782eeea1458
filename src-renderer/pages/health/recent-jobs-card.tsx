import { History } from "lucide-react";
import { useJobs } from "../../api/jobs.ts";
import { Card } from "../../ui/card.tsx";
import { EmptyState } from "../../ui/states.tsx";
import { JobRow } from "./job-row.tsx";
import { isUpkeep } from "./upkeep-order.ts";

export function RecentJobsCard() {
  // Upkeep that runs is shown with its action; here are the rest, and whatever ended.
  const jobs = useJobs().filter((job) => job.state !== "running" || !isUpkeep(job.kind));

  return (
    <Card title="Recent jobs" description="Also those that other windows and programs started." flush>
      {jobs.length === 0 ? (
        <EmptyState
          icon={History}
          title="No job since the start"
          description="Checks, backups, reports and imports are listed here with what came of them."
        />
      ) : (
        <ul>
          {jobs.map((job) => (
            <JobRow key={job.job_id} job={job} />
          ))}
        </ul>
      )}
    </Card>
  );
}
