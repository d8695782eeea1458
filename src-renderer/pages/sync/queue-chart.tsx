import {
  Area,
  AreaChart,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  type XAxisTickContentProps,
  YAxis,
} from "recharts";
import { TICK } from "../../ui/chart-axes.ts";
import { formatCompact, formatNumber, formatTimeOfDay } from "../../ui/format.ts";
import { describeCourse, type QueuePoint, SPAN_MS } from "./queue-points.ts";
import styles from "./queues-card.module.css";

/** The operators' rule: more than this waiting is a warning. */
const WARNING = 50;

type QueueChartProps = {
  title: string;
  points: readonly QueuePoint[];
  of: "depth" | "consumers";
  now: number;
};

/** One figure of a queue over the last ten minutes. */
export function QueueChart({ title, points, of, now }: QueueChartProps) {
  const colour = of === "depth" ? "var(--accent)" : "var(--success)";
  const highest = Math.max(of === "depth" ? 10 : 2, ...points.map((point) => point[of] ?? 0));
  return (
    <figure className={styles.chart}>
      <figcaption className={styles.chartTitle}>{title}</figcaption>
      <p className="visually-hidden">{describeCourse(points, of)}</p>
      <div aria-hidden className={styles.plot}>
        <ResponsiveContainer height="100%" width="100%">
          <AreaChart
            accessibilityLayer={false}
            data={[...points]}
            margin={{ top: 6, right: 4, bottom: 0, left: 0 }}
          >
            <XAxis
              axisLine={{ stroke: "var(--border)" }}
              dataKey="at"
              domain={[now - SPAN_MS, now]}
              height={22}
              interval={0}
              tick={TickLabel}
              tickFormatter={(at: number) => (at === now ? "now" : "10 min ago")}
              tickLine={false}
              ticks={[now - SPAN_MS, now]}
              type="number"
            />
            <YAxis
              allowDecimals={false}
              axisLine={false}
              domain={[0, highest]}
              tick={TICK}
              tickFormatter={formatCompact}
              tickLine={false}
              ticks={[0, highest]}
              width={36}
            />
            {of === "depth" && highest >= WARNING && (
              <ReferenceLine stroke="var(--warning)" strokeDasharray="3 3" y={WARNING} />
            )}
            <Tooltip
              content={({ active, payload }) => {
                const point = payload[0]?.payload as QueuePoint | undefined;
                const value = point?.[of];
                if (!active || point === undefined || value == null) return null;
                return (
                  <p className={styles.tooltip}>
                    {formatTimeOfDay(point.at)}: <b>{formatNumber(value)}</b> {title.toLowerCase()}
                  </p>
                );
              }}
              cursor={{ stroke: "var(--border-strong)" }}
              isAnimationActive={false}
            />
            <Area
              dataKey={of}
              dot={points.length === 1}
              fill={colour}
              fillOpacity={0.12}
              isAnimationActive={false}
              stroke={colour}
              strokeWidth={1.5}
              type={of === "depth" ? "linear" : "stepAfter"}
            />
          </AreaChart>
        </ResponsiveContainer>
      </div>
    </figure>
  );
}

/** At the ends of the axis, within its width. */
function TickLabel({ x, y, index, payload, tickFormatter }: XAxisTickContentProps) {
  return (
    <text
      dy={11}
      fill={TICK.fill}
      fontSize={TICK.fontSize}
      textAnchor={index === 0 ? "start" : "end"}
      x={x}
      y={y}
    >
      {tickFormatter?.(payload.value, index)}
    </text>
  );
}
