import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src-shared/time.ts";
import type { Random } from "./random.ts";

export const DEMO_DAYS = 60;
export const CHANNELS = ["email", "whatsapp", "sms", "chat"] as const;
export type Channel = (typeof CHANNELS)[number];

/** Traffic by hour of the day in UTC, as customers in Western Europe make it. */
const HOURS: Readonly<Record<Channel, readonly number[]>> = {
  email: [2, 1, 1, 1, 2, 4, 9, 18, 27, 30, 28, 23, 19, 21, 23, 22, 20, 19, 22, 25, 21, 14, 8, 4],
  whatsapp: [1, 0, 0, 0, 1, 2, 7, 15, 22, 25, 24, 22, 20, 21, 22, 23, 25, 28, 30, 27, 19, 10, 5, 2],
  sms: [2, 1, 1, 1, 2, 6, 17, 26, 24, 20, 18, 21, 23, 18, 16, 17, 21, 26, 27, 24, 18, 12, 7, 4],
  chat: [3, 1, 1, 1, 1, 2, 5, 10, 17, 23, 25, 22, 19, 18, 19, 20, 21, 23, 27, 31, 30, 23, 14, 7],
};

/** Monday first. */
const WEEKDAYS: Readonly<Record<Channel, readonly number[]>> = {
  email: [1.12, 1.1, 1.05, 1.04, 0.98, 0.55, 0.48],
  whatsapp: [1.08, 1.03, 1.02, 1.05, 1.1, 0.78, 0.52],
  sms: [1.04, 1, 1, 1.03, 1.14, 0.88, 0.66],
  chat: [1.15, 1.05, 1, 0.98, 0.95, 0.82, 0.9],
};

/** The company grows a little over the period. */
const GROWTH = 0.3;
const SLOT_MS = HOUR_MS / 4;

export function startOfDay(ms: number): number {
  return Math.floor(ms / DAY_MS) * DAY_MS;
}

/** 0 is Monday. */
export function weekday(ms: number): number {
  return (Math.floor(ms / DAY_MS) + 3) % 7;
}

/** Draws times of the last 60 days, by the weight of the quarter of an hour they lie in. Not sorted. */
export function createTraffic(channel: Channel, now: number): (random: Random) => number {
  const first = now - DEMO_DAYS * DAY_MS;
  const slots: { start: number; upTo: number }[] = [];
  let total = 0;
  for (let start = first; start < now; start += SLOT_MS) {
    const hour = HOURS[channel][Math.floor(start / HOUR_MS) % 24] ?? 0;
    const day = WEEKDAYS[channel][weekday(start)] ?? 1;
    total += hour * day * (1 + (GROWTH * (start - first)) / (now - first));
    slots.push({ start, upTo: total });
  }
  return (random) => {
    const wanted = random.next() * total;
    let low = 0;
    let high = slots.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((slots[middle]?.upTo ?? 0) > wanted) high = middle;
      else low = middle + 1;
    }
    return Math.min(now, Math.floor((slots[low]?.start ?? first) + random.next() * SLOT_MS));
  };
}

/** The last day at least so many days ago that is no weekend. */
export function workdayBefore(now: number, daysAgo: number): number {
  let day = startOfDay(now) - daysAgo * DAY_MS;
  while (weekday(day) > 4) day -= DAY_MS;
  return day;
}

export type Outage = { from: number; to: number };

const OUTAGE_DAYS_AGO = 16;

/** One morning on which the way out of the data centre was down. */
export function outageBefore(now: number): Outage {
  const day = workdayBefore(now, OUTAGE_DAYS_AGO);
  return { from: day + 8 * HOUR_MS + 41 * MINUTE_MS, to: day + 12 * HOUR_MS + 26 * MINUTE_MS };
}
