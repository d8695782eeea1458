import type { MessageEvent } from "../../../src-shared/contract/messages.ts";
import { parseTime, SECOND_MS } from "../../../src-shared/time.ts";

/** A report that came in this much after it happened is worth saying so. */
const LATE_REPORT_MS = 60 * SECOND_MS;

export type LifeStep = {
  event: MessageEvent;
  /** Seconds since the step before it that counted; null for the first one. */
  afterSeconds: number | null;
  /** Seconds until Waybill heard of it, where that is a minute or more; null for what came with the record. */
  reportedAfterSeconds: number | null;
};

function milliseconds(ts: string): number {
  return parseTime(ts) ?? Number.NaN;
}

/** A message's reports in the order in which they happened; those that came too late count for no duration. */
export function lifeSteps(events: readonly MessageEvent[]): LifeStep[] {
  const ordered = [...events].sort(
    (a, b) => milliseconds(a.ts) - milliseconds(b.ts) || a.event_id - b.event_id,
  );
  const loggedMs = Math.min(...events.map((event) => milliseconds(event.recorded_ts)));
  let previous: number | null = null;
  return ordered.map((event) => {
    const at = milliseconds(event.ts);
    const recordedMs = milliseconds(event.recorded_ts);
    const isReport = recordedMs - loggedMs >= SECOND_MS;
    const isLate = isReport && recordedMs - at >= LATE_REPORT_MS;
    const afterSeconds = previous === null ? null : (at - previous) / SECOND_MS;
    if (event.applied) previous = at;
    return {
      event,
      afterSeconds,
      reportedAfterSeconds: isLate ? (recordedMs - at) / SECOND_MS : null,
    };
  });
}

/** From its first to its last step that counted; null with fewer than two. */
export function lifeSeconds(steps: readonly LifeStep[]): number | null {
  const times = steps.filter(({ event }) => event.applied).map(({ event }) => milliseconds(event.ts));
  const first = times[0];
  const last = times.at(-1);
  return times.length < 2 || first === undefined || last === undefined ? null : (last - first) / SECOND_MS;
}

/** When Waybill took the record, which may be long after it was made; null before that is known. */
export function loggedTs(events: readonly MessageEvent[] | undefined): string | null {
  const times = (events ?? []).map((event) => event.recorded_ts).sort();
  return times[0] ?? null;
}
