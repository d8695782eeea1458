import type { Session } from "../../../src-shared/session.ts";

export type Outcome = "successful" | "pending" | "cancelled" | "failed";

export type OutcomeShare = { outcome: Outcome; label: string; count: number; share: number };

const OUTCOMES: readonly (readonly [Outcome, string])[] = [
  ["successful", "successful"],
  ["pending", "pending"],
  ["cancelled", "cancelled"],
  ["failed", "failed"],
];

/** How a session's messages fared, as shares (0 to 1) of all of them. */
export function outcomeShares(session: Pick<Session, Outcome | "total">): OutcomeShare[] {
  return OUTCOMES.map(([outcome, label]) => ({
    outcome,
    label,
    count: session[outcome],
    share: session.total === 0 ? 0 : session[outcome] / session.total,
  })).filter(({ count }) => count > 0);
}
