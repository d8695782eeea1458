import {
  Activity,
  Bug,
  ChartBarStacked,
  ChartNoAxesCombined,
  Layers,
  type LucideIcon,
  MessagesSquare,
  RefreshCw,
  ScrollText,
  Settings,
} from "lucide-react";
import { useLocation } from "wouter";

export type Destination = {
  path: string;
  label: string;
  icon: LucideIcon;
  keys: string;
  /** Other words that people look for it by. */
  keywords?: string;
};

export const NAVIGATION: readonly Destination[] = [
  { path: "/", label: "Overview", icon: ChartNoAxesCombined, keys: "g o" },
  { path: "/messages", label: "Messages", icon: MessagesSquare, keys: "g m" },
  { path: "/failures", label: "Failures", icon: Bug, keys: "g f" },
  { path: "/sessions", label: "Sessions", icon: Layers, keys: "g s" },
  { path: "/analytics", label: "Analytics", icon: ChartBarStacked, keys: "g a" },
  {
    path: "/sync",
    label: "Sync",
    icon: RefreshCw,
    keys: "g y",
    keywords: "forwarding rabbitmq supabase queues outages parked",
  },
  { path: "/system-log", label: "System log", icon: ScrollText, keys: "g l" },
  { path: "/health", label: "Health", icon: Activity, keys: "g h" },
  { path: "/settings", label: "Settings", icon: Settings, keys: "g ," },
];

/** Messages with this query; all of them without one. */
export function messagesHref(q: string): string {
  return q === "" ? "/messages" : `/messages?${new URLSearchParams({ q })}`;
}

export function sessionHref(sessionId: string): string {
  return `/sessions/${encodeURIComponent(sessionId)}`;
}

export function useNavigate(): (to: string, options?: { replace?: boolean }) => void {
  const [, navigate] = useLocation();
  return navigate;
}

/** Whether a destination holds the page at this path. */
export function isAt(destination: Destination, path: string): boolean {
  return destination.path === "/"
    ? path === "/"
    : path === destination.path || path.startsWith(`${destination.path}/`);
}
