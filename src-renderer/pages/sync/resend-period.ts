import { MINUTE_MS } from "../../../src-shared/time.ts";

/** A moment as the field for local times writes it, to the second. */
export function localInput(ms: number): string {
  return new Date(ms - new Date(ms).getTimezoneOffset() * MINUTE_MS).toISOString().slice(0, 19);
}

export type PeriodDraft = { from: string; to: string };
export type PeriodErrors = { from: string | null; to: string | null };

/** The period that two such fields mean, `to` null for now; or a sentence for the field that is wrong. */
export function readPeriodDraft(
  { from, to }: PeriodDraft,
  now: number,
): { period: { from: string; to: string | null }; errors: null } | { period: null; errors: PeriodErrors } {
  const first = Date.parse(from);
  const last = to === "" ? null : Date.parse(to);
  const wrong = (errors: Partial<PeriodErrors>) => ({
    period: null,
    errors: { from: null, to: null, ...errors },
  });
  if (Number.isNaN(first)) return wrong({ from: "Write a date and a time." });
  if (first > now) return wrong({ from: "Nothing was accepted yet then." });
  if (Number.isNaN(last)) return wrong({ to: "Write a date and a time, or leave it empty for now." });
  if (last !== null && last < first) return wrong({ to: "It is before the beginning." });
  return {
    period: { from: new Date(first).toISOString(), to: last === null ? null : new Date(last).toISOString() },
    errors: null,
  };
}
