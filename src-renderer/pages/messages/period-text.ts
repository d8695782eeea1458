import { plural } from "../../../src-shared/plural.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src-shared/time.ts";

const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const minute = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});
const second = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

function formatFor(bucketSeconds: number): Intl.DateTimeFormat {
  if (bucketSeconds * 1_000 >= DAY_MS) return day;
  return bucketSeconds * 1_000 >= MINUTE_MS ? minute : second;
}

/** A range of time, without its end, as exact as buckets of that size are: "3 Mar 2026 – 9 Mar 2026", "3 Mar, 09:00 – 12:30". */
export function periodText(from: string, to: string, bucketSeconds: number): string {
  const isByDay = bucketSeconds * 1_000 >= DAY_MS;
  // "Until midnight" reads as another day.
  const end = new Date(to).getTime() - (isByDay ? 1 : 0);
  return formatFor(bucketSeconds).formatRange(new Date(from), end);
}

/** "1 hour", "5 minutes", "2 days": the width of a bar. */
export function bucketText(bucketSeconds: number): string {
  const ms = Math.round(bucketSeconds * 1_000);
  if (ms >= DAY_MS) return plural(Math.round((ms / DAY_MS) * 10) / 10, "day");
  if (ms >= HOUR_MS) return plural(Math.round((ms / HOUR_MS) * 10) / 10, "hour");
  if (ms >= MINUTE_MS) return plural(Math.round((ms / MINUTE_MS) * 10) / 10, "minute");
  return ms >= 1_000 ? plural(Math.round(ms / 100) / 10, "second") : `${ms} ms`;
}
