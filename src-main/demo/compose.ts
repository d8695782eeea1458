import { v7 as uuidv7 } from "uuid";
import type { MessageInput } from "../../src-shared/record.ts";
import type { Status } from "../../src-shared/status.ts";
import { formatTime } from "../../src-shared/time.ts";
import type { Channel } from "./calendar.ts";
import type { Step } from "./message-life.ts";
import type { Person } from "./people.ts";
import { BASE36, HEX, type Random } from "./random.ts";

/** A record to log, and the reports on it that follow. */
export type DemoMessage = {
  origin: number;
  record: MessageInput & { message_uuid: string };
  reports: Report[];
};
export type Report = { status: Status; ts: number; error_message?: string | undefined; external_id?: string };

export type Draft = {
  channel: Channel;
  session_id: string | null;
  user_id: string;
  from: string;
  to: readonly string[];
  topic: string;
  message_type: string;
  template_id: string | null;
  template_name: string | null;
  text: string;
  data: Readonly<Record<string, unknown>>;
  metadata: Readonly<Record<string, unknown>>;
};

/**
 * The record as it stands at `now`. With `withHistory` it is logged as pending and what happened
 * to it is reported step by step; else the record itself has its last status and its times.
 */
export function composeMessage(
  random: Random,
  draft: Draft,
  life: readonly Step[],
  now: number,
  withHistory: boolean,
): DemoMessage {
  const { text, from, to, data, metadata, ...fields } = draft;
  const origin = life[0]?.ts ?? now;
  const steps = life.filter((step) => step.ts <= now);
  const bytes = Uint8Array.from({ length: 16 }, () => random.integer(0, 255));
  const externalId = drawExternalId(random, draft.channel, origin);
  const record = {
    ...fields,
    message_uuid: uuidv7({ msecs: origin, random: bytes }),
    origin_ts: formatTime(origin),
    source_subject_id: from,
    destination_subject_ids: [...to],
    content_preview: text,
    message_data: { ...data },
    message_metadata: { ...metadata },
  };
  if (withHistory) {
    const reports = steps.slice(1).map(({ status, ts, error_message }) => ({
      status,
      ts,
      error_message,
      ...(status === "sent" ? { external_id: externalId } : {}),
    }));
    return { origin, record: { ...record, status: "pending" }, reports };
  }
  const at = (status: Status): string | null => {
    const step = steps.find((one) => one.status === status);
    return step === undefined ? null : formatTime(step.ts);
  };
  const last = steps.at(-1);
  return {
    origin,
    record: {
      ...record,
      status: last?.status ?? "pending",
      sent_ts: at("sent"),
      delivered_ts: at("delivered"),
      read_ts: at("read"),
      external_id: at("sent") === null ? null : externalId,
      error_message: last?.error_message ?? null,
    },
    reports: [],
  };
}

/** Where a message on this channel reaches a person. */
export function addressOf(person: Person, channel: Channel): string {
  if (channel === "email") return person.email;
  return channel === "chat" ? person.id : person.phone;
}

/** As the providers of the channel write their ids. */
function drawExternalId(random: Random, channel: Channel, origin: number): string {
  switch (channel) {
    case "email": {
      const day = formatTime(origin).slice(0, 10).replaceAll("-", "");
      return `<${day}.${random.text(HEX, 12)}@mta${random.integer(1, 3)}.quillmoor.example.com>`;
    }
    case "whatsapp":
      return `wamid.HBgM${random.text(`${BASE36}ABCDEFGHIJKLMNOPQRSTUVWXYZ`, 28)}`;
    case "sms":
      return `SM${random.text(HEX, 32)}`;
    case "chat":
      return `msg_${random.text(BASE36, 14)}`;
  }
}
