import type { Histogram } from "../../../src-shared/contract/messages.ts";
import { formatTime, parseTime, SECOND_MS } from "../../../src-shared/time.ts";

/** Buckets `start` to `end`, without `end`; never empty. */
export type Brush = { start: number; end: number };
export type BrushEdge = "start" | "end";

/** The bucket under a point, also for a pointer that left the plot while it dragged. */
export function bucketAt(x: number, width: number, buckets: number): number {
  if (width <= 0) return 0;
  return Math.min(Math.max(Math.floor((x / width) * buckets), 0), buckets - 1);
}

/** The buckets that a drag from one to another covers, in either direction. */
export function brushBetween(anchor: number, head: number): Brush {
  return { start: Math.min(anchor, head), end: Math.max(anchor, head) + 1 };
}

/** One edge moved; it stops at the plot's end and one bucket before the other edge. */
export function moveEdge(brush: Brush, edge: BrushEdge, by: number, buckets: number): Brush {
  if (edge === "start") return { ...brush, start: Math.min(Math.max(brush.start + by, 0), brush.end - 1) };
  return { ...brush, end: Math.max(Math.min(brush.end + by, buckets), brush.start + 1) };
}

export function isWhole(brush: Brush, buckets: number): boolean {
  return brush.start === 0 && brush.end === buckets;
}

/** The time that the brush spans: from its first bucket's start to its last one's end. */
export function brushPeriod(histogram: Histogram, brush: Brush): { from: string; to: string } {
  const from = histogram.buckets[brush.start]?.ts ?? histogram.from;
  const last = histogram.buckets[brush.end - 1]?.ts;
  const next = histogram.buckets[brush.end]?.ts;
  if (next !== undefined) return { from, to: next };
  const lastMs = last === undefined ? undefined : parseTime(last);
  if (lastMs === undefined) return { from, to: histogram.to };
  return { from, to: formatTime(lastMs + Math.round(histogram.bucket_seconds * SECOND_MS)) };
}

export function bucketTotal(bucket: Histogram["buckets"][number]): number {
  return Object.values(bucket.counts).reduce((sum, count) => sum + count, 0);
}

export function brushTotal(histogram: Histogram, brush: Brush): number {
  return histogram.buckets
    .slice(brush.start, brush.end)
    .reduce((sum, bucket) => sum + bucketTotal(bucket), 0);
}
