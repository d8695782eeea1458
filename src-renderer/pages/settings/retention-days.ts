import { DAY_MS } from "../../../src-shared/time.ts";

export const MAX_RETENTION_DAYS = 36_500;
export const USUAL_RETENTION_DAYS = 90;

export type Retention = { keep: "all" } | { keep: "days"; text: string };

export function toRetention(days: number | null): Retention {
  return days === null ? { keep: "all" } : { keep: "days", text: String(days) };
}

/** The number of days a draft stands for, null for "keep everything", or a sentence on what is wrong. */
export function readRetention(draft: Retention): { days: number | null } | { error: string } {
  if (draft.keep === "all") return { days: null };
  const days = Number(draft.text.trim());
  if (draft.text.trim() === "" || !Number.isInteger(days) || days < 1 || days > MAX_RETENTION_DAYS) {
    return { error: `Write a whole number of days from 1 to ${MAX_RETENTION_DAYS.toLocaleString("en-US")}.` };
  }
  return { days };
}

/** Whether messages that the old setting keeps would go. */
export function isShorter(days: number | null, before: number | null): boolean {
  return days !== null && (before === null || days < before);
}

/** Messages created before this moment are deleted. */
export function cutOffTime(days: number, now: number): Date {
  return new Date(now - days * DAY_MS);
}
