import { Card } from "../../ui/card.tsx";
import { classes } from "../../ui/classes.ts";
import { Skeleton, SkeletonRows } from "../../ui/states.tsx";
import tiles from "./kpi-tiles.module.css";
import styles from "./overview-page.module.css";

const TILES = [
  "Messages",
  "Success rate",
  "Failures",
  "Median time to delivered",
  "95th percentile to delivered",
];

/** The page in its final measures, without its figures. */
export function OverviewSkeleton() {
  return (
    <div aria-busy="true" className={styles.grid}>
      <div className={classes(styles.full, tiles.tiles)}>
        {TILES.map((label) => (
          <div className={tiles.tile} key={label}>
            <span className={tiles.label}>{label}</span>
            <span className={tiles.valueRow} style={{ height: 36 }}>
              <Skeleton height={22} width={92} />
            </span>
            <span className={tiles.change}>
              <Skeleton height={12} width={120} />
            </span>
          </div>
        ))}
      </div>
      <Card className={classes(styles.wide, styles.volume)} title="Volume by status">
        <Skeleton height={292} radius={6} />
      </Card>
      <Card className={classes(styles.narrow, styles.volume)} title="Channels">
        <Skeleton height={180} radius={6} />
      </Card>
      <Card className={classes(styles.wide, styles.rows, styles.failures)} flush title="Why messages failed">
        <SkeletonRows columns={3} rows={7} />
      </Card>
      <Card className={classes(styles.narrow, styles.rows, styles.funnel)} title="From pending to read">
        <Skeleton height={220} radius={6} />
      </Card>
    </div>
  );
}
