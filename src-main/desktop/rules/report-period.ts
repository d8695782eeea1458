import type { PeriodInput } from "../../../src-shared/contract/statistics.ts";
import { DAY_MS } from "../../../src-shared/time.ts";

const PRESET = /^(\d{1,4})([hd])$/;
const DEFAULT_DAYS = 30;

/** The period that the page at this address shows, so that its PDF is about the same; 30 days where it shows none. */
export function reportPeriod(address: string): PeriodInput {
  const params = URL.parse(address)?.searchParams;
  const period = params?.get("period") ?? "";
  if (period === "custom") {
    const from = localDay(params?.get("from"));
    const to = localDay(params?.get("to"));
    if (from !== null && to !== null && from <= to) {
      return { from: new Date(from).toISOString(), to: new Date(to + DAY_MS).toISOString() };
    }
  }
  const [, count, unit] = PRESET.exec(period) ?? [];
  const days = unit === "h" ? Number(count) / 24 : Number(count);
  return { days: days > 0 ? days : DEFAULT_DAYS };
}

/** The beginning of a day as people here count it, in milliseconds. */
function localDay(text: string | null | undefined): number | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text ?? "")) return null;
  const time = Date.parse(`${text}T00:00:00`);
  return Number.isNaN(time) ? null : time;
}
