import type { Channel, ReturnedMessage } from "rabbitmq-client";
import { SinkFailure } from "../sink.ts";
import type { Batch } from "./batch.ts";
import { envelopeOf, messageIdOf } from "./envelope.ts";
import { codeOf } from "./failures.ts";

export type PublishLimits = {
  /** How many may be on their way at once. */
  window: number;
  /** How many bytes of bodies may be; one larger than that goes alone. */
  windowBytes: number;
  /** After so long without a confirm this is told as a block. */
  stallMs: number;
  /** After so long the connection is given up. */
  giveUpMs: number;
  /** How long confirms are waited for once the work is to end. */
  graceMs: number;
};

export const PUBLISH_LIMITS: PublishLimits = {
  window: 1_000,
  windowBytes: 16 * 1024 * 1024,
  stallMs: 15_000,
  giveUpMs: 45_000,
  graceMs: 500,
};

/** Bodies that are written as one piece: with their frames less than a socket buffers before it lets its writers wait. */
const TOGETHER_BYTES = 32 * 1024;
const WATCH_MS = 1_000;
/** After so many confirms it is asked whether both queues are there; so many more are sent again where one is not. */
const CHECK_EVERY = 500;
/** After so long without a confirm it is asked whether the queues are still there. */
const ASK_MS = 1_500;
/** After so long without an answer to that, and without a confirm, the connection is given up. */
const ANSWER_MS = 5_000;
const REFUSED = "The broker refused records, as when a queue is full or has lost the majority of its nodes.";
const UNROUTABLE = "No queue takes it, though Waybill has just bound both of its own to everything.";

/** How it went on one channel. `returned`: no queue took some. `ended`: the channel is gone, or stuck. */
export type PublishEnd =
  | { kind: "done" }
  | { kind: "aborted" }
  | { kind: "returned" }
  | { kind: "ended"; error: unknown }
  | { kind: "failed"; failure: SinkFailure };

type Surroundings = {
  limits: PublishLimits;
  /** A body that is larger is parked. */
  maxBytes: number;
  isBlocked: () => boolean;
  onStalled: (isStalled: boolean) => void;
  /**
   * Whether both queues are still there: where one was deleted, the broker goes on confirming what the other takes.
   * Asked on the same channel behind all that was sent.
   */
  check: (channel: Channel) => Promise<void>;
  /** The same on another channel, so that this one does not stand still for it. */
  checkAside: () => Promise<void>;
  /** What is sent meanwhile is written as one piece. */
  together: <T>(send: () => T) => T;
  signal: AbortSignal;
};

/** Publishes what is left of a batch on a channel that confirms, as much at once as the limits allow. Never rejects. */
export function publish(batch: Batch, channel: Channel, surroundings: Surroundings): Promise<PublishEnd> {
  return new Promise((resolve) => {
    new Publishing(batch, channel, surroundings, resolve).start();
  });
}

type Confirmed = { index: number; order: number };

class Publishing {
  readonly #batch: Batch;
  readonly #channel: Channel;
  readonly #with: Surroundings;
  readonly #resolve: (end: PublishEnd) => void;
  /** Of each that was sent: how many were before it, itself among them, and the size of its body. */
  readonly #orders: Int32Array;
  readonly #sizes: Int32Array;
  readonly #returned = new Set<number>();
  /** Confirmed before a check told that the queues were there. */
  #unchecked: Confirmed[] = [];
  #bytes = 0;
  #answered: { index: number; isAck: boolean }[] = [];
  #hasReturned = false;
  #hasRefused = false;
  /** How many were sent, how many of them before the last check, and before the last that passed. */
  #last = 0;
  #asked = 0;
  #checked = 0;
  #isAsking = false;
  #askedAsideAt: number | null = null;
  #isHalted = false;
  #isStalled = false;
  #isOver = false;
  #error: unknown = null;
  #lastAnswer = Date.now();
  #watch: NodeJS.Timeout | undefined;
  #grace: NodeJS.Timeout | undefined;

  constructor(
    batch: Batch,
    channel: Channel,
    surroundings: Surroundings,
    resolve: (end: PublishEnd) => void,
  ) {
    this.#batch = batch;
    this.#orders = new Int32Array(batch.changes.length);
    this.#sizes = new Int32Array(batch.changes.length);
    this.#channel = channel;
    this.#with = surroundings;
    this.#resolve = resolve;
  }

  start(): void {
    this.#channel.on("basic.return", this.#onReturn);
    this.#channel.on("error", this.#onError);
    this.#channel.on("close", this.#onClose);
    this.#with.signal.addEventListener("abort", this.#onAbort, { once: true });
    this.#watch = setInterval(() => this.#look(), WATCH_MS);
    if (this.#with.signal.aborted) this.#onAbort();
    else if (this.#channel.active) this.#pump();
    else this.#onClose();
  }

  #pump(): void {
    while (this.#with.together(() => this.#sendSome()));
    const isAllSent = this.#isHalted || this.#batch.unsent === 0;
    if (isAllSent && this.#last > this.#asked) this.#ask();
    if (this.#batch.flying > 0 || !isAllSent || this.#checked < this.#last) return;
    if (this.#hasRefused) {
      const failure = new SinkFailure("retry", REFUSED);
      this.#end({ kind: "failed", failure });
    } else if (this.#with.signal.aborted) this.#end({ kind: "aborted" });
    else this.#end({ kind: this.#hasReturned ? "returned" : "done" });
  }

  /** Whether more may go at once. */
  #sendSome(): boolean {
    const { limits } = this.#with;
    const most = this.#bytes + TOGETHER_BYTES;
    while (!this.#isHalted && this.#batch.flying < limits.window && this.#bytes < limits.windowBytes) {
      if (this.#bytes >= most) return true;
      const index = this.#batch.next();
      if (index === null) return false;
      this.#send(index);
    }
    return false;
  }

  #send(index: number): void {
    const record = this.#batch.changes[index]?.record;
    if (record === undefined) return;
    const envelope = envelopeOf(record, Date.now());
    if (typeof envelope === "string") {
      this.#batch.park(index, envelope);
      return;
    }
    const body = Buffer.from(record.json);
    if (body.length > this.#with.maxBytes) {
      const most = this.#with.maxBytes;
      const reason = `It is ${body.length} bytes, and the broker takes at most ${most} (max_message_size).`;
      this.#batch.park(index, reason);
      return;
    }
    this.#bytes += body.length;
    this.#last += 1;
    this.#orders[index] = this.#last;
    this.#sizes[index] = body.length;
    this.#channel.basicPublish(envelope, body).then(
      () => this.#answer(index, true),
      (error: unknown) => {
        if (codeOf(error) === "NACK") this.#answer(index, false);
        else this.#onError(error);
      },
    );
  }

  /**
   * The library tells of a return by setImmediate, and of the confirm that follows it at once. So what is confirmed
   * is settled two turns later: by then a return that came before it is known.
   */
  #answer(index: number, isAck: boolean): void {
    this.#answered.push({ index, isAck });
    if (this.#answered.length > 1) return;
    setImmediate(() => {
      const answered = this.#answered;
      this.#answered = [];
      setImmediate(() => this.#settle(answered));
    });
  }

  #settle(answered: readonly { index: number; isAck: boolean }[]): void {
    if (this.#isOver) return;
    this.#lastAnswer = Date.now();
    if (this.#isStalled) this.#stall(false);
    for (const { index, isAck } of answered) {
      const order = this.#orders[index] ?? 0;
      this.#bytes -= this.#sizes[index] ?? 0;
      if (this.#returned.delete(index)) this.#settleReturned(index);
      else if (isAck) {
        this.#batch.confirm(index);
        if (order <= this.#checked) this.#batch.deliver(index);
        else this.#unchecked.push({ index, order });
      } else {
        this.#batch.refuse(index);
        this.#hasRefused = true;
        this.#isHalted = true;
      }
    }
    if (this.#unchecked.length >= CHECK_EVERY) this.#askAside();
    this.#pump();
  }

  #settleReturned(index: number): void {
    if (!this.#batch.mayRetryReturned(index)) {
      this.#batch.park(index, UNROUTABLE);
      return;
    }
    this.#batch.refuse(index);
    this.#hasReturned = true;
    this.#isHalted = true;
  }

  #ask(): void {
    if (this.#isAsking || this.#isOver) return;
    this.#isAsking = true;
    this.#asked = this.#last;
    this.#with.check(this.#channel).then(() => {
      this.#isAsking = false;
      this.#checked = this.#asked;
      this.#deliver(this.#unchecked.filter(({ order }) => order <= this.#checked));
      this.#pump();
    }, this.#onError);
  }

  /**
   * What was confirmed before went to the queues that are there now. A quorum queue that is deleted with records on
   * their way may leave the channel without confirms for good, and through flow control the whole connection without
   * answers, which no heartbeat finds.
   */
  #askAside(): void {
    if (this.#askedAsideAt !== null || this.#isOver) return;
    const confirmed = [...this.#unchecked];
    this.#askedAsideAt = Date.now();
    this.#with.checkAside().then(
      () => {
        this.#askedAsideAt = null;
        this.#deliver(confirmed);
      },
      (error: unknown) => {
        this.#askedAsideAt = null;
        if (codeOf(error) === "NOT_FOUND") this.#end({ kind: "ended", error });
      },
    );
  }

  #deliver(checked: readonly Confirmed[]): void {
    if (this.#isOver) return;
    const done = new Set(checked);
    for (const { index } of done) this.#batch.deliver(index);
    this.#unchecked = this.#unchecked.filter((confirmed) => !done.has(confirmed));
  }

  #look(): void {
    if (this.#with.isBlocked()) {
      this.#lastAnswer = Date.now();
      return;
    }
    const now = Date.now();
    const silent = now - this.#lastAnswer;
    const askedAt = this.#askedAsideAt;
    const unanswered = askedAt === null ? 0 : now - Math.max(askedAt, this.#lastAnswer);
    const { stallMs, giveUpMs } = this.#with.limits;
    if (unanswered > ANSWER_MS) this.#fail("The broker has stopped answering on this connection.");
    else if (silent > giveUpMs) this.#fail("The broker is connected but has confirmed nothing for too long.");
    else if (silent > stallMs && !this.#isStalled) this.#stall(true);
    if (silent > ASK_MS) this.#askAside();
  }

  #fail(message: string): void {
    const failure = new SinkFailure("retry", `${message} The connection is made anew.`);
    this.#end({ kind: "failed", failure });
  }

  #stall(isStalled: boolean): void {
    this.#isStalled = isStalled;
    this.#with.onStalled(isStalled);
  }

  readonly #onReturn = (message: ReturnedMessage): void => {
    const index = this.#batch.findFlying(({ record }) => messageIdOf(record) === message.messageId);
    if (index !== null) this.#returned.add(index);
  };

  /** The first that tells why; the others only that the channel is gone. */
  readonly #onError = (error: unknown): void => {
    const code = codeOf(error);
    if (this.#error === null && code !== "CH_CLOSE" && !code.startsWith("ERR_STREAM")) this.#error = error;
  };

  /** Two turns later, so that what was confirmed before is settled, and the reason known. */
  readonly #onClose = (): void => {
    this.#isHalted = true;
    setImmediate(() => setImmediate(() => this.#end({ kind: "ended", error: this.#error })));
  };

  readonly #onAbort = (): void => {
    this.#isHalted = true;
    const { limits, isBlocked } = this.#with;
    this.#grace = setTimeout(() => this.#end({ kind: "aborted" }), isBlocked() ? 0 : limits.graceMs);
    this.#pump();
  };

  #end(end: PublishEnd): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#isHalted = true;
    clearInterval(this.#watch);
    clearTimeout(this.#grace);
    this.#channel.off("basic.return", this.#onReturn);
    this.#channel.off("error", this.#onError);
    this.#channel.off("close", this.#onClose);
    this.#with.signal.removeEventListener("abort", this.#onAbort);
    if (this.#isStalled) this.#stall(false);
    this.#resolve(end);
  }
}
