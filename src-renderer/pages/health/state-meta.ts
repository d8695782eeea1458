import { CircleCheck, CircleX, type LucideIcon, TriangleAlert } from "lucide-react";
import type { Health, HealthCheck } from "../../../src-shared/contract/upkeep.ts";

type StateMeta = { label: string; icon: LucideIcon; tone: "success" | "warning" | "danger" };

export const CHECK_META: Readonly<Record<HealthCheck["state"], StateMeta>> = {
  ok: { label: "OK", icon: CircleCheck, tone: "success" },
  warning: { label: "Needs attention", icon: TriangleAlert, tone: "warning" },
  failing: { label: "Failing", icon: CircleX, tone: "danger" },
};

export const STATUS_META: Readonly<Record<Health["status"], StateMeta>> = {
  ok: CHECK_META.ok,
  degraded: CHECK_META.warning,
  failing: CHECK_META.failing,
};
