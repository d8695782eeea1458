import { useId, useMemo, useRef } from "react";
import type { Histogram } from "../../../src-shared/contract/messages.ts";
import { plural } from "../../../src-shared/plural.ts";
import { parseTime } from "../../../src-shared/time.ts";
import { classes } from "../../ui/classes.ts";
import { formatCompact, formatNumber } from "../../ui/format.ts";
import { STATUS_STACK } from "../../ui/stacks.ts";
import { statusMeta } from "../../ui/status-meta.ts";
import { highestTotal, stackedBars } from "./bars.ts";
import { type Brush, type BrushEdge, brushPeriod, brushTotal } from "./brush.ts";
import styles from "./histogram.module.css";
import { periodText } from "./period-text.ts";
import { timeTicks } from "./time-axis.ts";
import { useBrush } from "./use-brush.ts";
import { useElementWidth } from "./use-element-width.ts";

const PX_PER_TICK = 96;
const PX_OF_LABEL = 52;

type HistogramPlotProps = {
  histogram: Histogram;
  height: number;
  /** Asked for with the period that was brushed. */
  onPeriod: (period: { from: string; to: string }) => void;
};

/** Messages over time, stacked by status; a drag over it, or keys on its edges, choose a period. */
export function HistogramPlot({ histogram, height, onPeriod }: HistogramPlotProps) {
  const plot = useRef<HTMLDivElement>(null);
  const width = useElementWidth(plot);
  const hintId = useId();
  const { buckets } = histogram;
  const { brush, hovered, plotEvents, onEdgeKey } = useBrush(buckets.length, (chosen) =>
    onPeriod(brushPeriod(histogram, chosen)),
  );
  const shapes = useMemo(() => stackedBars(histogram, { width, height }), [histogram, width, height]);
  const percent = (bucket: number) => `${(bucket / Math.max(1, buckets.length)) * 100}%`;
  const edges = brush ?? { start: 0, end: buckets.length };

  return (
    <div className={styles.frame}>
      <span className={styles.peak} aria-hidden>
        {formatCompact(highestTotal(histogram))}
      </span>
      <div ref={plot} className={styles.plot} style={{ height }} {...plotEvents}>
        <svg width={width} height={height} aria-hidden className={styles.bars}>
          {shapes.map(({ status, path }) => (
            <path key={status} d={path} fill={statusMeta(status).colour} />
          ))}
        </svg>
        {brush !== null && (
          <div
            className={styles.brush}
            style={{ left: percent(brush.start), width: percent(brush.end - brush.start) }}
          />
        )}
        {(["start", "end"] as const).map((edge) => (
          <EdgeHandle
            key={edge}
            edge={edge}
            left={percent(edges[edge])}
            edges={edges}
            histogram={histogram}
            hintId={hintId}
            onKeyDown={onEdgeKey(edge)}
          />
        ))}
        {brush !== null ? (
          <Tip histogram={histogram} brush={brush} />
        ) : (
          hovered !== null &&
          hovered < buckets.length && (
            <Tip histogram={histogram} brush={{ start: hovered, end: hovered + 1 }} />
          )
        )}
      </div>
      <TimeAxis histogram={histogram} width={width} />
      <p id={hintId} className={styles.hint}>
        Arrow keys move the edge, Enter filters by the period, Escape gives up.
      </p>
    </div>
  );
}

type EdgeHandleProps = {
  edge: BrushEdge;
  left: string;
  edges: Brush;
  histogram: Histogram;
  hintId: string;
  onKeyDown: (event: React.KeyboardEvent) => void;
};

function EdgeHandle({ edge, left, edges, histogram, hintId, onKeyDown }: EdgeHandleProps) {
  const { from, to } = brushPeriod(histogram, edges);
  const text = `${periodText(from, to, histogram.bucket_seconds)}: ${plural(brushTotal(histogram, edges), "message")}`;
  return (
    <div
      role="slider"
      tabIndex={0}
      aria-label={edge === "start" ? "Period starts" : "Period ends"}
      aria-valuemin={edge === "start" ? 0 : 1}
      aria-valuemax={histogram.buckets.length - (edge === "start" ? 1 : 0)}
      aria-valuenow={edges[edge]}
      aria-valuetext={text}
      aria-describedby={hintId}
      className={styles.edge}
      style={{ left }}
      onKeyDown={onKeyDown}
    />
  );
}

/** Stands beside what it tells of, on the side with more room. */
function Tip({ histogram, brush }: { histogram: Histogram; brush: Brush }) {
  const { from, to } = brushPeriod(histogram, brush);
  const slice = histogram.buckets.slice(brush.start, brush.end);
  const parts = [...STATUS_STACK]
    .reverse()
    .map((status) => ({ status, count: slice.reduce((sum, { counts }) => sum + (counts[status] ?? 0), 0) }))
    .filter(({ count }) => count > 0);
  const { length } = histogram.buckets;
  const isLeft = brush.start > length - brush.end;
  const left = `${((isLeft ? brush.start : brush.end) / length) * 100}%`;
  return (
    <div className={classes(styles.tip, isLeft && styles.tipLeft)} style={{ left }} aria-hidden>
      <p className={styles.tipPeriod}>{periodText(from, to, histogram.bucket_seconds)}</p>
      <p className={styles.tipTotal}>{plural(brushTotal(histogram, brush), "message")}</p>
      {parts.map(({ status, count }) => (
        <p key={status} className={styles.tipPart}>
          <span className={styles.swatch} style={{ background: statusMeta(status).colour }} />
          {statusMeta(status).label}
          <span className={styles.tipCount}>{formatNumber(count)}</span>
        </p>
      ))}
    </div>
  );
}

function TimeAxis({ histogram, width }: { histogram: Histogram; width: number }) {
  const from = parseTime(histogram.from) ?? 0;
  const to = parseTime(histogram.to) ?? 0;
  const ticks = useMemo(() => timeTicks(from, to, Math.floor(width / PX_PER_TICK)), [from, to, width]);
  return (
    <div className={styles.axis} aria-hidden>
      {ticks.map(({ ms, label }) => {
        const share = (ms - from) / (to - from);
        // One that would be cut off at the end says nothing.
        if (share * width > width - PX_OF_LABEL) return null;
        return (
          <span key={ms} className={styles.tick} style={{ left: `${share * 100}%` }}>
            {label}
          </span>
        );
      })}
    </div>
  );
}
