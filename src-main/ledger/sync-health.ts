import {
  SINK_TITLES,
  type SinkConservation,
  type SinkCounts,
} from "../../src-shared/contract/sync-counts.ts";
import type { HealthCheck } from "../../src-shared/contract/upkeep.ts";
import type { SinkFacts, StreamFacts, SyncFacts } from "./reader/sync.ts";
import { STREAMS } from "./sync-save.ts";

export function countsOf(stream: StreamFacts | undefined): SinkCounts {
  if (stream === undefined)
    return { accepted: 0, delivered: 0, pending: 0, parked: 0, removed: 0, balanced: true };
  const { accepted, position, delivered, removed, parked } = stream;
  return {
    accepted,
    delivered,
    pending: accepted - position,
    parked,
    removed,
    balanced: delivered + removed + parked === position && position <= accepted,
  };
}

export function sinkConservation(facts: SyncFacts | null): SinkConservation[] {
  return (facts?.sinks ?? [])
    .filter(({ enabled }) => enabled)
    .flatMap(({ sink, streams }) =>
      STREAMS.flatMap((stream) => {
        const found = streams[stream];
        if (found === undefined) return [];
        return [{ sink, stream, ...countsOf(found), mismatch_ids: found.mismatches }];
      }),
    );
}

/** A sink that is away is no fault of the ledger, which keeps what it has not had. */
export function checkSinks(facts: SyncFacts | null): Record<string, HealthCheck> {
  const sinks = (facts?.sinks ?? []).filter(({ enabled }) => enabled);
  return Object.fromEntries(sinks.map((sink) => [`sync_${sink.sink}`, checkSink(sink)]));
}

function checkSink({ sink, streams }: SinkFacts): HealthCheck {
  const title = SINK_TITLES[sink];
  const counts = countsOf(streams.message);
  const sum = `${counts.delivered} delivered, ${counts.pending} waiting, ${counts.parked} parked, ${counts.removed} removed before`;
  const unbalanced = STREAMS.flatMap((stream) =>
    countsOf(streams[stream]).balanced ? [] : (streams[stream]?.mismatches ?? []),
  );
  if (STREAMS.some((stream) => !countsOf(streams[stream]).balanced)) {
    const ids = unbalanced.length === 0 ? "" : ` See ${unbalanced.join(", ")}.`;
    const message = `${counts.accepted} changes were accepted for ${title}, but ${sum}. Send the period again: waybill sync resend.${ids}`;
    return { state: "failing", message, value: counts.pending, unit: "records" };
  }
  if (counts.parked > 0) {
    const message = `${title} refused ${counts.parked === 1 ? "a record; it is" : `${counts.parked} records; they are`} parked. Look on the Sync page.`;
    return { state: "warning", message, value: counts.parked, unit: "records" };
  }
  const message = counts.pending === 0 ? `Everything accepted is at ${title}.` : `${title}: ${sum}.`;
  return { state: "ok", message, value: counts.pending, unit: "records" };
}
