import type { PeriodState } from "../overview/period.ts";

/** Where a period is compared with the one of the same length before it. */
export function comparePeriodsHref({ period, from, to }: PeriodState): string {
  return `/compare?${new URLSearchParams({ period, ...(from && to ? { from, to } : {}) })}`;
}

/** Where two sessions are compared; the second can be chosen there. */
export function compareSessionsHref(a: string, b = ""): string {
  return `/compare?${new URLSearchParams({ what: "sessions", a, ...(b === "" ? {} : { b }) })}`;
}
