import type { Histogram } from "../../../src-shared/contract/messages.ts";
import type { Status } from "../../../src-shared/status.ts";
import { STATUS_STACK } from "../../ui/stacks.ts";
import { bucketTotal } from "./brush.ts";

export type BarShape = { status: Status; path: string };

export type PlotSize = { width: number; height: number };

const WIDEST_BAR_PX = 48;

/** Leaves a gap between bars that are wide enough for one. */
function barWidth(slot: number): number {
  return Math.min(slot >= 4 ? slot - 1 : Math.max(slot, 1), WIDEST_BAR_PX);
}

export function highestTotal(histogram: Histogram): number {
  return histogram.buckets.reduce((most, bucket) => Math.max(most, bucketTotal(bucket)), 0);
}

/**
 * One path for each status that occurs: the bars of all buckets, stacked. A status that is there
 * is at least a pixel high, so that one failure in a million is seen.
 */
export function stackedBars(histogram: Histogram, { width, height }: PlotSize): BarShape[] {
  const { buckets } = histogram;
  const top = highestTotal(histogram);
  if (top === 0 || width <= 0) return [];
  const slot = width / buckets.length;
  const wide = barWidth(slot);
  const paths = new Map<Status, string>();
  buckets.forEach((bucket, index) => {
    const indent = wide === WIDEST_BAR_PX ? (slot - wide) / 2 : 0;
    const x = (index * slot + indent).toFixed(2);
    let base = height;
    for (const { status, high } of partHeights(bucket, height / top, height)) {
      base -= high;
      const size = high.toFixed(2);
      const bar = `M${x} ${base.toFixed(2)}h${wide.toFixed(2)}v${size}h${(-wide).toFixed(2)}z`;
      paths.set(status, (paths.get(status) ?? "") + bar);
    }
  });
  return STATUS_STACK.flatMap((status) => {
    const path = paths.get(status);
    return path === undefined ? [] : [{ status, path }];
  });
}

/** What the least parts take to be seen, the tallest one gives where the bar is full. */
function partHeights(bucket: Histogram["buckets"][number], pxPerMessage: number, height: number) {
  const parts = STATUS_STACK.map((status) => ({ status, count: bucket.counts[status] ?? 0 }))
    .filter(({ count }) => count > 0)
    .map(({ status, count }) => ({ status, high: Math.max(1, count * pxPerMessage) }));
  const over = parts.reduce((sum, { high }) => sum + high, 0) - height;
  const tallest = Math.max(...parts.map(({ high }) => high));
  if (over <= 0) return parts;
  const giver = parts.findIndex(({ high }) => high === tallest);
  return parts.map((part, index) =>
    index === giver ? { ...part, high: Math.max(0, part.high - over) } : part,
  );
}

/** How many messages have each status, in the order of the legend: by the way a message takes. */
export function statusTotals(histogram: Histogram): { status: Status; count: number }[] {
  const order: readonly Status[] = ["pending", "sending", "sent", "delivered", "read", "failed", "cancelled"];
  return order
    .map((status) => ({
      status,
      count: histogram.buckets.reduce((sum, { counts }) => sum + (counts[status] ?? 0), 0),
    }))
    .filter(({ count }) => count > 0);
}
