import { createRandom, HEX, type Random } from "../../../src-main/demo/random.ts";
import type { MessageInput } from "../../../src-shared/record.ts";
import type { Status } from "../../../src-shared/status.ts";
import { DAY_MS, formatTime } from "../../../src-shared/time.ts";
import { CHANNELS, type Channel, DOMAINS, ERRORS, NAMES, TEMPLATES, type Template } from "./texts.ts";

/** The same shape gives the same records on every machine: only `untilMs`, when the last was sent, is of the day. */
export type Shape = { seed: number; records: number; untilMs: number };

export const DAYS = 60;
const SESSION_RECORDS = 2_500;
/** Sessions run beside each other. */
const SESSIONS_AT_ONCE = 3;
const RECIPIENTS = 200_000;
/** Records whose status is reported later, one by one. */
const LATER_SHARE = 0.04;
const FAILED_SHARE = 0.05;

export type BenchRecord = Omit<MessageInput, "message_uuid" | "origin_ts"> & {
  message_uuid: string;
  origin_ts: string;
};
type LifeFields = Pick<
  MessageInput,
  "status" | "sent_ts" | "delivered_ts" | "read_ts" | "external_id" | "error_message"
>;
export type LaterStatus = { status: Status; ts: string; error_message?: string };
export type Made = { record: BenchRecord; later: LaterStatus | null };

/** The record at a place, in the order of time; the same one whatever was made before it. */
export function makeRecord(shape: Shape, index: number): Made {
  const random = createRandom(Math.imul(shape.seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
  const spread = (DAYS * DAY_MS) / shape.records;
  const originMs = Math.floor(
    shape.untilMs - DAYS * DAY_MS + index * spread + random.next() * Math.min(spread, 2_000),
  );
  const channel = random.weighted(CHANNELS);
  const template = random.chance(0.92) ? random.weighted(TEMPLATES) : null;
  const person = Math.floor(RECIPIENTS * random.next() ** 1.5);
  const order = 100_000 + random.integer(0, 899_999);
  const life = makeLife(random, originMs, channel);
  const record: BenchRecord = {
    message_uuid: uuidOf(originMs, index, random),
    user_id: random.chance(0.8) ? "shop" : `operator-${random.integer(1, 9)}`,
    channel,
    origin_ts: formatTime(originMs),
    source_subject_id: channel === "email" ? `${template?.topic ?? "info"}@shop.example` : "+4930123456",
    destination_subject_ids: [recipientOf(person, channel)],
    content_preview: fill(template?.text ?? "Answer to {name} about {order}: done, see ticket {tracking}.", {
      name: nameOf(person),
      order: String(order),
      small: String(random.integer(2, 28)),
      hour: String(random.integer(8, 17)),
      code: random.text("0123456789", 6),
      amount: (random.integer(500, 90_000) / 100).toFixed(2),
      tracking: `JD${random.text("0123456789", 12)}`,
    }),
    message_data: { order, currency: random.chance(0.9) ? "EUR" : "CHF", items: random.integer(1, 9) },
    ...life.fields,
  };
  if (random.chance(0.9)) {
    const group = Math.floor(index / (SESSION_RECORDS * SESSIONS_AT_ONCE));
    record.session_id = sessionOf(group * SESSIONS_AT_ONCE + random.integer(0, SESSIONS_AT_ONCE - 1));
  }
  if (template !== null) describe(record, template);
  if (random.chance(0.3)) record.message_metadata = { host: `web-${random.integer(1, 12)}` };
  return { record, later: life.later };
}

export function sessionOf(number: number): string {
  return `campaign-${String(number).padStart(5, "0")}`;
}

/** How many sessions the records of a shape have, at least one. */
export function sessionsIn({ records }: Shape): number {
  return Math.max(1, Math.floor(records / SESSION_RECORDS));
}

function describe(record: BenchRecord, template: Template): void {
  record.template_id = template.id;
  record.template_name = template.name;
  record.topic = template.topic;
  record.message_type = template.type;
}

function makeLife(
  random: Random,
  originMs: number,
  channel: Channel,
): { fields: LifeFields; later: LaterStatus | null } {
  const sentMs = originMs + Math.round(random.logNormal(400, 0.8));
  const deliveredMs = sentMs + Math.round(random.logNormal(channel === "email" ? 4_000 : 1_500, 1));
  const sent = { sent_ts: formatTime(sentMs), external_id: `SM${random.text(HEX, 24)}` };
  const delivered = { ...sent, delivered_ts: formatTime(deliveredMs) };
  if (random.chance(FAILED_SHARE)) {
    return { fields: { status: "failed", error_message: errorText(random) }, later: null };
  }
  if (random.chance(LATER_SHARE)) {
    const later: LaterStatus = random.chance(0.9)
      ? { status: "delivered", ts: formatTime(deliveredMs) }
      : { status: "failed", ts: formatTime(deliveredMs), error_message: errorText(random) };
    return { fields: { status: "sent", ...sent }, later };
  }
  const status = random.weighted<Status>([
    { weight: 22, value: "sent" },
    { weight: 45, value: "delivered" },
    { weight: 28, value: "read" },
    { weight: 3, value: "pending" },
    { weight: 2, value: "cancelled" },
  ]);
  switch (status) {
    case "sent":
      return { fields: { status, ...sent }, later: null };
    case "delivered":
      return { fields: { status, ...delivered }, later: null };
    case "read": {
      const read_ts = formatTime(deliveredMs + Math.round(random.logNormal(600_000, 1.2)));
      return { fields: { status, ...delivered, read_ts }, later: null };
    }
    default:
      return { fields: { status }, later: null };
  }
}

function errorText(random: Random): string {
  return fill(random.pick(ERRORS), {
    n: String(random.integer(1, 250)),
    m: String(random.integer(1, 250)),
    ms: String(random.integer(1_000, 60_000)),
    kb: String(random.integer(10, 9_000)),
    score: (random.integer(50, 150) / 10).toFixed(1),
    hex: random.text(HEX, 12),
    digits: random.text("0123456789", 7),
  });
}

function fill(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}

function nameOf(person: number): string {
  return NAMES[person % NAMES.length] ?? "";
}

function recipientOf(person: number, channel: Channel): string {
  if (channel !== "email" && channel !== "chat")
    return `+4915${String(10_000_000 + person).padStart(9, "0")}`;
  const name = nameOf(person)
    .normalize("NFKD")
    .replace(/[^a-z]/gi, "")
    .toLowerCase();
  return `${name}.${person}@${DOMAINS[Math.floor(DOMAINS.length * ((person * 7_919) % 1_000) ** 2 * 1e-6)]}`;
}

/** A UUIDv7 of the record's time; the place in it keeps it the only one. */
function uuidOf(originMs: number, index: number, random: Random): string {
  const time = originMs.toString(16).padStart(12, "0");
  const place = index.toString(16).padStart(8, "0");
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.text(HEX, 3)}-8${random.text(HEX, 3)}-${random.text(HEX, 4)}${place}`;
}
