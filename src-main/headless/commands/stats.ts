import { resolve } from "node:path";
import type { Command } from "commander";
import type { AnalyticsReport, QuickStats } from "../../../src-shared/contract/statistics.ts";
import { act, addDataDir, type CommonOptions, positiveNumber, withLedger } from "../command.ts";
import { tell, write, writeJson } from "../output.ts";
import { formatCount, formatPairs, formatShare, formatTable } from "../table.ts";

const TOP = 5;

type StatsOptions = CommonOptions & { days: number; html?: string };

export function statsCommand(program: Command): void {
  const command = addDataDir(program.command("stats"))
    .description("the figures of the last days")
    .option("--days <n>", "how many days", positiveNumber, 30)
    .option("--json", "print all figures, with the full report")
    .option("--html <file>", "write the report to one file with charts, to read, print or send");
  act<StatsOptions>(command, ({ days, json, html }, dataDir) =>
    withLedger(dataDir, async (ledger) => {
      if (html !== undefined) {
        const { file } = await ledger.exportData({
          what: "report",
          format: "html",
          days,
          out: resolve(html),
        });
        if (json === true) await writeJson({ file });
        else tell(`The report was written to ${file}.`);
        return 0;
      }
      const [quick, report] = await Promise.all([
        ledger.read("stats.quick", { days }),
        ledger.read("stats.report", { days }),
      ]);
      if (json === true) await writeJson({ ...quick, report });
      else await write(describeStats(quick, report));
      return 0;
    }),
  );
}

function describeStats(quick: QuickStats, report: AnalyticsReport): string {
  const { totals } = report;
  const sections = [
    formatPairs([
      ["Last", `${formatCount(quick.days)} days`],
      ["Messages", formatCount(quick.total)],
      ["Successful", `${formatCount(quick.successful)} (${formatShare(quick.success_rate)})`],
      ["Failed", formatCount(quick.failed)],
      ["Pending", formatCount(quick.pending)],
      ["Cancelled", formatCount(quick.cancelled)],
      ["Sessions", formatCount(quick.sessions)],
      ["To sent", formatSpread(totals.to_sent)],
      ["To delivered", formatSpread(totals.to_delivered)],
    ]),
  ];
  if (report.by_channel.length > 0) {
    sections.push(
      formatTable(report.by_channel, [
        { title: "CHANNEL", text: ({ key }) => key },
        { title: "MESSAGES", text: ({ total }) => formatCount(total), align: "right" },
        { title: "FAILED", text: ({ failed }) => formatCount(failed), align: "right" },
        { title: "SUCCESS", text: ({ success_rate }) => formatShare(success_rate), align: "right" },
      ]),
    );
  }
  if (report.top_errors.length > 0) {
    sections.push(
      formatTable(
        report.top_errors.slice(0, TOP),
        [
          { title: "FAILURES", text: ({ count }) => formatCount(count), align: "right" },
          { title: "REASON", text: ({ template }) => template, fills: true },
        ],
        process.stdout.columns,
      ),
    );
  }
  return sections.join("\n");
}

function formatSpread({
  p50_seconds,
  p95_seconds,
}: {
  p50_seconds: number | null;
  p95_seconds: number | null;
}): string {
  if (p50_seconds === null || p95_seconds === null) return "–";
  return `${formatSeconds(p50_seconds)} median, ${formatSeconds(p95_seconds)} for 95 %`;
}

function formatSeconds(seconds: number): string {
  if (seconds < 120) return `${seconds.toLocaleString("en", { maximumFractionDigits: 1 })} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3_600)} h`;
}
