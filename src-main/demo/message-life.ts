import type { Status } from "../../src-shared/status.ts";
import { HOUR_MS, MINUTE_MS, SECOND_MS } from "../../src-shared/time.ts";
import type { Channel, Outage } from "./calendar.ts";
import type { Failure } from "./failures.ts";
import type { Random } from "./random.ts";

export type Step = { status: Status; ts: number; error_message?: string };

/** Median milliseconds and spread of each step, and how many take it at all. */
type Pace = {
  queue: [number, number];
  send: [number, number];
  deliver: [number, number];
  read: [number, number];
  deliveredShare: number;
  readShare: number;
};

const PACES: Readonly<Record<Channel, Pace>> = {
  email: {
    queue: [350, 0.7],
    send: [1_400, 0.9],
    deliver: [9 * SECOND_MS, 1.3],
    read: [2.4 * HOUR_MS, 1.5],
    deliveredShare: 0.945,
    readShare: 0.36,
  },
  whatsapp: {
    queue: [120, 0.6],
    send: [650, 0.7],
    deliver: [2_100, 1.1],
    read: [7 * MINUTE_MS, 1.6],
    deliveredShare: 0.97,
    readShare: 0.79,
  },
  // No phone tells that a text message was read.
  sms: {
    queue: [90, 0.6],
    send: [780, 0.7],
    deliver: [5_200, 1.2],
    read: [1, 0],
    deliveredShare: 0.958,
    readShare: 0,
  },
  chat: {
    queue: [12, 0.4],
    send: [85, 0.5],
    deliver: [160, 0.7],
    read: [11 * SECOND_MS, 1.2],
    deliveredShare: 0.995,
    readShare: 0.93,
  },
};

const RETRY_SHARE = 0.62;
const RETRY_DELAY: [number, number] = [6 * MINUTE_MS, 0.8];
/** After the outage the queue was worked off for hours. */
const BACKLOG_DELAY: [number, number] = [50 * MINUTE_MS, 0.6];

/** Every step that a message takes from its origin on, also those that are still to come. */
export function messageLife(
  random: Random,
  channel: Channel,
  origin: number,
  failure: Failure | null,
  outage: Outage,
): Step[] {
  const steps: Step[] = [{ status: "pending", ts: origin }];
  if (failure === null) return [...steps, ...success(random, channel, origin)];
  steps.push(...failing(random, channel, origin, failure));
  if (!failure.transient || !random.chance(RETRY_SHARE)) return steps;
  const failedAt = steps.at(-1)?.ts ?? origin;
  const isOutage = failedAt < outage.to && failedAt >= outage.from;
  const wait = isOutage
    ? outage.to - failedAt + random.logNormal(...BACKLOG_DELAY)
    : random.logNormal(...RETRY_DELAY);
  const retry = Math.floor(failedAt + wait);
  return [...steps, { status: "pending", ts: retry }, ...success(random, channel, retry)];
}

/** Stopped before it went out: the appointment was moved, the order taken back. */
export function cancelledLife(random: Random, origin: number): Step[] {
  return [
    { status: "pending", ts: origin },
    { status: "cancelled", ts: Math.floor(origin + random.logNormal(4 * MINUTE_MS, 0.8)) },
  ];
}

function success(random: Random, channel: Channel, from: number): Step[] {
  const pace = PACES[channel];
  const steps: Step[] = [];
  let ts = from;
  const next = (status: Status, wait: [number, number]): void => {
    ts += Math.ceil(random.logNormal(...wait));
    steps.push({ status, ts });
  };
  next("sending", pace.queue);
  next("sent", pace.send);
  if (!random.chance(pace.deliveredShare)) return steps;
  next("delivered", pace.deliver);
  if (random.chance(pace.readShare)) next("read", pace.read);
  return steps;
}

function failing(random: Random, channel: Channel, from: number, failure: Failure): Step[] {
  const pace = PACES[channel];
  const sending = from + Math.ceil(random.logNormal(...pace.queue));
  const sent = sending + Math.ceil(random.logNormal(...pace.send));
  const steps: Step[] = [{ status: "sending", ts: sending }];
  if (failure.stage === "sent") steps.push({ status: "sent", ts: sent });
  const failed = sent + Math.ceil(random.logNormal(...pace.deliver));
  steps.push({ status: "failed", ts: failed, error_message: failure.text });
  return steps;
}
