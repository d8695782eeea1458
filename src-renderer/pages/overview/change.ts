import { formatNumber, formatPercent } from "../../ui/format.ts";

export type Change = {
  direction: "up" | "down" | "same";
  verdict: "better" | "worse" | "neutral";
  /** "9.9% more", "1.2 points better": with the judgement in words, not by colour alone. */
  text: string;
};

export type ChangeKind = "volume" | "share" | "bad-count" | "latency";

const points = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });

/** How a figure moved against the period before; null where one of the two is missing. */
export function changeOf(kind: ChangeKind, current: number | null, previous: number | null): Change | null {
  if (current === null || previous === null) return null;
  if (kind === "share") return judged(current - previous, pointsText(current - previous), true);
  if (previous === 0) return null;
  const relative = (current - previous) / previous;
  const size = Math.abs(relative);
  const text = size < 1 ? formatPercent(size) : `${formatNumber(Math.round(size * 100))}%`;
  if (kind === "volume") {
    if (isFlat(relative)) return { direction: "same", verdict: "neutral", text: "no change" };
    const direction = relative > 0 ? "up" : "down";
    return { direction, verdict: "neutral", text: `${text} ${relative > 0 ? "more" : "fewer"}` };
  }
  return judged(relative, text, false);
}

function judged(difference: number, text: string, moreIsBetter: boolean): Change {
  if (isFlat(difference)) return { direction: "same", verdict: "neutral", text: "no change" };
  const direction = difference > 0 ? "up" : "down";
  const verdict = difference > 0 === moreIsBetter ? "better" : "worse";
  return { direction, verdict, text: `${text} ${verdict}` };
}

function isFlat(difference: number): boolean {
  return Math.abs(difference) < 0.0005;
}

function pointsText(difference: number): string {
  return `${points.format(Math.abs(difference) * 100)} pts`;
}
