import type { PeriodInput } from "../../../src-shared/contract/statistics.ts";
import { formatDate } from "../../ui/format.ts";
import { CUSTOM, PERIOD_DEFAULTS, type Period, type PeriodState, readPeriod } from "../overview/period.ts";

/** As it stands in the address: `period`, `from` and `to` are the first side, `other…` the second. */
export const COMPARE_DEFAULTS = {
  what: "periods",
  ...PERIOD_DEFAULTS,
  otherFrom: "",
  otherTo: "",
  a: "",
  b: "",
} as const;

export type CompareState = Readonly<Record<keyof typeof COMPARE_DEFAULTS, string>>;
export type ChangeCompare = (patch: Partial<CompareState>) => void;

/** The second side in the shape of a period; the preset says nothing there. */
export function otherState({ otherFrom, otherTo }: CompareState): PeriodState {
  return { period: CUSTOM, from: otherFrom, to: otherTo };
}

/** The period chosen for the second side; null for the one just before the first. */
export function readOther(state: CompareState): Period | null {
  const other = readPeriod(otherState(state));
  return other.choice === CUSTOM ? other : null;
}

/** The period of the same length just before one that is known by its times. */
export function periodBefore({ from, to }: { from: string; to: string }): PeriodInput {
  const start = Date.parse(from);
  return { from: new Date(2 * start - Date.parse(to)).toISOString(), to: from };
}

const dayMonth = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** "1 Jan – 31 Jan", with the years where one of them is not this one. */
export function rangeText({ from, to }: { from: string; to: string }, now: number = Date.now()): string {
  const ends = [Date.parse(from), Date.parse(to) - 1];
  const year = new Date(now).getFullYear();
  const isThisYear = ends.every((ms) => new Date(ms).getFullYear() === year);
  const [first, last] = ends.map((ms) => (isThisYear ? dayMonth.format(ms) : formatDate(ms)));
  return first === last ? (first ?? "") : `${first} – ${last}`;
}
