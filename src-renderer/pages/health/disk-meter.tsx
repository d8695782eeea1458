import type { Health, HealthCheck } from "../../../src-shared/contract/upkeep.ts";
import { formatBytes, formatPercent } from "../../ui/format.ts";
import styles from "./disk-meter.module.css";
import { CHECK_META } from "./state-meta.ts";

type DiskMeterProps = { disk: NonNullable<Health["disk"]>; state: HealthCheck["state"] };

/** How full the disk is that the data folder is on. */
export function DiskMeter({ disk, state }: DiskMeterProps) {
  const used = disk.total_bytes === 0 ? 0 : 1 - disk.free_bytes / disk.total_bytes;
  const { icon: Icon, label, tone } = CHECK_META[state];
  const text = `${formatBytes(disk.free_bytes)} free of ${formatBytes(disk.total_bytes)}`;

  return (
    <div className={styles.disk} data-tone={tone}>
      <div className={styles.line}>
        <span className={styles.text}>
          {state !== "ok" && <Icon size={14} aria-label={label} />}
          {text}
        </span>
        <span className="muted tabular">{formatPercent(used)} used</span>
      </div>
      {/* Browsers draw a meter each in their own way: this one is only for who does not see the bar. */}
      <meter className="visually-hidden" aria-label="Disk used" value={used}>
        {text}
      </meter>
      <div className={styles.bar} aria-hidden>
        <div className={styles.used} style={{ inlineSize: `${used * 100}%` }} />
      </div>
    </div>
  );
}
