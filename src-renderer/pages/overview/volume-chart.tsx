import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import type { Status } from "../../../src-shared/status.ts";
import { COUNT_AXIS, TIME_AXIS } from "../../ui/chart-axes.ts";
import { STATUS_STACK } from "../../ui/stacks.ts";
import { statusMeta } from "../../ui/status-meta.ts";
import { tickLabel, type VolumePoint } from "./volume.ts";
import styles from "./volume-card.module.css";
import { VolumeTooltip } from "./volume-tooltip.tsx";

export type VolumeChartProps = {
  points: readonly VolumePoint[];
  hidden: ReadonlySet<Status>;
  onOpen: (point: VolumePoint) => void;
};

export function VolumeChart({ points, hidden, onOpen }: VolumeChartProps) {
  const shown = STATUS_STACK.filter((status) => !hidden.has(status));
  const first = points[0];
  const bucket = first === undefined ? 0 : first.end - first.start;
  const span = first === undefined ? 0 : (points.at(-1) ?? first).end - first.start;
  return (
    <div className={styles.plot}>
      <div className={styles.fill}>
        <ResponsiveContainer height="100%" width="100%">
          <BarChart
            barCategoryGap="18%"
            data={[...points]}
            desc="Messages over time, stacked by status. The table view holds the same figures."
            margin={{ top: 8, right: 0, bottom: 0, left: 0 }}
            title="Volume over time"
            onClick={({ activeTooltipIndex }) => {
              const point = points[Number(activeTooltipIndex)];
              if (point !== undefined) onOpen(point);
            }}
          >
            <CartesianGrid stroke="var(--chart-grid)" vertical={false} />
            <XAxis
              {...TIME_AXIS}
              dataKey="start"
              tickFormatter={(start: number) => tickLabel(start, bucket, span)}
            />
            <YAxis {...COUNT_AXIS} />
            <Tooltip
              content={({ active, payload }) => (
                <VolumeTooltip
                  active={active}
                  hidden={hidden}
                  point={payload[0]?.payload as VolumePoint | undefined}
                />
              )}
              cursor={{ fill: "var(--hover)" }}
              isAnimationActive={false}
            />
            {shown.map((status) => (
              <Bar
                dataKey={status}
                fill={statusMeta(status).colour}
                isAnimationActive={false}
                key={status}
                maxBarSize={36}
                name={statusMeta(status).label}
                stackId="volume"
              />
            ))}
          </BarChart>
        </ResponsiveContainer>
      </div>
    </div>
  );
}
