import { WaybillError } from "./errors.ts";
import { parsePlainTime } from "./plain-time.ts";

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Years 0 to 9999: beyond them ISO 8601 takes a sign and no longer sorts as text. */
const MIN_MS = Date.UTC(2000, 0, 1) - 2000 * 365.2425 * DAY_MS;
const MAX_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

/** Smaller numbers are seconds: as milliseconds they would lie before March 1973. */
const SECONDS_BELOW = 100_000_000_000;

const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|[+-]\d{2}(?::?\d{2})?)?)?$/i;

function offsetMs(zone: string | undefined): number {
  if (zone === undefined || zone === "Z" || zone === "z") return 0;
  const digits = zone.slice(1).replace(":", "");
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2) || 0);
  return (zone.startsWith("-") ? -minutes : minutes) * MINUTE_MS;
}

/**
 * Milliseconds since 1970 of an ISO 8601 text, or of a number of seconds or milliseconds.
 * A text without a zone is taken as UTC, so that a record means the same on every machine.
 * Undefined where it is no time.
 */
export function parseTime(value: unknown): number | undefined {
  if (value instanceof Date) return inRange(value.getTime());
  if (typeof value === "number") {
    return inRange(Math.abs(value) < SECONDS_BELOW ? value * SECOND_MS : value);
  }
  if (typeof value !== "string") return undefined;
  const plain = parsePlainTime(value);
  if (plain !== undefined) return plain;
  const match = ISO.exec(value.trim());
  if (match === null) return undefined;
  const [, year, month, day, hour = "0", minute = "0", second = "0", fraction = "", zone] = match;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (
    date.getUTCMonth() !== Number(month) - 1 ||
    Number(hour) > 24 ||
    Number(minute) > 59 ||
    Number(second) > 60
  ) {
    return undefined;
  }
  const ms = Number(fraction.slice(0, 3).padEnd(3, "0"));
  date.setUTCHours(Number(hour), Number(minute), Number(second), ms);
  return inRange(date.getTime() - offsetMs(zone));
}

function inRange(ms: number): number | undefined {
  return Number.isFinite(ms) && ms >= MIN_MS && ms <= MAX_MS ? Math.trunc(ms) : undefined;
}

/** UTC ISO 8601 with milliseconds. */
export function formatTime(ms: number): string {
  return new Date(ms).toISOString();
}

export function formatOptionalTime(ms: number | null): string | null {
  return ms === null ? null : formatTime(ms);
}

/** For arguments that name a time, where a wrong one is the caller's mistake. Throws `invalid`. */
export function requireTime(value: unknown, name: string): number {
  const ms = parseTime(value);
  if (ms === undefined) {
    throw new WaybillError("invalid", `${name} is not a time: write it like 2026-01-31T09:30:00Z.`);
  }
  return ms;
}
