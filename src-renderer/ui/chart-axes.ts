import { formatCompact } from "./format.ts";

export const TICK = { fill: "var(--chart-axis)", fontSize: 11 } as const;

/** Time below a chart. */
export const TIME_AXIS = {
  axisLine: { stroke: "var(--border)" },
  interval: "preserveStartEnd",
  minTickGap: 36,
  tick: TICK,
  tickLine: false,
} as const;

/** Numbers of messages beside a chart. */
export const COUNT_AXIS = {
  allowDecimals: false,
  axisLine: false,
  tick: TICK,
  tickFormatter: formatCompact,
  tickLine: false,
  width: 40,
} as const;
