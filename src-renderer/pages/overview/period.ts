import type { Overview, PeriodInput } from "../../../src-shared/contract/statistics.ts";
import { plural } from "../../../src-shared/plural.ts";
import { DAY_MS } from "../../../src-shared/time.ts";
import { formatDate } from "../../ui/format.ts";

export const PRESETS = [
  { value: "24h", label: "24 h", days: 1 },
  { value: "7d", label: "7 days", days: 7 },
  { value: "30d", label: "30 days", days: 30 },
  { value: "90d", label: "90 days", days: 90 },
] as const;

export const CUSTOM = "custom";

/** As it stands in the address; `from` and `to` are local dates, both within the period. */
export const PERIOD_DEFAULTS = { period: "30d", from: "", to: "" } as const;
export type PeriodState = Readonly<Record<keyof typeof PERIOD_DEFAULTS, string>>;

export type Period = {
  /** The preset's value or `custom`. */
  choice: string;
  input: PeriodInput;
  /** "last 30 days", within a sentence. */
  label: string;
  /** "previous 30 days": what it is compared with. */
  previousLabel: string;
};

/** What the address asks for; 30 days where it can't be understood. */
export function readPeriod(state: PeriodState): Period {
  const from = parseLocalDate(state.from);
  const to = parseLocalDate(state.to);
  if (state.period === CUSTOM && from !== null && to !== null && from <= to) return customPeriod(from, to);
  const preset = PRESETS.find(({ value }) => value === state.period) ?? PRESETS[2];
  const length = preset.days === 1 ? "24 hours" : plural(preset.days, "day");
  return {
    choice: preset.value,
    input: { days: preset.days },
    label: `last ${length}`,
    previousLabel: `previous ${length}`,
  };
}

function customPeriod(from: Date, to: Date): Period {
  const end = new Date(to);
  end.setDate(end.getDate() + 1);
  const days = Math.round((end.getTime() - from.getTime()) / DAY_MS);
  return {
    choice: CUSTOM,
    input: { from: from.toISOString(), to: end.toISOString() },
    label:
      days === 1
        ? formatDate(from.getTime())
        : `${formatDate(from.getTime())} to ${formatDate(to.getTime())}`,
    previousLabel: `${plural(days, "day")} before`,
  };
}

/**
 * The time that the figures cover, in the query language. Statistics are by whole hours, so it is
 * theirs and not the one asked for: what a figure leads to is then as many messages as it says.
 */
export function periodQuery({ choice }: Period, { from, to }: Pick<Overview, "from" | "to">): string {
  // The end of a preset is the end of the hour that goes on: messages that come in belong to it.
  return choice === CUSTOM
    ? timeRange(Date.parse(from), Date.parse(to))
    : `after:${writeTime(Date.parse(from))}`;
}

/** Local midnight of `2026-01-31`; null for what is no date. */
export function parseLocalDate(text: string): Date | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  const date = new Date(`${text}T00:00:00`);
  return Number.isNaN(date.getTime()) ? null : date;
}

export function writeLocalDate(date: Date): string {
  const two = (part: number) => String(part).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** From inclusive, to exclusive, in the query language and as short as it can be said. */
export function timeRange(from: number, to: number): string {
  return `after:${writeTime(from)} before:${writeTime(to)}`;
}

function writeTime(ms: number): string {
  return new Date(ms).toISOString().replace(/(:00)?\.000Z$/, "Z");
}

/** One query from several parts; empty ones are left out. */
export function allOf(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join(" ");
}
