import type { AnalyticsReport } from "../../../src-shared/contract/statistics.ts";
import { quoteValue } from "../../../src-shared/query/edit.ts";
import { useProcedure } from "../../api/hooks.ts";
import { messagesHref } from "../../shell/navigation.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { DataState, SkeletonRows } from "../../ui/states.tsx";
import { allOf, readPeriod, timeRange } from "../overview/period.ts";
import { PeriodPicker } from "../overview/period-picker.tsx";
import { BreakdownComparison } from "./breakdown-comparison.tsx";
import styles from "./compare.module.css";
import {
  type ChangeCompare,
  type CompareState,
  otherState,
  periodBefore,
  rangeText,
  readOther,
} from "./compare-state.ts";
import { type Figure, FiguresTable } from "./figures-table.tsx";
import { OtherPeriod } from "./other-period.tsx";
import { periodOverlay } from "./overlay.ts";
import { OverlayChart } from "./overlay-chart.tsx";

const LOADING = (
  <Card flush>
    <SkeletonRows columns={4} rows={7} />
  </Card>
);

export function ComparePeriods({ state, onChange }: { state: CompareState; onChange: ChangeCompare }) {
  const period = readPeriod(state);
  const first = useProcedure("stats.report", period.input, { keepPrevious: true });
  return (
    <>
      <div className={styles.sides}>
        <PeriodPicker period={period} state={state} onChange={onChange} />
        <span className={styles.with}>with</span>
        <OtherPeriod other={readOther(state)} state={otherState(state)} onChange={onChange} />
        {readOther(state) !== null && (
          <Button variant="ghost" onClick={() => onChange({ otherFrom: "", otherTo: "" })}>
            Use the period before
          </Button>
        )}
      </div>
      <DataState loading={LOADING} query={first}>
        {(a) => <WithOther a={a} state={state} />}
      </DataState>
    </>
  );
}

function WithOther({ a, state }: { a: AnalyticsReport; state: CompareState }) {
  const input = readOther(state)?.input ?? periodBefore(a);
  const second = useProcedure("stats.report", input, { keepPrevious: true });
  return (
    <DataState loading={LOADING} query={second}>
      {(b) => <PeriodComparison a={a} b={b} />}
    </DataState>
  );
}

function PeriodComparison({ a, b }: { a: AnalyticsReport; b: AnalyticsReport }) {
  const labels = { aLabel: rangeText(a), bLabel: rangeText(b) };
  return (
    <div className={styles.body}>
      <div className={styles.top}>
        <Card flush title="Figures">
          <FiguresTable
            caption="Figures of both periods"
            figures={figuresOf(a, b)}
            noun="Figure"
            {...labels}
          />
        </Card>
        <Card title="Volume">
          <OverlayChart points={periodOverlay(a, b)} {...labels} />
        </Card>
      </div>
      <Card flush title="Channels">
        <BreakdownComparison
          a={a.by_channel}
          b={b.by_channel}
          hrefOf={(key) => hrefOf(a, `channel:${quoteValue(key)}`)}
          noun="Channel"
          {...labels}
        />
      </Card>
      <Card description="What changed most comes first." flush title="Templates">
        <BreakdownComparison
          a={a.by_template}
          b={b.by_template}
          hrefOf={(key) => hrefOf(a, `template:${quoteValue(key)}`)}
          noun="Template"
          {...labels}
        />
      </Card>
    </div>
  );
}

function hrefOf({ from, to }: AnalyticsReport, filter: string): string {
  return messagesHref(allOf(filter, timeRange(Date.parse(from), Date.parse(to))));
}

function figuresOf(a: AnalyticsReport, b: AnalyticsReport): Figure[] {
  const links = (filter: string) => ({ aHref: hrefOf(a, filter), bHref: hrefOf(b, filter) });
  const [left, right] = [a.totals, b.totals];
  return [
    { label: "Messages", kind: "volume", a: left.total, b: right.total, ...links("") },
    { label: "Success rate", kind: "share", a: left.success_rate, b: right.success_rate },
    {
      label: "Successful",
      kind: "good-count",
      a: left.successful,
      b: right.successful,
      ...links("status:success"),
    },
    { label: "Failed", kind: "bad-count", a: left.failed, b: right.failed, ...links("status:failed") },
    {
      label: "Median time to delivered",
      kind: "latency",
      a: left.to_delivered.p50_seconds,
      b: right.to_delivered.p50_seconds,
    },
    {
      label: "95 % delivered within",
      kind: "latency",
      a: left.to_delivered.p95_seconds,
      b: right.to_delivered.p95_seconds,
    },
    { label: "Sessions", kind: "volume", a: a.sessions, b: b.sessions },
  ];
}
