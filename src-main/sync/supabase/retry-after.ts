import { HOUR_MS, SECOND_MS } from "../../../src-shared/time.ts";

/** Milliseconds from now, of a header with seconds or a date; null without one. At most an hour. */
export function parseRetryAfter(header: string | null, now: number): number | null {
  if (header === null) return null;
  const text = header.trim();
  const ms = /^\d+(\.\d+)?$/.test(text) ? Number(text) * SECOND_MS : Date.parse(text) - now;
  return Number.isNaN(ms) ? null : Math.min(Math.max(Math.round(ms), 0), HOUR_MS);
}
