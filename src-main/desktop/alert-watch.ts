import type { Preferences } from "../../src-shared/desktop-bridge.ts";
import { MINUTE_MS } from "../../src-shared/time.ts";
import type { Core } from "../api/core.ts";
import { type Alert, AlertThrottle, alertsOf, isWanted } from "./rules/alerts.ts";

const LOOK_MS = MINUTE_MS;
const HOUR_OF_DAYS = 1 / 24;

/** Looks once a minute for what the operator should hear of. Gives the function that ends it. */
export function watchForAlerts(
  { handlers, sync, onUnexpected }: Pick<Core, "handlers" | "sync" | "onUnexpected">,
  preferences: () => Preferences,
  onAlert: (alert: Alert) => void,
): () => void {
  const throttle = new AlertThrottle();
  const look = async (): Promise<void> => {
    const [status, health, recent] = await Promise.all([
      sync.status(),
      handlers["health.get"]({}),
      handlers["stats.quick"]({ days: HOUR_OF_DAYS }),
    ]);
    const now = Date.now();
    const { failure_percent: failurePercent } = preferences();
    const alerts = alertsOf({ sync: status, health, recent, failurePercent, now });
    const wanted = alerts.filter((alert) => isWanted(alert, preferences()));
    for (const alert of throttle.due(wanted, now)) onAlert(alert);
  };
  const timer = setInterval(() => {
    // The store may be away just now; the next look is a minute off.
    look().catch((error: unknown) => onUnexpected({ component: "alerts", error }));
  }, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}
