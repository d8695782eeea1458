import { useEffect, useState } from "react";
import {
  formatDate,
  formatDateTime,
  formatRelative,
  formatShortDateTime,
  formatShortDateTimeSeconds,
  formatTimeOfDay,
  formatUtc,
} from "./format.ts";

const FORMATS = {
  full: formatDateTime,
  short: formatShortDateTime,
  time: formatTimeOfDay,
  date: formatDate,
} as const;

const TICK_MS = 15_000;

export type TimestampProps = {
  ts: string;
  format?: keyof typeof FORMATS | undefined;
  /** To the second; only `short` leaves them out otherwise. */
  seconds?: boolean | undefined;
};

/** Local time; UTC to the millisecond on hover. */
export function Timestamp({ ts, format = "full", seconds = false }: TimestampProps) {
  const write = seconds && format === "short" ? formatShortDateTimeSeconds : FORMATS[format];
  return (
    <time className="tabular" dateTime={ts} title={formatUtc(ts)}>
      {write(ts)}
    </time>
  );
}

/** "3 minutes ago", kept true; the full time on hover. */
export function RelativeTime({ ts }: { ts: string }) {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={ts} title={`${formatDateTime(ts)} (${formatUtc(ts)})`}>
      {formatRelative(ts, Math.max(now, Date.now()))}
    </time>
  );
}
