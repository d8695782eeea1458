import { v7 as uuidv7 } from "uuid";
import type { Status } from "../../src-shared/status.ts";
import type { SentRecord } from "./claims.ts";
import type { Random } from "./seed.ts";

const CHANNELS = ["email", "whatsapp", "sms", "chat", "event"] as const;
const ERRORS = ["mailbox is full", "no route to host", "timed out after 30 s", "unknown recipient"] as const;
const DAY_MS = 86_400_000;
/** Older than any `prune` of a round keeps. */
const OLD_DAYS = 400;

/** The next steps that a message may take from each status, as a provider reports them. */
const STEPS: Partial<Record<Status, readonly Status[]>> = {
  pending: ["sending", "sent", "failed", "cancelled"],
  sending: ["sent", "failed"],
  sent: ["delivered", "read"],
  delivered: ["read"],
};

export type RecordShape = {
  /** The share of records that leave their uuid to the host. */
  withoutUuid: number;
  /** The share of records that are old enough to be pruned. */
  old: number;
  /** Typical length of the text in `message_data`; one in fifty is ten times as long. */
  bytes: number;
};

/** Makes the records of one stream, numbered in the order made. */
export class RecordMaker {
  readonly #stream: string;
  readonly #random: Random;
  readonly #shape: RecordShape;
  #made = 0;

  constructor(stream: string, random: Random, shape: RecordShape) {
    this.#stream = stream;
    this.#random = random;
    this.#shape = shape;
  }

  make(): SentRecord {
    const random = this.#random;
    const number = this.#made;
    this.#made += 1;
    const status: Status = random.chance(0.1)
      ? "failed"
      : random.pick(["pending", "pending", "sending", "sent"]);
    const long = random.chance(0.02) ? 10 : 1;
    const record: SentRecord = {
      external_id: `${this.#stream}#${number}`,
      status,
      channel: random.pick(CHANNELS),
      topic: this.#stream,
      destination_subject_ids: [`recipient-${random.int(0, 500)}@example.com`],
      content_preview: `message ${number} of ${this.#stream}`,
      message_data: {
        number,
        text: "torture ".repeat(Math.ceil((this.#shape.bytes * long * random.next()) / 8)),
      },
    };
    if (!random.chance(this.#shape.withoutUuid)) record.message_uuid = uuidv7();
    if (random.chance(0.5)) record.session_id = `${this.#stream}-session-${random.int(0, 4)}`;
    if (random.chance(0.3)) record.template_name = `template ${random.int(0, 3)}`;
    if (status === "failed") record.error_message = `${random.pick(ERRORS)} (${random.int(1, 9_999)})`;
    if (random.chance(this.#shape.old)) record.origin_ts = Date.now() - OLD_DAYS * DAY_MS;
    return record;
  }
}

/** A status that a message may come to next; undefined where it has come to its end. */
export function nextStatus(from: Status, random: Random): Status | undefined {
  const steps = STEPS[from];
  return steps === undefined ? undefined : random.pick(steps);
}

export function isOld(record: SentRecord): boolean {
  return record.origin_ts !== undefined;
}
