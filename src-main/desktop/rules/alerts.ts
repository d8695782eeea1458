import type { ForwardingStatus } from "../../../src-shared/contract/sync.ts";
import type { Health } from "../../../src-shared/contract/upkeep.ts";
import type { Preferences } from "../../../src-shared/desktop-bridge.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src-shared/time.ts";

export const ALERT_KINDS = ["sink-down", "disk-low", "failure-rate"] as const;
export type AlertKind = (typeof ALERT_KINDS)[number];
export type Alert = { kind: AlertKind; title: string; body: string; route: string };

/** A sink is tried again by itself: a short outage is none of the operator's business. */
const DOWN_MS = MINUTE_MS;
const DOWN_STATES: ReadonlySet<string> = new Set(["retrying", "stopped", "blocked"]);
/** Of fewer messages a rate says little. */
const LEAST_MESSAGES = 20;
const SINK_NAMES = { rabbitmq: "RabbitMQ", supabase: "Supabase" } as const;

export type Situation = {
  sync: ForwardingStatus;
  health: Pick<Health, "checks">;
  /** Of the last hour. */
  recent: { total: number; failed: number };
  /** 0 to 100: above it the failure rate is told. */
  failurePercent: number;
  /** Milliseconds. */
  now: number;
};

/** What an operator who does not look at the window should hear of now. */
export function alertsOf({ sync, health, recent, failurePercent, now }: Situation): Alert[] {
  const alerts: Alert[] = [];
  const down = sync.sinks.filter(
    ({ state, since_ts }) =>
      DOWN_STATES.has(state) && since_ts !== null && now - Date.parse(since_ts) >= DOWN_MS,
  );
  if (down[0] !== undefined) {
    const names = down.map(({ sink }) => SINK_NAMES[sink]).join(" and ");
    alerts.push({
      kind: "sink-down",
      title: `${names} can't be reached`,
      body: `${down[0].message} Nothing is lost: what waits goes out later.`,
      route: "/sync",
    });
  }
  const disk = health.checks.disk;
  if (disk !== undefined && disk.state !== "ok") {
    alerts.push({ kind: "disk-low", title: "The disk is almost full", body: disk.message, route: "/health" });
  }
  const percent = recent.total === 0 ? 0 : (100 * recent.failed) / recent.total;
  if (recent.total >= LEAST_MESSAGES && percent > failurePercent) {
    alerts.push({
      kind: "failure-rate",
      title: `${Math.round(percent)} % of the messages of the last hour failed`,
      body: `${recent.failed} of ${recent.total} messages failed. The page Failures says why.`,
      route: "/failures",
    });
  }
  return alerts;
}

/** Whether the operator wants to hear of it. */
export function isWanted({ kind }: Pick<Alert, "kind">, preferences: Preferences): boolean {
  switch (kind) {
    case "sink-down":
      return preferences.notify_sink_down;
    case "disk-low":
      return preferences.notify_disk_low;
    case "failure-rate":
      return preferences.notify_failure_rate;
  }
}

/** Tells of each kind once when it begins, and at most once an hour however often it comes and goes. */
export class AlertThrottle {
  readonly #toldAt = new Map<AlertKind, number>();
  #standing = new Set<AlertKind>();

  /** Of the alerts that hold at `now` (milliseconds), those to be told. */
  due(alerts: readonly Alert[], now: number): Alert[] {
    const due = alerts.filter(({ kind }) => {
      const told = this.#toldAt.get(kind);
      return !this.#standing.has(kind) && (told === undefined || now - told >= HOUR_MS);
    });
    for (const { kind } of due) this.#toldAt.set(kind, now);
    // One that was held back stands as soon as it has been told.
    const told = new Set(due.map(({ kind }) => kind));
    this.#standing = new Set(
      alerts.map(({ kind }) => kind).filter((kind) => told.has(kind) || this.#standing.has(kind)),
    );
    return due;
  }
}
