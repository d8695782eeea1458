import { formatDuration, formatNumber, formatPercent } from "../../ui/format.ts";

/** What a figure counts, and with that how it is written and which way is the better one. */
export type FigureKind = "volume" | "good-count" | "bad-count" | "share" | "latency";

export type Difference = {
  verdict: "better" | "worse" | "neutral";
  /** "+1,204 (+9.9%)", "−1.2 pts". */
  text: string;
};

const points = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });

export function formatFigure(kind: FigureKind, value: number | null): string {
  if (value === null) return "–";
  if (kind === "share") return formatPercent(value);
  return kind === "latency" ? formatDuration(value) : formatNumber(value);
}

/** How `a` stands to `b`; null where one of them is missing. */
export function differenceOf(kind: FigureKind, a: number | null, b: number | null): Difference | null {
  if (a === null || b === null) return null;
  const difference = a - b;
  const isSame = kind === "share" ? Math.abs(difference) < 0.0005 : difference === 0;
  if (isSame) return { verdict: "neutral", text: "no difference" };
  const sign = difference > 0 ? "+" : "−";
  const verdict = verdictOf(kind, difference);
  if (kind === "share") return { verdict, text: `${sign}${points.format(Math.abs(difference) * 100)} pts` };
  const size = kind === "latency" ? formatDuration(Math.abs(difference)) : formatNumber(Math.abs(difference));
  const relative = b === 0 ? "" : ` (${sign}${relativeText(Math.abs(difference / b))})`;
  return { verdict, text: `${sign}${size}${relative}` };
}

function verdictOf(kind: FigureKind, difference: number): Difference["verdict"] {
  if (kind === "volume" || kind === "good-count") return "neutral";
  return difference > 0 === (kind === "share") ? "better" : "worse";
}

function relativeText(share: number): string {
  return share < 10 ? formatPercent(share) : `${formatNumber(Math.round(share * 100))}%`;
}
