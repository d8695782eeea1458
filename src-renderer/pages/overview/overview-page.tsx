import { Page } from "../../ui/page.tsx";
import { DataState } from "../../ui/states.tsx";
import { OverviewBody } from "./overview-body.tsx";
import { OverviewSkeleton } from "./overview-skeleton.tsx";
import { PeriodActions } from "./period-actions.tsx";
import type { OverviewState } from "./use-overview.ts";

export function OverviewPage({ overview }: { overview: OverviewState }) {
  const { period, state, setState, offsetMinutes, query } = overview;
  return (
    <Page
      actions={
        <PeriodActions
          period={period}
          state={state}
          total={query.data?.current.total ?? null}
          onChange={setState}
        />
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
