import type { Health } from "../../../src-shared/contract/upkeep.ts";
import { formatNumber } from "../../ui/format.ts";

export type Verdict = { title: string; sentence: string };

/** Without one of these nothing can be accepted. */
const ACCEPTING = ["database", "spool", "disk"] as const;

/** The state of Waybill in one plain sentence; what to do about each trouble stands in the checks below it. */
export function healthVerdict(health: Pick<Health, "status" | "checks" | "database" | "spool">): Verdict {
  if (health.status === "ok") {
    return { title: "Healthy", sentence: "Every record is accepted and kept. There is nothing to do." };
  }
  if (health.status === "failing") {
    const { checks } = health;
    const isRefusing = ACCEPTING.some((name) => checks[name]?.state === "failing");
    return {
      title: "Failing",
      sentence: isRefusing
        ? "New records can't be accepted or kept. Senders are told so. Start with the first row below."
        : "Records are still accepted, but what is kept may be damaged. Start with the first row below.",
    };
  }
  return { title: "Degraded", sentence: degradedSentence(health) };
}

/** The state of a host that shows an archive. */
export function archiveVerdict({ status }: Pick<Health, "status">): Verdict {
  if (status === "failing") {
    return {
      title: "Failing",
      sentence: "The archive can't be read now. Records wait on their queues until consumers can write them.",
    };
  }
  return { title: "Healthy", sentence: "The archive answers. Its consumers write it; this host reads." };
}

function degradedSentence({
  checks,
  database,
  spool,
}: Pick<Health, "checks" | "database" | "spool">): string {
  if (!database.available) {
    return `The database can't be used. New records are still accepted: they wait in the spool${waiting(spool.records)}.`;
  }
  if (spool.records > 0) {
    return `Records are accepted, but they wait in the spool${waiting(spool.records)} until the database takes them. None is lost.`;
  }
  const troubles = Object.values(checks).filter(({ state }) => state !== "ok").length;
  const things = troubles === 1 ? "one thing needs" : `${troubles} things need`;
  return `Records are accepted and kept, but ${things} your attention.`;
}

function waiting(records: number): string {
  return records === 0 ? "" : ` (${formatNumber(records)} so far)`;
}
