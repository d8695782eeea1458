import { latencyBin } from "../../src-shared/latency.ts";
import { recipientDomain } from "../../src-shared/recipient.ts";
import type { StoredMessage } from "../../src-shared/record.ts";
import { isSuccessful, isWaiting, STATUSES, type Status } from "../../src-shared/status.ts";
import { HOUR_MS } from "../../src-shared/time.ts";

/** Kept by hour, day and longer, but for `domain`, which is kept by day: there are many of them. */
export const DIMENSIONS = ["all", "channel", "template", "error", "domain"] as const;
export type Dimension = (typeof DIMENSIONS)[number];

export const STAGES = ["sent", "delivered"] as const;
export type Stage = (typeof STAGES)[number];

/** Messages by status, in the order of `STATUSES`. */
export type Counts = number[];

/** What the messages of one hour add to the statistics. */
type HourTally = Record<Dimension, Map<string, Counts>> & { latencies: Record<Stage, Map<number, number>> };

type SessionTally = {
  total: number;
  successful: number;
  failed: number;
  pending: number;
  cancelled: number;
  sendCount: number;
  sendMs: number;
  /** Failures by the id of their template. */
  errors: Map<number, number>;
};

/** What some messages add to the statistics, or take from them. Plain data, so that it can cross to a thread. */
export type Tally = { messages: number; hours: Map<number, HourTally>; sessions: Map<string, SessionTally> };

/** What of a message is counted. */
export type CountedMessage = Pick<
  StoredMessage,
  | "session_id"
  | "channel"
  | "status"
  | "origin_ts"
  | "sent_ts"
  | "delivered_ts"
  | "template_id"
  | "template_name"
  | "destination_subject_ids"
>;

const CODES = Object.fromEntries(STATUSES.map((status, code) => [status, code])) as Record<Status, number>;

export function emptyTally(): Tally {
  return { messages: 0, hours: new Map(), sessions: new Map() };
}

export function emptyCounts(): Counts {
  return STATUSES.map(() => 0);
}

/** Adds a message, or with -1 takes it away. */
export function count(
  tally: Tally,
  message: CountedMessage,
  errorTemplateId: number | null,
  sign: 1 | -1,
): void {
  tally.messages += sign;
  const hour = hourOf(tally, Math.floor(message.origin_ts / HOUR_MS));
  const code = CODES[message.status];
  bump(hour.all, "", code, sign);
  bump(hour.channel, message.channel, code, sign);
  const template = message.template_name ?? message.template_id;
  if (template !== null) bump(hour.template, template, code, sign);
  if (errorTemplateId !== null) bump(hour.error, String(errorTemplateId), code, sign);
  for (const domain of domainsOf(message.destination_subject_ids)) bump(hour.domain, domain, code, sign);
  const { sent, delivered } = hour.latencies;
  if (message.sent_ts !== null) addTo(sent, latencyBin(message.sent_ts - message.origin_ts), sign);
  if (message.delivered_ts !== null)
    addTo(delivered, latencyBin(message.delivered_ts - message.origin_ts), sign);
  if (message.session_id !== null) countSession(tally, message.session_id, message, errorTemplateId, sign);
}

/** Adds all of another tally. */
export function merge(into: Tally, from: Tally): void {
  into.messages += from.messages;
  for (const [hour, other] of from.hours) {
    const own = into.hours.get(hour);
    if (own === undefined) {
      into.hours.set(hour, other);
      continue;
    }
    for (const dimension of DIMENSIONS) mergeCounts(own[dimension], other[dimension]);
    for (const stage of STAGES) mergeNumbers(own.latencies[stage], other.latencies[stage]);
  }
  for (const [id, other] of from.sessions) {
    const own = into.sessions.get(id);
    if (own === undefined) {
      into.sessions.set(id, other);
      continue;
    }
    own.total += other.total;
    own.successful += other.successful;
    own.failed += other.failed;
    own.pending += other.pending;
    own.cancelled += other.cancelled;
    own.sendCount += other.sendCount;
    own.sendMs += other.sendMs;
    mergeNumbers(own.errors, other.errors);
  }
}

export function mergeCounts(into: Map<string, Counts>, from: ReadonlyMap<string, Counts>): void {
  for (const [key, counts] of from) {
    const own = into.get(key);
    if (own === undefined) into.set(key, [...counts]);
    else for (const [code, number] of counts.entries()) own[code] = (own[code] ?? 0) + number;
  }
}

export function mergeNumbers<K>(into: Map<K, number>, from: ReadonlyMap<K, number>): void {
  for (const [key, number] of from) addTo(into, key, number);
}

function hourOf(tally: Tally, hour: number): HourTally {
  let found = tally.hours.get(hour);
  if (found === undefined) {
    found = {
      all: new Map(),
      channel: new Map(),
      template: new Map(),
      error: new Map(),
      domain: new Map(),
      latencies: { sent: new Map(), delivered: new Map() },
    };
    tally.hours.set(hour, found);
  }
  return found;
}

function bump(counts: Map<string, Counts>, key: string, code: number, by: number): void {
  let found = counts.get(key);
  if (found === undefined) {
    found = emptyCounts();
    counts.set(key, found);
  }
  found[code] = (found[code] ?? 0) + by;
}

function addTo<K>(map: Map<K, number>, key: K, by: number): void {
  map.set(key, (map.get(key) ?? 0) + by);
}

/** Each domain once, however many of its people the message goes to. */
function domainsOf(recipients: string): Iterable<string> {
  if (!recipients.includes("@")) return [];
  const domains = new Set<string>();
  for (const recipient of JSON.parse(recipients) as string[]) {
    const domain = recipientDomain(recipient);
    if (domain !== null) domains.add(domain);
  }
  return domains;
}

type SessionCounter = "successful" | "failed" | "pending" | "cancelled";

function sessionCounter(status: Status): SessionCounter {
  if (isSuccessful(status)) return "successful";
  if (isWaiting(status)) return "pending";
  return status === "failed" ? "failed" : "cancelled";
}

function countSession(
  tally: Tally,
  id: string,
  message: CountedMessage,
  errorTemplateId: number | null,
  sign: 1 | -1,
): void {
  let session = tally.sessions.get(id);
  if (session === undefined) {
    session = {
      total: 0,
      successful: 0,
      failed: 0,
      pending: 0,
      cancelled: 0,
      sendCount: 0,
      sendMs: 0,
      errors: new Map(),
    };
    tally.sessions.set(id, session);
  }
  session.total += sign;
  session[sessionCounter(message.status)] += sign;
  if (message.sent_ts !== null) {
    session.sendCount += sign;
    session.sendMs += sign * (message.sent_ts - message.origin_ts);
  }
  if (errorTemplateId !== null) addTo(session.errors, errorTemplateId, sign);
}
