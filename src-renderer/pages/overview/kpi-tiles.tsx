import type { Overview } from "../../../src-shared/contract/statistics.ts";
import { messagesHref } from "../../shell/navigation.ts";
import { formatDuration, formatNumber, formatPercent } from "../../ui/format.ts";
import { changeOf } from "./change.ts";
import { KpiTile } from "./kpi-tile.tsx";
import styles from "./kpi-tiles.module.css";
import { allOf } from "./period.ts";
import { Sparkline } from "./sparkline.tsx";
import { successRateOf, totalOf } from "./volume.ts";

export type KpiTilesProps = {
  overview: Overview;
  /** The time shown, in the query language. */
  query: string;
  previousLabel: string;
};

export function KpiTiles({ overview, query, previousLabel }: KpiTilesProps) {
  const { current, previous, volume } = overview;
  const href = (filter: string) => messagesHref(allOf(filter, query));
  const p50 = current.to_delivered.p50_seconds;
  const p95 = current.to_delivered.p95_seconds;
  return (
    <section aria-label="Key figures" className={styles.tiles}>
      <KpiTile
        change={changeOf("volume", current.total, previous.total)}
        chart={<Sparkline colour="var(--accent)" values={volume.map(({ counts }) => totalOf(counts))} />}
        href={href("")}
        label="Messages"
        previous={formatNumber(previous.total)}
        previousLabel={previousLabel}
        value={formatNumber(current.total)}
      />
      <KpiTile
        change={changeOf("share", current.success_rate, previous.success_rate)}
        chart={
          <Sparkline
            colour="var(--success)"
            fromZero={false}
            values={volume.flatMap(({ counts }) => successRateOf(counts) ?? [])}
          />
        }
        href={href("status:success")}
        label="Success rate"
        previous={formatPercent(previous.success_rate)}
        previousLabel={previousLabel}
        value={formatPercent(current.success_rate)}
      />
      <KpiTile
        change={changeOf("bad-count", current.failed, previous.failed)}
        chart={<Sparkline colour="var(--status-failed)" values={volume.map(({ counts }) => counts.failed)} />}
        href={href("status:failed")}
        label="Failures"
        previous={formatNumber(previous.failed)}
        previousLabel={previousLabel}
        value={formatNumber(current.failed)}
      />
      <KpiTile
        change={changeOf("latency", p50, previous.to_delivered.p50_seconds)}
        href={href("has:delivered")}
        label="Median time to delivered"
        previous={formatDuration(previous.to_delivered.p50_seconds)}
        previousLabel={previousLabel}
        value={formatDuration(p50)}
      />
      <KpiTile
        change={changeOf("latency", p95, previous.to_delivered.p95_seconds)}
        href={href(p95 === null ? "has:delivered" : `has:delivered latency>=${Math.round(p95 * 1_000)}ms`)}
        label="95th percentile to delivered"
        previous={formatDuration(previous.to_delivered.p95_seconds)}
        previousLabel={previousLabel}
        value={formatDuration(p95)}
      />
    </section>
  );
}
