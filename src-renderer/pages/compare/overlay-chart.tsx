import {
  Area,
  CartesianGrid,
  ComposedChart,
  Line,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from "recharts";
import { COUNT_AXIS, TIME_AXIS } from "../../ui/chart-axes.ts";
import { formatNumber } from "../../ui/format.ts";
import styles from "./compare.module.css";
import type { OverlayPoint } from "./overlay.ts";

const A_COLOUR = "var(--accent)";
const B_COLOUR = "var(--text-faint)";

export type OverlayChartProps = { points: readonly OverlayPoint[]; aLabel: string; bLabel: string };

/** Both volumes from their beginnings on, one over the other. */
export function OverlayChart({ points, aLabel, bLabel }: OverlayChartProps) {
  return (
    <>
      <ul className={styles.legend}>
        <li>
          <span aria-hidden className={styles.solid} /> {aLabel}
        </li>
        <li>
          <span aria-hidden className={styles.dashed} /> {bLabel}
        </li>
      </ul>
      <div className={styles.plot}>
        <ResponsiveContainer height="100%" width="100%">
          <ComposedChart
            data={[...points]}
            desc={`Messages over time of ${aLabel} and ${bLabel}, each from its beginning on.`}
            margin={{ top: 8, right: 8, bottom: 0, left: 0 }}
            title="Volume, one over the other"
          >
            <CartesianGrid stroke="var(--chart-grid)" vertical={false} />
            <XAxis {...TIME_AXIS} dataKey="label" />
            <YAxis {...COUNT_AXIS} />
            <Tooltip
              content={({ active, payload }) => {
                const point = payload[0]?.payload as OverlayPoint | undefined;
                return active && point !== undefined ? <OverlayTooltip point={point} /> : null;
              }}
              cursor={{ stroke: "var(--border-strong)" }}
              isAnimationActive={false}
            />
            <Area
              dataKey="a"
              fill={A_COLOUR}
              fillOpacity={0.12}
              isAnimationActive={false}
              stroke={A_COLOUR}
              strokeWidth={2}
              type="linear"
            />
            <Line
              dataKey="b"
              dot={false}
              isAnimationActive={false}
              stroke={B_COLOUR}
              strokeDasharray="5 4"
              strokeWidth={2}
              type="linear"
            />
          </ComposedChart>
        </ResponsiveContainer>
      </div>
    </>
  );
}

function OverlayTooltip({ point }: { point: OverlayPoint }) {
  const text = (value: number | null) => (value === null ? "–" : formatNumber(value));
  return (
    <div className={styles.tooltip}>
      <p className={styles.tooltipTitle}>{point.label}</p>
      <p>
        <span aria-hidden className={styles.solid} /> {point.aName}: <b>{text(point.a)}</b>
      </p>
      <p>
        <span aria-hidden className={styles.dashed} /> {point.bName}: <b>{text(point.b)}</b>
      </p>
    </div>
  );
}
