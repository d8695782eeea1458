import type { AnalyticsReport, Breakdown, Totals } from "../../src-shared/contract/statistics.ts";
import { barChart, dayBars, hourBars, shareBar } from "./report-charts.ts";
import { REPORT_STYLE } from "./report-style.ts";
import {
  escapeHtml,
  formatDate,
  formatDateTime,
  formatNumber,
  formatPercent,
  formatPoints,
  formatSeconds,
} from "./report-text.ts";

const MOST_ROWS = 20;

/**
 * The report as one HTML file that needs nothing else: no scripts, no addresses, charts as SVG.
 * `previous` are the figures of the period before, null where there is none.
 */
export function reportHtml(report: AnalyticsReport, previous: Totals | null): string {
  const title = `Messages, ${periodText(report)}`;
  const most = (rows: readonly Breakdown[]): number => Math.max(1, ...rows.map(({ total }) => total));
  const table = (heading: string, noun: string, rows: readonly Breakdown[]): string =>
    rows.length === 0 ? "" : breakdownTable(heading, noun, rows, most(rows));
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)} · Waybill</title>
<style>${REPORT_STYLE}</style>
</head>
<body>
<main>
<header><h1>Message report</h1><p class="muted">${escapeHtml(periodText(report))}</p></header>
${headline(report, previous)}
${report.totals.total === 0 ? "<section><p>There are no messages in this period.</p></section>" : ""}
<section><h2>Volume by day</h2>${LEGEND}${barChart("Messages by day", dayBars(report.by_day, report.from, report.to))}</section>
<section><h2>Hours of the day (UTC)</h2>${barChart("Messages by hour of the day", hourBars(report.by_hour), 160)}</section>
${failures(report)}
${table("Channels", "Channel", report.by_channel)}
${table("Recipients' domains", "Domain", report.by_domain)}
${table("Templates", "Template", report.by_template)}
<footer><p>Made by Waybill on ${escapeHtml(formatDateTime(Date.parse(report.generated_ts)))}. Times are UTC; figures are by whole hours.</p></footer>
</main>
</body>
</html>
`;
}

const LEGEND = `<ul class="legend"><li class="successful"><span>Successful</span></li><li class="other"><span>Waiting or cancelled</span></li><li class="failed"><span>Failed</span></li></ul>`;

function periodText({ from, to }: AnalyticsReport): string {
  const first = formatDate(Date.parse(from));
  const last = formatDate(Date.parse(to) - 1);
  return first === last ? first : `${first} to ${last}`;
}

type Figure = { label: string; value: string; change: string };

function headline({ totals, sessions }: AnalyticsReport, previous: Totals | null): string {
  const figures: Figure[] = [
    {
      label: "Messages",
      value: formatNumber(totals.total),
      change: countChange(totals.total, previous?.total, null),
    },
    {
      label: "Success rate",
      value: formatPercent(totals.success_rate),
      change: shareChange(totals.success_rate, previous?.success_rate),
    },
    {
      label: "Failed",
      value: formatNumber(totals.failed),
      change: countChange(totals.failed, previous?.failed, "fewer"),
    },
    {
      label: "Median time to delivered",
      value: formatSeconds(totals.to_delivered.p50_seconds),
      change: durationChange(totals.to_delivered.p50_seconds, previous?.to_delivered.p50_seconds),
    },
    {
      label: "95 % delivered within",
      value: formatSeconds(totals.to_delivered.p95_seconds),
      change: durationChange(totals.to_delivered.p95_seconds, previous?.to_delivered.p95_seconds),
    },
    { label: "Sessions", value: formatNumber(sessions), change: "" },
  ];
  const items = figures.map(
    ({ label, value, change }) => `<div><dt>${label}</dt><dd>${value}${change}</dd></div>`,
  );
  const note =
    previous === null ? "" : '<p class="muted note">Changes are to the period of the same length before.</p>';
  return `<section><dl class="figures">${items.join("")}</dl>${note}</section>`;
}

/** `good` says which direction is the better one; null where neither is. */
function countChange(now: number, before: number | undefined, good: "fewer" | null): string {
  if (before === undefined) return "";
  const difference = now - before;
  if (difference === 0) return change("", "no change", formatNumber(before));
  const size = before === 0 ? formatNumber(difference) : formatPercent(Math.abs(difference) / before);
  const verdict = good === null ? "" : difference < 0 ? "better" : "worse";
  return change(verdict, `${size} ${difference > 0 ? "more" : "fewer"}`, formatNumber(before));
}

function shareChange(now: number | null, before: number | null | undefined): string {
  if (now === null || before === null || before === undefined) return "";
  const difference = now - before;
  if (Math.abs(difference) < 0.0005) return change("", "no change", formatPercent(before));
  const verdict = difference > 0 ? "better" : "worse";
  return change(verdict, `${formatPoints(difference)} ${verdict}`, formatPercent(before));
}

function durationChange(now: number | null, before: number | null | undefined): string {
  if (now === null || before === null || before === undefined || before === 0) return "";
  const share = (now - before) / before;
  if (Math.abs(share) < 0.0005) return change("", "no change", formatSeconds(before));
  const verdict = share < 0 ? "better" : "worse";
  const word = share < 0 ? "faster" : "slower";
  return change(verdict, `${formatPercent(Math.abs(share))} ${word}`, formatSeconds(before));
}

function change(verdict: string, text: string, before: string): string {
  return `<span class="change ${verdict}"><b>${text}</b>, from ${before}</span>`;
}

function breakdownTable(heading: string, noun: string, rows: readonly Breakdown[], most: number): string {
  const shown = rows.slice(0, MOST_ROWS);
  const lines = shown.map(
    (row) =>
      `<tr><td class="name">${escapeHtml(row.key)}</td><td>${shareBar(row, most)}</td><td class="n">${formatNumber(row.total)}</td><td class="n">${formatNumber(row.failed)}</td><td class="n">${formatPercent(row.success_rate)}</td></tr>`,
  );
  const left = rows.length - shown.length;
  const note = left === 0 ? "" : `<p class="muted">and ${formatNumber(left)} more, with fewer messages.</p>`;
  return `<section class="long"><h2>${escapeHtml(heading)}</h2><table><thead><tr><th scope="col">${escapeHtml(noun)}</th><th scope="col">Share</th><th scope="col" class="n">Messages</th><th scope="col" class="n">Failed</th><th scope="col" class="n">Success</th></tr></thead><tbody>${lines.join("")}</tbody></table>${note}</section>`;
}

function failures({ top_errors, totals }: AnalyticsReport): string {
  if (top_errors.length === 0) return "";
  const lines = top_errors.map((reason) => {
    const share = totals.failed === 0 ? null : reason.count / totals.failed;
    const sample =
      reason.sample === reason.template ? "" : `<small>For example: ${escapeHtml(reason.sample)}</small>`;
    return `<tr><td class="reason">${escapeHtml(reason.template) || "<em>No text</em>"}${sample}</td><td class="n">${formatNumber(reason.count)}</td><td class="n">${formatPercent(share)}</td><td class="n">${escapeHtml(formatDateTime(Date.parse(reason.last_seen_ts)))}</td></tr>`;
  });
  return `<section class="long"><h2>Top failures</h2><table><thead><tr><th scope="col">Reason</th><th scope="col" class="n">Messages</th><th scope="col" class="n">Of failures</th><th scope="col" class="n">Last seen</th></tr></thead><tbody>${lines.join("")}</tbody></table></section>`;
}
