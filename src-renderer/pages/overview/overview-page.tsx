import { GitCompareArrows } from "lucide-react";
import { ExportReportButton } from "../../export/export-report-button.tsx";
import { formatNumber } from "../../ui/format.ts";
import { LinkButton } from "../../ui/link.tsx";
import { Page } from "../../ui/page.tsx";
import { DataState } from "../../ui/states.tsx";
import { comparePeriodsHref } from "../compare/compare-href.ts";
import { OverviewBody } from "./overview-body.tsx";
import { OverviewSkeleton } from "./overview-skeleton.tsx";
import { PeriodPicker } from "./period-picker.tsx";
import type { OverviewState } from "./use-overview.ts";

export function OverviewPage({ overview }: { overview: OverviewState }) {
  const { period, state, setState, offsetMinutes, query } = overview;
  const total = query.data === undefined ? "all" : formatNumber(query.data.current.total);
  return (
    <Page
      actions={
        <>
          <PeriodPicker period={period} state={state} onChange={setState} />
          <LinkButton href={comparePeriodsHref(state)} icon={GitCompareArrows}>
            Compare
          </LinkButton>
          <ExportReportButton
            input={{ what: "report", ...period.input }}
            summary={`The analytics report of ${total} messages, ${period.label}`}
          />
        </>
      }
      title="Overview"
    >
      <DataState loading={<OverviewSkeleton />} query={query}>
        {(data) => (
          <OverviewBody
            isWaiting={query.isPlaceholderData}
            offsetMinutes={offsetMinutes}
            overview={data}
            period={period}
            onLongest={() => setState({ period: "90d", from: "", to: "" })}
          />
        )}
      </DataState>
    </Page>
  );
}
