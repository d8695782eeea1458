import {
  CircleCheck,
  CircleDashed,
  CirclePause,
  CirclePower,
  CircleX,
  type LucideIcon,
  OctagonPause,
  Send,
  TriangleAlert,
  Unplug,
} from "lucide-react";
import type { SinkState } from "../../../src-shared/contract/sync.ts";

export type SinkTone = "neutral" | "info" | "success" | "warning" | "danger";

/** A word, an icon and a tone: the colour never says it alone. */
export const SINK_STATES: Readonly<Record<SinkState, { word: string; icon: LucideIcon; tone: SinkTone }>> = {
  off: { word: "Off", icon: CirclePower, tone: "neutral" },
  connecting: { word: "Connecting", icon: CircleDashed, tone: "info" },
  delivering: { word: "Delivering", icon: Send, tone: "info" },
  up_to_date: { word: "Up to date", icon: CircleCheck, tone: "success" },
  retrying: { word: "Out of reach", icon: Unplug, tone: "warning" },
  stopped: { word: "Needs you", icon: CircleX, tone: "danger" },
  blocked: { word: "Blocked", icon: OctagonPause, tone: "warning" },
  paused: { word: "Paused", icon: CirclePause, tone: "warning" },
  unattended: { word: "No host runs", icon: TriangleAlert, tone: "warning" },
};
