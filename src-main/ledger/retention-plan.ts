import type { Status } from "../../src-shared/status.ts";
import { DAY_MS } from "../../src-shared/time.ts";

/** What goes: messages of a channel and a status, or of any, that are too old or past the newest so many. */
export type RetentionRule = {
  channel: string | null;
  status: Status | null;
  max_age_days: number | null;
  max_records: number | null;
};

export type RetentionPolicy = {
  rules: readonly RetentionRule[];
  /** The oldest messages go until the database is no larger. */
  max_size_mb: number | null;
  system_log_days: number | null;
  /** Messages are written to a CSV file first, and only those that are in it go. */
  export_before_delete: boolean;
  /** Also what a sink has not had yet; that is kept where it is left out. */
  delete_unsent?: boolean;
};

/** A place in the order of time: messages of the same moment are told apart by their position. */
export type Place = { ts: number; seq: number };

/** Messages that are to go, with the reason that the chain signs. Nothing accepted later is among them. */
export type Cut = {
  channel: string | null;
  status: Status | null;
  before: Place;
  /** The last position there was when the cut was planned. */
  until: number;
  reason: string;
  /** See `RetentionPolicy`. */
  delete_unsent?: boolean;
};

/** What a plan needs to know of the ledger. */
export type RetentionFacts = {
  now: number;
  lastSeq: number;
  /** The newest so many messages begin here; null where there are no more than that. */
  nthNewest: (rule: Pick<RetentionRule, "channel" | "status">, count: number) => Place | null;
};

export type SizeFacts = {
  lastSeq: number;
  messages: number;
  /** Without the pages that are free. */
  usedBytes: number;
  /** What comes after the oldest so many; null where there are no more than that. */
  afterOldest: (count: number) => Place | null;
};

export const MEGABYTE = 1_000_000;
/** Size is estimated from the average message, and deleting a little more spares the next night a run of its own. */
const SIZE_SLACK = 0.02;

/** Each cut by itself; they may overlap. Rules that say nothing cut nothing. */
export function planRules(
  rules: readonly RetentionRule[],
  { now, lastSeq, nthNewest }: RetentionFacts,
): Cut[] {
  const cuts: Cut[] = [];
  for (const { channel, status, max_age_days, max_records } of rules) {
    const add = (before: Place, why: string): void => {
      const what = [
        channel === null ? "" : ` channel ${channel}`,
        status === null ? "" : ` status ${status}`,
      ];
      cuts.push({ channel, status, before, until: lastSeq, reason: `Retention:${what.join("")} ${why}` });
    };
    if (max_age_days !== null) {
      const ts = now - max_age_days * DAY_MS;
      add({ ts, seq: 0 }, `before ${new Date(ts).toISOString()}`);
    }
    const newest = max_records === null ? null : nthNewest({ channel, status }, max_records);
    if (newest !== null) add(newest, `past the newest ${max_records}`);
  }
  return cuts;
}

/** The oldest messages, so many that the rest should fit; null where it fits already. */
export function planSize(
  maxSizeMb: number,
  { lastSeq, messages, usedBytes, afterOldest }: SizeFacts,
): Cut | null {
  const most = maxSizeMb * MEGABYTE;
  if (usedBytes <= most || messages === 0) return null;
  const share = Math.min(1, (usedBytes - most) / usedBytes + SIZE_SLACK);
  const before = afterOldest(Math.ceil(messages * share)) ?? { ts: Number.MAX_SAFE_INTEGER, seq: 0 };
  const reason = `Retention: oldest first, to fit into ${maxSizeMb} MB`;
  return { channel: null, status: null, before, until: lastSeq, reason };
}

/** The policy that keeps so many days of everything. */
export function keepDays(days: number): RetentionPolicy {
  return {
    rules: [{ channel: null, status: null, max_age_days: days, max_records: null }],
    max_size_mb: null,
    system_log_days: days,
    export_before_delete: false,
  };
}
