import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { DAY_MS, HOUR_MS } from "../../src-shared/time.ts";
import { fileNameTime } from "./writer/database-files.ts";

/** How many of the last hours, days and weeks that have a backup keep their newest. */
export type KeptBackups = { keep_hourly: number; keep_daily: number; keep_weekly: number };
export type StampedBackup = { name: string; ts: number };

const STAMP = /^(\d{4}-\d\d-\d\dT\d\d)-(\d\d)-(\d\d)-(\d{3}Z)\.db$/;
/** 1970 began on a Thursday; weeks begin on Mondays. */
const MONDAY_MS = 3 * DAY_MS;

/**
 * The names of the backups that are not kept, all of one schedule. The newest is always kept, and so is one that
 * seems to be of the future: the clock may have been wrong.
 */
export function backupsToDelete(
  backups: readonly StampedBackup[],
  { keep_hourly, keep_daily, keep_weekly }: KeptBackups,
  now: number,
): string[] {
  const newestFirst = backups.toSorted((a, b) => b.ts - a.ts);
  const kept = new Set(
    newestFirst.filter(({ ts }, index) => index === 0 || ts > now).map(({ name }) => name),
  );
  const keepNewestOf = (most: number, slot: (ts: number) => number): void => {
    const slots = new Set<number>();
    for (const { name, ts } of newestFirst) {
      if (slots.has(slot(ts))) continue;
      if (slots.size >= most) break;
      slots.add(slot(ts));
      kept.add(name);
    }
  };
  keepNewestOf(keep_hourly, (ts) => Math.floor(ts / HOUR_MS));
  keepNewestOf(keep_daily, (ts) => Math.floor(ts / DAY_MS));
  keepNewestOf(keep_weekly, (ts) => Math.floor((ts + MONDAY_MS) / (7 * DAY_MS)));
  return newestFirst.filter(({ name }) => !kept.has(name)).map(({ name }) => name);
}

/** Several ledgers may keep their backups in one folder: each knows its own by its data folder. */
function prefix(dataDir: string): string {
  return `scheduled-${createHash("sha256").update(resolve(dataDir)).digest("hex").slice(0, 8)}-`;
}

export function scheduledName(dataDir: string, now: number): string {
  return `${prefix(dataDir)}${fileNameTime(now)}.db`;
}

/** Those of a folder's files that this ledger's schedule made; no other file is ever deleted. */
export function scheduledBackups(dataDir: string, names: readonly string[]): StampedBackup[] {
  const own = prefix(dataDir);
  return names.flatMap((name) => {
    const match = name.startsWith(own) ? STAMP.exec(name.slice(own.length)) : null;
    const ts = match === null ? Number.NaN : Date.parse(`${match[1]}:${match[2]}:${match[3]}.${match[4]}`);
    return Number.isNaN(ts) ? [] : [{ name, ts }];
  });
}
