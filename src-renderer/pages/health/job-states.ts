import { Ban, CircleCheck, CircleX, LoaderCircle, type LucideIcon } from "lucide-react";
import type { Job } from "../../../src-shared/contract/upkeep.ts";

export const JOB_STATES: Readonly<Record<Job["state"], { label: string; icon: LucideIcon; colour: string }>> =
  {
    running: { label: "running", icon: LoaderCircle, colour: "var(--text-muted)" },
    done: { label: "done", icon: CircleCheck, colour: "var(--success-text)" },
    failed: { label: "failed", icon: CircleX, colour: "var(--danger-text)" },
    cancelled: { label: "cancelled", icon: Ban, colour: "var(--text-muted)" },
  };
