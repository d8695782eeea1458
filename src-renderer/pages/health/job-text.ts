import type { Job, JobKind } from "../../../src-shared/contract/upkeep.ts";

/** What a job is called in lists, and while it runs. */
export const JOB_NAMES: Readonly<Record<JobKind, { name: string; running: string }>> = {
  check: { name: "Integrity check", running: "Checking every page of the ledger" },
  backup: { name: "Backup", running: "Backing up" },
  restore: { name: "Restore", running: "Restoring" },
  repair: { name: "Repair", running: "Repairing" },
  vacuum: { name: "Vacuum", running: "Giving free space back" },
  prune: { name: "Deletion of old messages", running: "Deleting old messages" },
  export: { name: "Report", running: "Writing the report" },
  import: { name: "Import", running: "Importing" },
  demo: { name: "Sample data", running: "Writing the sample" },
  reconcile: { name: "Comparison with Supabase", running: "Comparing with Supabase" },
};

/** Half a repair, restore or vacuum is worth nothing: these run to their end. */
const STOPPABLE: ReadonlySet<JobKind> = new Set([
  "check",
  "backup",
  "prune",
  "export",
  "import",
  "demo",
  "reconcile",
]);

export function canCancel(job: Job): boolean {
  return job.state === "running" && STOPPABLE.has(job.kind);
}
