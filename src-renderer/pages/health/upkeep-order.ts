import { JOB_KINDS, type Job, type JobKind } from "../../../src-shared/contract/upkeep.ts";

export type UpkeepKind = Extract<JobKind, "check" | "backup" | "restore" | "repair" | "vacuum">;

/** These replace the database, so nothing that tends it may run beside them. */
const EXCLUSIVE: ReadonlySet<JobKind> = new Set(["restore", "repair"]);
/** These only read or add. */
const HARMLESS: ReadonlySet<JobKind> = new Set(["export", "import"]);
const UPKEEP: ReadonlySet<JobKind> = new Set(["check", "backup", "restore", "repair", "vacuum"]);

export function isUpkeep(kind: JobKind): kind is UpkeepKind {
  return UPKEEP.has(kind);
}

/** Kinds that the host would refuse now with `conflict`, because of what runs. */
export function blockedKinds(jobs: readonly Job[]): ReadonlySet<JobKind> {
  const running = jobs.filter(({ state, kind }) => state === "running" && !HARMLESS.has(kind));
  return new Set(
    JOB_KINDS.filter(
      (kind) =>
        !HARMLESS.has(kind) &&
        running.some((job) => job.kind === kind || EXCLUSIVE.has(kind) || EXCLUSIVE.has(job.kind)),
    ),
  );
}
