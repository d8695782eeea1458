import type { AnalyticsReport } from "../../src-shared/contract/statistics.ts";

type Row = Readonly<Record<string, unknown>>;

export const REPORT_COLUMNS = [
  "section",
  "key",
  "total",
  "successful",
  "failed",
  "pending",
  "cancelled",
  "success_rate",
  "seconds",
];

/** The report's figures one a line, for a spreadsheet. */
export function reportRows(report: AnalyticsReport): Row[] {
  const { totals } = report;
  const latencies = [
    ["to_sent_p50", totals.to_sent.p50_seconds],
    ["to_sent_p95", totals.to_sent.p95_seconds],
    ["to_delivered_p50", totals.to_delivered.p50_seconds],
    ["to_delivered_p95", totals.to_delivered.p95_seconds],
  ] as const;
  return [
    { section: "period", key: `${report.from}/${report.to}`, ...totals },
    ...latencies.map(([key, seconds]) => ({ section: "latency", key, seconds })),
    ...Object.entries(report.by_status).map(([key, total]) => ({ section: "status", key, total })),
    ...report.by_channel.map((row) => ({ section: "channel", ...row })),
    ...report.by_template.map((row) => ({ section: "template", ...row })),
    ...report.by_day.map(({ ts, ...row }) => ({ section: "day", key: ts.slice(0, 10), ...row })),
    ...report.by_hour.map(({ hour, ...row }) => ({ section: "hour_of_day", key: hour, ...row })),
    ...report.top_errors.map(({ template, count }) => ({ section: "error", key: template, total: count })),
    ...report.by_domain.map((row) => ({ section: "domain", ...row })),
    ...report.busiest_hours.map(({ ts, total }) => ({ section: "busiest_hour", key: ts, total })),
  ];
}
