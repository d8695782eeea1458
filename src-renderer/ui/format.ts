import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../src-shared/time.ts";

const number = new Intl.NumberFormat("en-US");
const compact = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });
const oneDigit = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });
const percent = new Intl.NumberFormat("en-US", {
  style: "percent",
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});
const wholePercent = new Intl.NumberFormat("en-US", { style: "percent" });
const finePercent = new Intl.NumberFormat("en-US", { style: "percent", maximumFractionDigits: 2 });
const dateTime = new Intl.DateTimeFormat("en-GB", {
  day: "2-digit",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const shortDateTime = new Intl.DateTimeFormat("en-GB", {
  day: "2-digit",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});
const shortDateTimeSeconds = new Intl.DateTimeFormat("en-GB", {
  day: "2-digit",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const date = new Intl.DateTimeFormat("en-GB", { day: "2-digit", month: "short", year: "numeric" });
const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });

const NONE = "–";

export function formatNumber(value: number): string {
  return number.format(value);
}

/** 12.3K, 4M: for axes and tiles where the digits do not matter. */
export function formatCompact(value: number): string {
  return compact.format(value);
}

/** A share from 0 to 1. Close to all or none it keeps a digit more, so that 99.96 % is not 100 %. */
export function formatPercent(share: number | null): string {
  if (share === null) return NONE;
  if (share === 0 || share === 1) return wholePercent.format(share);
  const isNearEdge = (share > 0.995 && share < 1) || (share > 0 && share < 0.005);
  return (isNearEdge ? finePercent : percent).format(share);
}

export function formatDuration(seconds: number | null): string {
  if (seconds === null) return NONE;
  if (seconds < 1) return `${Math.round(seconds * 1_000)} ms`;
  if (seconds < 60) return `${oneDigit.format(seconds)} s`;
  if (seconds < 3_600) return `${oneDigit.format(seconds / 60)} min`;
  if (seconds < 86_400) return `${oneDigit.format(seconds / 3_600)} h`;
  return `${oneDigit.format(seconds / 86_400)} d`;
}

export function formatBytes(bytes: number): string {
  const units = ["B", "KB", "MB", "GB", "TB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1_000 && unit < units.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  return `${unit === 0 ? value : oneDigit.format(value)} ${units[unit]}`;
}

export function formatDateTime(ts: string | number): string {
  return dateTime.format(new Date(ts));
}

export function formatShortDateTime(ts: string | number): string {
  return shortDateTime.format(new Date(ts));
}

export function formatShortDateTimeSeconds(ts: string | number): string {
  return shortDateTimeSeconds.format(new Date(ts));
}

export function formatDate(ts: string | number): string {
  return date.format(new Date(ts));
}

export function formatTimeOfDay(ts: string | number): string {
  return time.format(new Date(ts));
}

export function formatUtc(ts: string | number): string {
  return `${new Date(ts).toISOString().replace("T", " ").replace("Z", "")} UTC`;
}

/** "3 minutes ago", "in 2 hours". */
export function formatRelative(ts: string | number, now: number = Date.now()): string {
  const distance = new Date(ts).getTime() - now;
  const size = Math.abs(distance);
  if (size < 5 * SECOND_MS) return "just now";
  if (size < MINUTE_MS) return relative.format(Math.round(distance / SECOND_MS), "second");
  if (size < HOUR_MS) return relative.format(Math.round(distance / MINUTE_MS), "minute");
  if (size < DAY_MS) return relative.format(Math.round(distance / HOUR_MS), "hour");
  if (size < 30 * DAY_MS) return relative.format(Math.round(distance / DAY_MS), "day");
  if (size < 365 * DAY_MS) return relative.format(Math.round(distance / (30 * DAY_MS)), "month");
  return relative.format(Math.round(distance / (365 * DAY_MS)), "year");
}
