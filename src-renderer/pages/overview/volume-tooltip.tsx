import type { Status } from "../../../src-shared/status.ts";
import { formatNumber } from "../../ui/format.ts";
import { STATUS_STACK } from "../../ui/stacks.ts";
import { statusMeta } from "../../ui/status-meta.ts";
import { bucketLabel, totalOf, type VolumePoint } from "./volume.ts";
import styles from "./volume-card.module.css";

export type VolumeTooltipProps = {
  active: boolean;
  point: VolumePoint | undefined;
  hidden: ReadonlySet<Status>;
};

/** In the order of the bar, from its top. */
export function VolumeTooltip({ active, point, hidden }: VolumeTooltipProps) {
  if (!active || point === undefined) return null;
  const rows = STATUS_STACK.filter((status) => !hidden.has(status) && point[status] > 0).toReversed();
  return (
    <div className={styles.tooltip}>
      <p className={styles.tooltipTitle}>{bucketLabel(point)}</p>
      {rows.map((status) => (
        <div className={styles.tooltipRow} key={status}>
          <span className={styles.swatch} style={{ background: statusMeta(status).colour }} />
          {statusMeta(status).label}
          <span>{formatNumber(point[status])}</span>
        </div>
      ))}
      <div className={`${styles.tooltipRow} ${styles.tooltipTotal}`}>
        <span className={styles.swatch} />
        All
        <span>{formatNumber(totalOf(point))}</span>
      </div>
    </div>
  );
}
