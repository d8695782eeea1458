import type { Status } from "../../src-shared/status.ts";

/** From the bottom of a bar to its top: what went well carries, what failed stands out on top. */
export const STATUS_STACK = [
  "read",
  "delivered",
  "sent",
  "sending",
  "pending",
  "cancelled",
  "failed",
] as const satisfies readonly Status[];

/** From the start of a bar to its end, each outcome with its colour. */
export const OUTCOME_STACK = [
  ["successful", "var(--status-delivered)"],
  ["pending", "var(--status-pending)"],
  ["cancelled", "var(--status-cancelled)"],
  ["failed", "var(--status-failed)"],
] as const;
