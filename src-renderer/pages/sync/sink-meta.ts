import {
  CircleCheck,
  CircleDashed,
  CirclePause,
  CirclePower,
  CircleX,
  type LucideIcon,
  OctagonPause,
  RefreshCw,
  Send,
  Unplug,
} from "lucide-react";
import type { SinkState, SinkStatus } from "../../../src-shared/contract/sync.ts";
import type { SinkName } from "../../../src-shared/contract/sync-counts.ts";
import type { Tone } from "../../ui/badge.tsx";

export const SINK_TITLES: Readonly<Record<SinkName, string>> = { rabbitmq: "RabbitMQ", supabase: "Supabase" };

/** A word, an icon and a tone: the colour never says it alone. */
export const SINK_STATES: Readonly<Record<SinkState, { word: string; icon: LucideIcon; tone: Tone }>> = {
  off: { word: "Not connected", icon: CirclePower, tone: "neutral" },
  connecting: { word: "Connecting", icon: CircleDashed, tone: "info" },
  delivering: { word: "Delivering", icon: Send, tone: "info" },
  up_to_date: { word: "Up to date", icon: CircleCheck, tone: "success" },
  retrying: { word: "Out of reach", icon: RefreshCw, tone: "warning" },
  stopped: { word: "Needs you", icon: CircleX, tone: "danger" },
  blocked: { word: "Blocked by the broker", icon: OctagonPause, tone: "warning" },
  paused: { word: "Paused", icon: CirclePause, tone: "warning" },
  unattended: { word: "No host runs", icon: Unplug, tone: "warning" },
};

/** What an operator should look at, the gravest first; null where all is well or nothing is connected. */
export function worstSink(sinks: readonly SinkStatus[]): SinkStatus | null {
  const on = sinks.filter(({ state }) => state !== "off");
  const order: readonly SinkState[] = ["stopped", "blocked", "retrying", "unattended", "paused"];
  for (const state of order) {
    const found = on.find((sink) => sink.state === state);
    if (found !== undefined) return found;
  }
  return on.find(({ counts, is_behind }) => counts.parked > 0 || is_behind || !counts.balanced) ?? null;
}
