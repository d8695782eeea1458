import { X } from "lucide-react";
import { useMemo } from "react";
import type { Histogram } from "../../../src-shared/contract/messages.ts";
import type { Status } from "../../../src-shared/status.ts";
import { useProcedure } from "../../api/hooks.ts";
import { Button } from "../../ui/button.tsx";
import { formatNumber } from "../../ui/format.ts";
import { Skeleton } from "../../ui/states.tsx";
import { statusMeta } from "../../ui/status-meta.ts";
import { highestTotal, statusTotals } from "./bars.ts";
import styles from "./histogram.module.css";
import { HistogramPlot } from "./histogram-plot.tsx";
import { bucketText, periodText } from "./period-text.ts";

const HEIGHT_PX = 84;
const NARROW_HEIGHT_PX = 56;
const PX_PER_BUCKET = 11;

type HistogramPanelProps = {
  q: string;
  /** Pixels that it has; 0 before that is known. */
  width: number;
  /** Follows the ledger, throttled. */
  live: boolean;
  /** Whether the query limits the time. */
  hasPeriod: boolean;
  onPeriod: (period: { from: string; to: string }) => void;
  onClearPeriod: () => void;
  onStatus: (status: Status) => void;
};

export function HistogramPanel(props: HistogramPanelProps) {
  const { q, width, live, hasPeriod, onPeriod, onClearPeriod, onStatus } = props;
  const height = width < 640 ? NARROW_HEIGHT_PX : HEIGHT_PX;
  const query = useProcedure(
    "messages.histogram",
    { q, buckets: bucketsFor(width) },
    { keepPrevious: true, live, enabled: width > 0 },
  );
  const histogram = query.data;
  const isEmpty = histogram !== undefined && highestTotal(histogram) === 0;

  return (
    <section hidden={isEmpty && !hasPeriod} className={styles.panel} aria-label="Messages over time">
      <div className={styles.head}>
        <p className={styles.period}>
          {histogram === undefined || isEmpty
            ? "Over time"
            : `${periodText(histogram.from, histogram.to, histogram.bucket_seconds)} · ${bucketText(histogram.bucket_seconds)} a bar`}
        </p>
        {hasPeriod && (
          <Button size="sm" variant="ghost" icon={X} onClick={onClearPeriod}>
            Clear period
          </Button>
        )}
        {histogram !== undefined && <Legend histogram={histogram} onStatus={onStatus} />}
      </div>
      {isEmpty ? null : histogram === undefined ? (
        <Placeholder height={height} failed={query.error !== null} />
      ) : (
        <HistogramPlot histogram={histogram} height={height} onPeriod={onPeriod} />
      )}
    </section>
  );
}

/** In steps, so that a window that is resized does not ask with every pixel. */
function bucketsFor(width: number): number {
  return Math.min(160, Math.max(20, Math.round(width / PX_PER_BUCKET / 20) * 20));
}

function Legend({ histogram, onStatus }: { histogram: Histogram; onStatus: (status: Status) => void }) {
  const totals = useMemo(() => statusTotals(histogram), [histogram]);
  return (
    <ul className={styles.legend} aria-label="By status">
      {totals.map(({ status, count }) => (
        <li key={status}>
          <button
            type="button"
            className={styles.legendItem}
            title={`Filter by ${statusMeta(status).label.toLowerCase()}`}
            onClick={() => onStatus(status)}
          >
            <span className={styles.swatch} style={{ background: statusMeta(status).colour }} aria-hidden />
            {statusMeta(status).label}
            <span>{formatNumber(count)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

function Placeholder({ height, failed }: { height: number; failed: boolean }) {
  // The table below says what failed, with a way to try again.
  if (failed) {
    return (
      <div className={styles.empty} style={{ height: height + 20 }}>
        No figures over time at the moment
      </div>
    );
  }
  return <Skeleton height={height + 20} />;
}
