import type { MessageRecord } from "../../src-shared/record.ts";
import type { SessionFacts } from "../ledger/reader/outbox.ts";
import type { RecordText } from "../ledger/reader/record-text.ts";

/** What is to be sent of one message: the record as it is now. `positions` are those of the ledger's history that it settles. */
export type MessageChange = { positions: readonly number[]; record: MessageRecord };

/** The record as one change left it. */
export type TextChange = { positions: readonly number[]; record: RecordText };

export type SessionChange = { positions: readonly number[]; record: SessionFacts };

/**
 * What became of one change. `parked`: the sink will never take it as it is. `unsettled`: not known, or not tried:
 * it is sent again.
 */
export type Verdict = { kind: "delivered" } | { kind: "parked"; reason: string } | { kind: "unsettled" };

export const DELIVERED: Verdict = { kind: "delivered" };
export const UNSETTLED: Verdict = { kind: "unsettled" };

/**
 * Why a sink takes nothing now. `retry`: by itself, with a growing pause (or after `retryAfterMs`); `stop`: not
 * before the operator has done something. The message is a plain sentence, without secrets.
 */
export class SinkFailure extends Error {
  readonly kind: "retry" | "stop";
  readonly retryAfterMs: number | null;

  constructor(
    kind: "retry" | "stop",
    message: string,
    options: { retryAfterMs?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = "SinkFailure";
    this.kind = kind;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

/** A verdict for each change, in order; with a failure, those that it kept from being settled are `unsettled`. */
export type Outcome = { verdicts: readonly Verdict[]; failure: SinkFailure | null };

/** One connection to a sink. After a failure it is closed and a new one made. */
export type Sink = FoldingSink | TextSink;

type Connection = {
  /** How many changes `deliver` likes at once. */
  readonly batch: number;
  /** Connects, and makes or checks what is needed there. Throws `SinkFailure`. */
  open(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
};

/**
 * Settles when each change is confirmed, refused or given up. Two changes of one message are never on their
 * way together. Never throws for the sink's sake.
 */
type Deliver<C> = (changes: readonly C[], signal: AbortSignal) => Promise<Outcome>;

/** Only the newest state of a message matters to it, so that changes are folded. */
export type FoldingSink = Connection & {
  readonly folds: true;
  readonly deliver: Deliver<MessageChange>;
  readonly deliverSessions: Deliver<SessionChange>;
};

/** Every change matters to it. It takes no sessions. */
export type TextSink = Connection & {
  readonly folds: false;
  readonly deliver: Deliver<TextChange>;
};

/** What a connection tells unasked. */
export type SinkListeners = {
  /** The sink takes nothing for now though it is connected (RabbitMQ's memory or disk alarm); null when it does again. */
  onBlocked: (reason: string | null) => void;
  /** The connection ended between two deliveries. */
  onLost: (failure: SinkFailure) => void;
};

export type RabbitMqOptions = {
  host: string;
  port: number;
  vhost: string;
  user: string;
  password: string;
  /** Null for a plain connection; files are paths of PEM files. */
  tls: { caFile: string | null; certFile: string | null; keyFile: string | null } | null;
  queueType: "quorum" | "classic";
};

export type SupabaseOptions = {
  url: string;
  key: string;
  /** Path of a PEM file with the authority of a self-hosted project. */
  caFile: string | null;
  /** A table besides message_logs that the project is to write each chat turn into; null for none. */
  chatTable: "message_paritition" | null;
};
