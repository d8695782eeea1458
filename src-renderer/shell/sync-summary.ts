import { CircleCheck, CircleX, type LucideIcon, Send, TriangleAlert } from "lucide-react";
import type { SinkState, SinkStatus } from "../../src-shared/contract/sync.ts";
import { SINK_TITLES } from "../../src-shared/contract/sync-counts.ts";
import { SINK_STATES, type SinkTone } from "../pages/sync/sink-meta.ts";
import { formatNumber } from "../ui/format.ts";

export type SyncSummary = { tone: SinkTone; icon: LucideIcon; text: string; detail: string };

/** What an operator has to know first, the gravest first. */
const TROUBLES: readonly SinkState[] = ["stopped", "blocked", "retrying", "unattended", "paused"];

const PHRASES: Partial<Record<SinkState, string>> = {
  stopped: "needs you",
  blocked: "takes nothing now",
  retrying: "is out of reach",
  unattended: "is not forwarded to",
  paused: "is paused",
};

/** How forwarding stands, in a few words; null where nothing is forwarded. */
export function syncSummary(sinks: readonly SinkStatus[]): SyncSummary | null {
  const on = sinks.filter(({ state }) => state !== "off");
  if (on.length === 0) return null;
  const detail = on.map((sink) => `${SINK_TITLES[sink.sink]}: ${sink.message}`).join(" ");
  for (const state of TROUBLES) {
    const sink = on.find((one) => one.state === state);
    if (sink === undefined) continue;
    const { icon, tone } = SINK_STATES[state];
    return { tone, icon, text: `${titleOf(sink)} ${PHRASES[state]}${waiting(sink.counts.pending)}`, detail };
  }
  const unbalanced = on.find(({ counts, sessions }) => !counts.balanced || sessions?.balanced === false);
  if (unbalanced !== undefined) {
    return { tone: "danger", icon: CircleX, text: `${titleOf(unbalanced)} does not add up`, detail };
  }
  const pending = sumOf(on, ({ counts, sessions }) => counts.pending + (sessions?.pending ?? 0));
  const parked = sumOf(on, ({ counts, sessions }) => counts.parked + (sessions?.parked ?? 0));
  if (parked > 0) {
    const text = `Forwarding: ${formatNumber(parked)} parked${waiting(pending)}`;
    return { tone: "warning", icon: TriangleAlert, text, detail };
  }
  const behind = on.find(({ is_behind }) => is_behind);
  if (behind !== undefined) {
    const text = `${titleOf(behind)} is behind${waiting(behind.counts.pending)}`;
    return { tone: "warning", icon: TriangleAlert, text, detail };
  }
  if (pending > 0) {
    return { tone: "neutral", icon: Send, text: `Forwarding: ${formatNumber(pending)} waiting`, detail };
  }
  if (on.some(({ state }) => state === "connecting")) {
    return { tone: "neutral", icon: SINK_STATES.connecting.icon, text: "Forwarding: connecting", detail };
  }
  return { tone: "success", icon: CircleCheck, text: "Forwarding: up to date", detail };
}

function titleOf({ sink }: SinkStatus): string {
  return SINK_TITLES[sink];
}

function waiting(pending: number): string {
  return pending === 0 ? "" : `, ${formatNumber(pending)} waiting`;
}

function sumOf(sinks: readonly SinkStatus[], figure: (sink: SinkStatus) => number): number {
  return sinks.reduce((sum, sink) => sum + figure(sink), 0);
}
