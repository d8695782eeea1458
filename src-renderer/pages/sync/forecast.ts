import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../../src-shared/time.ts";

/** "about 4 minutes": a forecast in the one unit that fits, since it is no better than that. */
export function about(ms: number): string {
  if (ms < 10 * SECOND_MS) return "a few seconds";
  const units = [
    [DAY_MS, "day"],
    [HOUR_MS, "hour"],
    [MINUTE_MS, "minute"],
    [SECOND_MS, "second"],
  ] as const;
  const [size, name] = units.find(([length]) => ms >= length) ?? [SECOND_MS, "second"];
  const count = Math.round(ms / size);
  return `about ${count} ${name}${count === 1 ? "" : "s"}`;
}

/** "in 12 s", counted down; "now" once it is due. */
export function untilText(ts: string, now: number): string {
  const ms = Date.parse(ts) - now;
  return ms <= SECOND_MS ? "now" : `in ${Math.round(ms / SECOND_MS)} s`;
}
