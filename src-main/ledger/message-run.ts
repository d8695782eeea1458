import type { StoredMessage } from "../../src-shared/record.ts";
import type { Status } from "../../src-shared/status.ts";
import type { Entry } from "./entries.ts";
import { ErrorTemplates, type SeenTemplate } from "./error-templates.ts";
import { count, emptyTally, type Tally } from "./tally.ts";

/** The columns of `message_logs` that a record brings, in the order in which rows are written and hashed. */
export const MESSAGE_COLUMNS = [
  "message_uuid",
  "session_id",
  "user_id",
  "channel",
  "status",
  "origin_ts",
  "sent_ts",
  "delivered_ts",
  "read_ts",
  "ack_ts",
  "source_subject_id",
  "destination_subject_ids",
  "topic",
  "message_type",
  "template_id",
  "template_name",
  "external_id",
  "error_message",
  "content_preview",
  "message_data",
  "message_metadata",
  "revision",
] as const satisfies readonly (keyof StoredMessage)[];

/** Those of a row that is to be written: besides the record, the template of its error and when it was accepted. */
export const ROW_COLUMNS = [...MESSAGE_COLUMNS, "error_template_id", "recorded_ts"] as const;

/**
 * Messages that follow each other, packed by the thread that took them: the writer inserts the text as it
 * is, in one statement, and adds the sums that were made beside it.
 */
export type MessageRun = {
  op: "run";
  count: number;
  /** A JSON array of the values in `ROW_COLUMNS` for each, parted by commas. */
  rows: string;
  tally: Tally;
  templates: SeenTemplate[];
  /** One message of each session, which may have to be begun by it. */
  firstOfSession: StoredMessage[];
};

type MessageEntry = Extract<Entry, { op: "message" }>;

/** More in one run would make the group that the proof chain is made of coarser. */
export const RUN_MESSAGES = 500;
/** While single records come in beside a flood they wait for one commit of so many at most. */
export const SHORT_RUN_MESSAGES = 100;
/** "While" is so long after the last of them. */
export const URGENT_RECENTLY_MS = 1_000;
/** Above it a run would hold up those behind it. */
const RUN_BYTES = 1024 * 1024;

/** One row as it is written and hashed. */
export function rowText(row: StoredMessage, errorTemplateId: number | null, recordedTs: number): string {
  return JSON.stringify([
    row.message_uuid,
    row.session_id,
    row.user_id,
    row.channel,
    row.status,
    row.origin_ts,
    row.sent_ts,
    row.delivered_ts,
    row.read_ts,
    row.ack_ts,
    row.source_subject_id,
    row.destination_subject_ids,
    row.topic,
    row.message_type,
    row.template_id,
    row.template_name,
    row.external_id,
    row.error_message,
    row.content_preview,
    row.message_data,
    row.message_metadata,
    row.revision,
    errorTemplateId,
    recordedTs,
  ]);
}

/** When a message came to the status it was logged with, as far as its own times tell. */
export function reachedAt(message: StoredMessage): number {
  const times: Partial<Record<Status, number | null>> = {
    sent: message.sent_ts,
    delivered: message.delivered_ts,
    read: message.read_ts,
  };
  return times[message.status] ?? message.origin_ts;
}

/** Writes the first event of the messages in a range of `seq`: the status that they were logged with, see `reachedAt`. */
export const FIRST_EVENTS = `INSERT INTO message_events (message_uuid, status, ts, recorded_ts, applied, external_id,
    error_message, message_seq)
  SELECT message_uuid, status, coalesce(
      CASE status WHEN 'sent' THEN sent_ts WHEN 'delivered' THEN delivered_ts WHEN 'read' THEN read_ts END, origin_ts),
    recorded_ts, 1, external_id, error_message, seq
  FROM message_logs AS m WHERE seq BETWEEN ? AND ?`;

/** Packs the messages among entries, at most so many in a run; what is between two runs stays between them. */
export function packEntries(entries: readonly Entry[], most = RUN_MESSAGES): (Entry | MessageRun)[] {
  const packed: (Entry | MessageRun)[] = [];
  let packer: RunPacker | null = null;
  for (const entry of entries) {
    if (entry.op === "message") {
      packer ??= new RunPacker(most);
      packer.add(entry);
      if (!packer.isFull) continue;
    }
    if (packer !== null) packed.push(packer.finish());
    packer = null;
    if (entry.op !== "message") packed.push(entry);
  }
  if (packer !== null) packed.push(packer.finish());
  return packed;
}

/** The entries that a run was made of. */
export function unpackRun(run: MessageRun): MessageEntry[] {
  const rows = JSON.parse(`[${run.rows}]`) as unknown[][];
  return rows.map((values) => {
    const message = Object.fromEntries(MESSAGE_COLUMNS.map((column, index) => [column, values[index]]));
    return { op: "message", at: Number(values.at(-1)), message: message as StoredMessage };
  });
}

class RunPacker {
  readonly #most: number;
  readonly #tally = emptyTally();
  readonly #templates = new ErrorTemplates();
  readonly #firstOfSession: StoredMessage[] = [];
  #rows = "";
  #count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get isFull(): boolean {
    return this.#count >= this.#most || this.#rows.length >= RUN_BYTES;
  }

  add({ message, at }: MessageEntry): void {
    const { error_message: error, session_id: session } = message;
    const templateId = error === null ? null : this.#templates.idOf(error, reachedAt(message));
    if (session !== null && !this.#tally.sessions.has(session)) this.#firstOfSession.push(message);
    const text = rowText(message, templateId, at);
    this.#rows = this.#count === 0 ? text : `${this.#rows},${text}`;
    this.#count += 1;
    count(this.#tally, message, templateId, 1);
  }

  finish(): MessageRun {
    return {
      op: "run",
      count: this.#count,
      rows: this.#rows,
      tally: this.#tally,
      templates: this.#templates.all(),
      firstOfSession: this.#firstOfSession,
    };
  }
}
