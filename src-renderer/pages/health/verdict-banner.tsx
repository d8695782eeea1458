import type { Health } from "../../../src-shared/contract/upkeep.ts";
import { formatDuration } from "../../ui/format.ts";
import { archiveVerdict, healthVerdict } from "./health-verdict.ts";
import { STATUS_META } from "./state-meta.ts";
import styles from "./verdict-banner.module.css";

export function VerdictBanner({ health }: { health: Health }) {
  const { icon: Icon, tone } = STATUS_META[health.status];
  const { title, sentence } = health.store === "archive" ? archiveVerdict(health) : healthVerdict(health);

  return (
    <section className={styles.banner} data-tone={tone} aria-label="State">
      <span className={styles.icon}>
        <Icon size={22} aria-hidden />
      </span>
      {/* Told once when it changes, not with every refresh of the figures. */}
      <div role="status">
        <h2 className={styles.title}>{title}</h2>
        <p className={styles.sentence}>{sentence}</p>
      </div>
      <p className={styles.facts}>
        Waybill {health.version}, up {formatDuration(health.uptime_seconds)}
      </p>
    </section>
  );
}
