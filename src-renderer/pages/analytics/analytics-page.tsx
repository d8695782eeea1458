import { CalendarOff } from "lucide-react";
import type { Output } from "../../../src-shared/contract/index.ts";
import { DAY_MS } from "../../../src-shared/time.ts";
import { useProcedure } from "../../api/hooks.ts";
import { useUrlState } from "../../shell/url-state.ts";
import { Card } from "../../ui/card.tsx";
import { formatNumber } from "../../ui/format.ts";
import { Page } from "../../ui/page.tsx";
import { DataState, EmptyState, SkeletonRows } from "../../ui/states.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { PERIOD_DEFAULTS, type Period, periodQuery, readPeriod } from "../overview/period.ts";
import { PeriodActions } from "../overview/period-actions.tsx";
import styles from "./analytics.module.css";
import { type BreakdownRow, fieldRows, readSort, sessionRows, writeSort } from "./breakdown-rows.ts";
import { BreakdownTable } from "./breakdown-table.tsx";

const DEFAULTS = { ...PERIOD_DEFAULTS, by: "template", sort: "total-desc" } as const;
const MOST_SESSIONS = 1_000;

type Report = Output<"stats.report">;

/** The figures of the period by template, channel, recipients' domain and session. */
export function AnalyticsPage() {
  const [state, setState] = useUrlState(DEFAULTS);
  const period = readPeriod(state);
  const query = useProcedure("stats.report", period.input, { keepPrevious: true });
  return (
    <Page
      actions={
        <PeriodActions
          period={period}
          state={state}
          total={query.data?.totals.total ?? null}
          onChange={setState}
        />
      }
      title="Analytics"
    >
      <DataState
        loading={
          <Card flush>
            <SkeletonRows columns={5} rows={10} />
          </Card>
        }
        query={query}
      >
        {(report) => (
          <div aria-busy={query.isPlaceholderData} className={query.isPlaceholderData ? styles.waiting : ""}>
            <Breakdowns
              by={state.by}
              period={period}
              report={report}
              sort={state.sort}
              onBy={(by) => setState({ by }, { replace: true })}
              onSort={(sort) => setState({ sort }, { replace: true })}
            />
          </div>
        )}
      </DataState>
    </Page>
  );
}

type BreakdownsProps = {
  report: Report;
  period: Period;
  by: string;
  sort: string;
  onBy: (by: string) => void;
  onSort: (sort: string) => void;
};

function Breakdowns({ report, period, by, sort, onBy, onSort }: BreakdownsProps) {
  const from = Date.parse(report.from);
  const days = Math.max(1, Math.ceil((Date.now() - from) / DAY_MS));
  const listed = useProcedure("sessions.list", { days, limit: MOST_SESSIONS }, { keepPrevious: true });
  const sessions = sessionRows(listed.data?.sessions ?? [], from, Date.parse(report.to));
  const timeQuery = periodQuery(period, report);
  const table = (noun: string, rows: readonly BreakdownRow[], missing: string, query = timeQuery) =>
    rows.length === 0 ? (
      <EmptyState description={missing} icon={CalendarOff} title={`Nothing to show: ${period.label}`} />
    ) : (
      <BreakdownTable
        noun={noun}
        rows={rows}
        sort={readSort(sort)}
        timeQuery={query}
        onSort={(next) => onSort(writeSort(next))}
      />
    );
  const tabs = [
    {
      value: "template",
      label: "Templates",
      count: report.by_template.length,
      content: table(
        "Template",
        fieldRows("template", report.by_template),
        "No message of this period names a template.",
      ),
    },
    {
      value: "channel",
      label: "Channels",
      count: report.by_channel.length,
      content: table(
        "Channel",
        fieldRows("channel", report.by_channel),
        "No message was logged in this period.",
      ),
    },
    {
      value: "domain",
      label: "Domains",
      count: report.by_domain.length,
      content: table(
        "Recipients' domain",
        fieldRows("to", report.by_domain),
        "No message of this period went to an e-mail address.",
      ),
    },
    {
      value: "session",
      label: "Sessions",
      count: listed.data === undefined ? undefined : sessions.length,
      content: (
        <DataState loading={<SkeletonRows columns={5} rows={10} />} query={listed}>
          {(page) => (
            <>
              {table("Session", sessions, "No session began in this period.", "")}
              {page.next_cursor !== null && (
                <p className={styles.note}>
                  These are of the newest {formatNumber(MOST_SESSIONS)} sessions; older ones are on the
                  Sessions page.
                </p>
              )}
            </>
          )}
        </DataState>
      ),
    },
  ];
  return (
    <Card className={styles.card} flush>
      <Tabs
        label="Analytics by"
        tabs={tabs}
        value={tabs.some(({ value }) => value === by) ? by : DEFAULTS.by}
        onValueChange={onBy}
      />
    </Card>
  );
}
