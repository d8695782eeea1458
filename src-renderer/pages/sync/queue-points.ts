import type { QueueStatus } from "../../../src-shared/contract/sync.ts";
import { MINUTE_MS, SECOND_MS } from "../../../src-shared/time.ts";

export const SPAN_MS = 10 * MINUTE_MS;
/** Samples come every few seconds: where none did for so long, the broker could not be asked. */
const GAP_MS = 20 * SECOND_MS;

export type QueuePoint = { at: number; depth: number | null; consumers: number | null };

/** The samples of the last ten minutes; a point without values where there were none, so that a line breaks there. */
export function queuePoints(history: QueueStatus["history"], now: number): QueuePoint[] {
  const points: QueuePoint[] = [];
  for (const { ts, depth, consumers } of history) {
    const at = Date.parse(ts);
    if (at < now - SPAN_MS) continue;
    const before = points.at(-1);
    if (before !== undefined && at - before.at > GAP_MS) {
      points.push({ at: before.at + 1, depth: null, consumers: null });
    }
    points.push({ at, depth, consumers });
  }
  return points;
}

/** A chart in words: "0 to 214 in the last 10 minutes, now 12." */
export function describeCourse(points: readonly QueuePoint[], of: "depth" | "consumers"): string {
  const values = points.flatMap((point) => point[of] ?? []);
  const last = values.at(-1);
  if (last === undefined) return "Not asked in the last 10 minutes.";
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  const range = lowest === highest ? `${lowest} throughout` : `${lowest} to ${highest}`;
  return `${range} in the last 10 minutes, ${last} at last.`;
}
