import { CalendarOff } from "lucide-react";
import type { Overview } from "../../../src-shared/contract/statistics.ts";
import { Button } from "../../ui/button.tsx";
import { Card } from "../../ui/card.tsx";
import { classes } from "../../ui/classes.ts";
import { EmptyState } from "../../ui/states.tsx";
import { BusiestCard } from "./busiest-card.tsx";
import { ChannelsCard } from "./channels-card.tsx";
import { FailuresCard } from "./failures-card.tsx";
import { FunnelCard } from "./funnel-card.tsx";
import { KpiTiles } from "./kpi-tiles.tsx";
import styles from "./overview-page.module.css";
import { type Period, periodQuery } from "./period.ts";
import { RecentSessionsCard } from "./recent-sessions-card.tsx";
import { VolumeCard } from "./volume-card.tsx";

export type OverviewBodyProps = {
  overview: Overview;
  period: Period;
  offsetMinutes: number;
  /** The figures are still those of the period chosen before. */
  isWaiting: boolean;
  onLongest: () => void;
};

export function OverviewBody({ overview, period, offsetMinutes, isWaiting, onLongest }: OverviewBodyProps) {
  const query = periodQuery(period, overview);
  return (
    <div aria-busy={isWaiting} className={classes(styles.grid, isWaiting && styles.waiting)}>
      <div className={styles.full}>
        <KpiTiles overview={overview} previousLabel={period.previousLabel} query={query} />
      </div>
      {overview.current.total === 0 ? (
        <Card className={styles.full}>
          <EmptyState
            actions={period.choice !== "90d" && <Button onClick={onLongest}>Show the last 90 days</Button>}
            description="Nothing was logged in this period. Choose a longer one, or wait: new messages appear by themselves."
            icon={CalendarOff}
            title={`No messages: ${period.label}`}
          />
        </Card>
      ) : (
        <>
          <VolumeCard className={classes(styles.wide, styles.volume)} overview={overview} />
          <ChannelsCard
            channels={overview.channels}
            className={classes(styles.narrow, styles.volume)}
            query={query}
          />
          <FailuresCard
            className={classes(styles.wide, styles.rows, styles.failures)}
            failed={overview.current.failed}
            failures={overview.failures}
            query={query}
          />
          <FunnelCard
            className={classes(styles.narrow, styles.rows, styles.funnel)}
            funnel={overview.funnel}
            query={query}
          />
          <BusiestCard
            className={classes(styles.half, styles.busiest)}
            offsetMinutes={offsetMinutes}
            overview={overview}
          />
          <RecentSessionsCard
            className={classes(styles.half, styles.sessions)}
            sessions={overview.sessions}
          />
        </>
      )}
    </div>
  );
}
