import type { Channel } from "rabbitmq-client";
import {
  type Outcome,
  type RabbitMqOptions,
  SinkFailure,
  type SinkListeners,
  type TextChange,
  type TextSink,
} from "../sink.ts";
import { Batch } from "./batch.ts";
import { BROKER_TIMES, BrokerConnection, type BrokerTimes } from "./broker-connection.ts";
import { PUBLISH_LIMITS, type PublishEnd, type PublishLimits, publish } from "./publishing.ts";
import { bindQueues, declareTopology, findQueues } from "./topology.ts";
import { within } from "./within.ts";

const BATCH = 4_000;
/** How often one delivery makes the channel and the queues anew before it is left to the relay. */
const REPAIRS = 3;
/** A binding that was taken away can't be seen, so the bindings are made anew now and then. */
const REBIND_MS = 5_000;

type Tuning = { times?: Partial<BrokerTimes>; limits?: Partial<PublishLimits> };

/** A connection to RabbitMQ that forwards changes, each confirmed by both queues. */
export function createRabbitMqSink(
  options: RabbitMqOptions,
  listeners: SinkListeners,
  tuning: Tuning = {},
): TextSink {
  return new RabbitMqSink(options, listeners, tuning);
}

class RabbitMqSink implements TextSink {
  readonly folds = false;
  readonly batch = BATCH;
  readonly #options: RabbitMqOptions;
  readonly #listeners: SinkListeners;
  readonly #times: BrokerTimes;
  readonly #limits: PublishLimits;
  #connection: BrokerConnection | null = null;
  #channel: Channel | null = null;
  /** For what is asked while the other has its hands full. */
  #aside: Channel | null = null;
  #isDelivering = false;
  #isBlocked = false;
  #boundAt = 0;
  /** Learnt from the broker when it refuses a message for its size. */
  #maxBytes = Number.POSITIVE_INFINITY;

  constructor(options: RabbitMqOptions, listeners: SinkListeners, { times, limits }: Tuning) {
    this.#options = options;
    this.#listeners = listeners;
    this.#times = { ...BROKER_TIMES, ...times };
    this.#limits = { ...PUBLISH_LIMITS, ...limits };
  }

  async open(signal: AbortSignal): Promise<void> {
    const connection = await BrokerConnection.open(this.#options, "waybill", signal, this.#times);
    this.#connection = connection;
    connection.onBlocked((reason) => {
      this.#isBlocked = reason !== null;
      this.#listeners.onBlocked(
        reason === null
          ? null
          : `RabbitMQ takes nothing for now: it is ${reason}. It goes on by itself once that is over.`,
      );
    });
    void connection.lost.then((failure) => {
      if (!this.#isDelivering) this.#listeners.onLost(failure);
    });
    await this.#prepare(connection, signal);
  }

  async deliver(changes: readonly TextChange[], signal: AbortSignal): Promise<Outcome> {
    const batch = new Batch(changes);
    this.#isDelivering = true;
    try {
      return { verdicts: batch.verdicts, failure: await this.#deliver(batch, signal) };
    } finally {
      this.#isDelivering = false;
    }
  }

  async close(): Promise<void> {
    await this.#connection?.close([this.#channel, this.#aside].filter((channel) => channel !== null));
  }

  /** Why the rest is unsettled; null where all is settled, or the signal ended it. */
  async #deliver(batch: Batch, signal: AbortSignal): Promise<SinkFailure | null> {
    const connection = this.#connection;
    if (connection === null) return new SinkFailure("retry", "The connection to RabbitMQ is not open.");
    for (let repairs = 0; ; repairs += 1) {
      const channel = this.#channel;
      if (channel === null) return connection.failure ?? this.#lostChannel();
      const end = await publish(batch, channel, {
        limits: this.#limits,
        maxBytes: this.#maxBytes,
        isBlocked: () => this.#isBlocked,
        onStalled: (isStalled) => this.#tellStalled(isStalled),
        check: (asked) => this.#check(asked),
        checkAside: async () => {
          if (this.#aside?.active !== true) this.#aside = await connection.channel();
          await this.#check(this.#aside);
        },
        together: (send) => connection.together(send),
        signal,
      });
      if (end.kind === "done" || end.kind === "aborted") return null;
      if (end.kind === "failed") return end.failure;
      const failure = await this.#repair(connection, batch, end, repairs < REPAIRS, signal);
      if (failure !== null) return failure;
    }
  }

  /** Makes good what ended the publishing, so that the batch can go on; the failure where it can't. */
  async #repair(
    connection: BrokerConnection,
    batch: Batch,
    end: Extract<PublishEnd, { kind: "returned" | "ended" }>,
    mayTry: boolean,
    signal: AbortSignal,
  ): Promise<SinkFailure | null> {
    if (end.kind === "ended") {
      // Where it is not ended but stuck; never rejects, and is over with the connection at the latest.
      void this.#channel?.close();
      this.#channel = null;
    }
    if (connection.failure !== null) return connection.failure;
    const error = end.kind === "ended" ? end.error : null;
    const limit = sizeLimitIn(error);
    if (limit !== null) this.#maxBytes = limit;
    else if (error !== null) {
      const failure = connection.explain(error);
      if (failure.kind === "stop" || !mayTry) return failure;
    }
    if (!mayTry) return this.#lostChannel();
    try {
      if (this.#channel === null) await this.#prepare(connection, signal);
      else await declareTopology(this.#channel, this.#options.queueType);
    } catch (failed) {
      return connection.explain(failed);
    }
    batch.giveBack();
    return null;
  }

  /** A channel that confirms, with everything there that it needs. Throws `SinkFailure`. */
  async #prepare(connection: BrokerConnection, signal: AbortSignal): Promise<void> {
    const make = async (): Promise<Channel> => {
      const channel = await connection.channel();
      await declareTopology(channel, this.#options.queueType);
      await channel.confirmSelect();
      return channel;
    };
    const ms = this.#times.connectMs;
    const message = `${this.#options.host} let Waybill in, but does not answer what it asks for.`;
    try {
      this.#channel = await within(make(), signal, { ms, message });
      this.#boundAt = Date.now();
    } catch (error) {
      throw connection.explain(error);
    }
  }

  async #check(channel: Channel): Promise<void> {
    await findQueues(channel);
    if (Date.now() - this.#boundAt < REBIND_MS) return;
    await bindQueues(channel);
    this.#boundAt = Date.now();
  }

  #tellStalled(isStalled: boolean): void {
    this.#listeners.onBlocked(
      isStalled
        ? "RabbitMQ is connected but confirms nothing: a queue may have lost the majority of its nodes, or its disk is slow."
        : null,
    );
  }

  #lostChannel(): SinkFailure {
    return new SinkFailure(
      "retry",
      "RabbitMQ closed the channel again and again; the connection is made anew.",
    );
  }
}

/** What the broker takes at most, in bytes, where it says so: "message size 300 is larger than configured max size 200". */
function sizeLimitIn(error: unknown): number | null {
  const text = error instanceof Error ? error.message : "";
  const limit = /message size \d+ (?:is )?larger than (?:configured )?max size (\d+)/.exec(text)?.[1];
  return limit === undefined ? null : Number(limit);
}
