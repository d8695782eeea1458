import { DAY_MS } from "../../src-shared/time.ts";
import { escapeHtml, formatDay, formatNumber } from "./report-text.ts";

const WIDTH = 720;
const AXIS = 44;
const TOP = 8;
const FOOT = 20;
/** So that the label of the last bar is not cut off. */
const EDGE = 12;
const MOST_BARS = 92;
const WEEK_DAYS = 7;

/** One bar: what succeeded, failed, and the rest, from the bottom up. */
export type ChartBar = { label: string; title: string; successful: number; other: number; failed: number };

type Point = { ts: string; total: number; successful: number; failed: number };

/** A bar for each day from `from` to `to`, also the empty ones; weeks where the days would be too narrow. */
export function dayBars(days: readonly Point[], from: string, to: string): ChartBar[] {
  const byDay = new Map(days.map((day) => [Math.floor(Date.parse(day.ts) / DAY_MS), day]));
  const first = Math.floor(Date.parse(from) / DAY_MS);
  const last = Math.max(first, Math.ceil(Date.parse(to) / DAY_MS) - 1);
  const width =
    last - first < MOST_BARS ? 1 : WEEK_DAYS * Math.ceil((last - first + 1) / WEEK_DAYS / MOST_BARS);
  const bars: ChartBar[] = [];
  for (let start = first; start <= last; start += width) {
    const bar = { total: 0, successful: 0, failed: 0 };
    for (let day = start; day < start + width; day += 1) {
      const point = byDay.get(day);
      bar.total += point?.total ?? 0;
      bar.successful += point?.successful ?? 0;
      bar.failed += point?.failed ?? 0;
    }
    const label = formatDay(start * DAY_MS);
    const end = Math.min(start + width - 1, last);
    bars.push(toBar(label, end === start ? label : `${label} – ${formatDay(end * DAY_MS)}`, bar));
  }
  return bars;
}

/** A bar for each hour of the day, in UTC. */
export function hourBars(hours: readonly (Omit<Point, "ts"> & { hour: number })[]): ChartBar[] {
  return hours.map(({ hour, ...counts }) => {
    const label = String(hour).padStart(2, "0");
    return toBar(label, `${label}:00–${label}:59`, counts);
  });
}

function toBar(label: string, name: string, { total, successful, failed }: Omit<Point, "ts">): ChartBar {
  const title = `${name}: ${formatNumber(total)} messages, ${formatNumber(failed)} failed`;
  return { label, title, successful, failed, other: total - successful - failed };
}

/** Stacked bars with an axis, as an SVG that takes the width it is given. */
export function barChart(name: string, bars: readonly ChartBar[], height = 210): string {
  const most = niceCeiling(Math.max(1, ...bars.map((bar) => bar.successful + bar.other + bar.failed)));
  const plot = height - TOP - FOOT;
  const y = (value: number): number => TOP + plot - (value / most) * plot;
  const grid = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const at = round(y(part * most));
    const label = Number.isInteger(part * most) ? formatNumber(part * most) : "";
    return `<line class="grid" x1="${AXIS}" x2="${WIDTH}" y1="${at}" y2="${at}"/><text class="axis" x="${AXIS - 6}" y="${at + 3}" text-anchor="end">${label}</text>`;
  });
  const slot = (WIDTH - AXIS - EDGE) / Math.max(1, bars.length);
  const every = Math.ceil(bars.length / 12);
  const columns = bars.map((bar, index) => {
    const x = AXIS + index * slot;
    let base = 0;
    const parts = (["successful", "other", "failed"] as const).map((part) => {
      const value = bar[part];
      if (value === 0) return "";
      base += value;
      const top = y(base);
      return `<rect class="${part}" x="${round(x + slot * 0.12)}" y="${round(top)}" width="${round(Math.min(slot * 0.76, 40))}" height="${round((value / most) * plot)}"/>`;
    });
    const label =
      index % every === 0
        ? `<text class="axis" x="${round(x + Math.min(slot * 0.5, 26))}" y="${height - 5}" text-anchor="middle">${escapeHtml(bar.label)}</text>`
        : "";
    return `<g><title>${escapeHtml(bar.title)}</title>${parts.join("")}</g>${label}`;
  });
  return `<svg class="chart" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeHtml(name)}">${grid.join("")}${columns.join("")}</svg>`;
}

/** A row's share of the largest, told apart by outcome. */
export function shareBar(row: { total: number; successful: number; failed: number }, most: number): string {
  const scale = 100 / Math.max(1, most);
  let x = 0;
  const parts = (
    [
      ["successful", row.successful],
      ["other", row.total - row.successful - row.failed],
      ["failed", row.failed],
    ] as const
  ).map(([part, value]) => {
    const start = x;
    x += value * scale;
    return value === 0
      ? ""
      : `<rect class="${part}" x="${round(start)}" y="0" width="${round(value * scale)}" height="8"/>`;
  });
  return `<svg class="bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="8"/>${parts.join("")}</svg>`;
}

/** The next of 1, 2, 2.5, 4, 5 or 10 times a power of ten. */
export function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 2.5, 4, 5, 10].find((candidate) => candidate * power >= value) ?? 10;
  return Math.max(4, step * power);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
