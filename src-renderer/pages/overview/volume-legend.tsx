import type { StatusCounts } from "../../../src-shared/contract/statistics.ts";
import type { Status } from "../../../src-shared/status.ts";
import { formatCompact } from "../../ui/format.ts";
import { STATUS_STACK } from "../../ui/stacks.ts";
import { statusMeta } from "../../ui/status-meta.ts";
import styles from "./volume-card.module.css";

export type VolumeLegendProps = {
  totals: StatusCounts;
  hidden: ReadonlySet<Status>;
  onToggle: (status: Status) => void;
};

export function VolumeLegend({ totals, hidden, onToggle }: VolumeLegendProps) {
  return (
    <fieldset className={styles.legend} style={{ border: 0, padding: 0 }}>
      <legend className="visually-hidden">Statuses shown in the chart</legend>
      {STATUS_STACK.map((status) => (
        <button
          aria-pressed={!hidden.has(status)}
          className={styles.entry}
          key={status}
          type="button"
          onClick={() => onToggle(status)}
        >
          <span aria-hidden className={styles.swatch} style={{ background: statusMeta(status).colour }} />
          {statusMeta(status).label}
          <span className={styles.figure}>{formatCompact(totals[status])}</span>
        </button>
      ))}
    </fieldset>
  );
}
