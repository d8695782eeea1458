import { MINUTE_MS } from "../../src-shared/time.ts";
import type { Core } from "../api/core.ts";
import { type Alert, AlertThrottle, alertsOf } from "./rules/alerts.ts";

const LOOK_MS = MINUTE_MS;
const HOUR_OF_DAYS = 1 / 24;

/** Looks once a minute for what the operator should hear of. Gives the function that ends it. */
export function watchForAlerts(
  { handlers, sync, onUnexpected }: Pick<Core, "handlers" | "sync" | "onUnexpected">,
  failurePercent: () => number,
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
    const alerts = alertsOf({ sync: status, health, recent, failurePercent: failurePercent(), now });
    for (const alert of throttle.due(alerts, now)) onAlert(alert);
  };
  const timer = setInterval(() => {
    // The store may be away just now; the next look is a minute off.
    look().catch((error: unknown) => onUnexpected({ component: "alerts", error }));
  }, LOOK_MS);
  timer.unref();
  return () => clearInterval(timer);
}
