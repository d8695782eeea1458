import type { AsyncMessage, Channel } from "rabbitmq-client";
import { BrokerConnection } from "../sync/rabbitmq/broker-connection.ts";
import { codeOf } from "../sync/rabbitmq/failures.ts";
import { declareTopology, QUEUES } from "../sync/rabbitmq/topology.ts";
import { within } from "../sync/rabbitmq/within.ts";
import { type RabbitMqOptions, SinkFailure } from "../sync/sink.ts";
import type { Delivery } from "./delivery.ts";
import { keepBodiesRaw, takeApart } from "./raw-bodies.ts";

const READY_MS = 15_000;

export type QueueSessionOptions = {
  broker: RabbitMqOptions;
  queues: readonly string[];
  /** How many messages of each queue may be out at once. */
  prefetch: number;
};

/**
 * One time of being connected to the broker and served by its queues. What came by it and is not acknowledged when it
 * ends is given to another consumer, or comes again.
 */
export class QueueSession {
  /** Resolves when it is over, with the reason unless it was ended from here. */
  readonly ended: Promise<SinkFailure | null>;
  readonly #connection: BrokerConnection;
  readonly #channel: Channel;
  #end: (failure: SinkFailure | null) => void = () => {};
  /** What waits to be settled of the batches so far. */
  readonly #left = new Set<Delivery>();
  #isOver = false;
  #channelError: unknown = null;

  private constructor(connection: BrokerConnection, channel: Channel) {
    this.#connection = connection;
    this.#channel = channel;
    this.ended = new Promise((resolve) => {
      this.#end = (failure) => {
        this.#isOver = true;
        resolve(failure);
      };
    });
    void connection.lost.then((failure) => this.#end(failure));
    channel.on("error", (error: unknown) => {
      this.#channelError ??= error;
    });
    channel.on("close", () => setImmediate(() => this.#end(this.#whyClosed())));
    channel.on("basic.cancel", () =>
      this.#end(new SinkFailure("retry", "A queue was deleted at the broker, or its node went away.")),
    );
  }

  /** Connects, makes the queues that are missing, and lets the messages come. Throws `SinkFailure`. */
  static async open(
    { broker, queues, prefetch }: QueueSessionOptions,
    onDelivery: (delivery: Delivery) => void,
    signal: AbortSignal,
  ): Promise<QueueSession> {
    const connection = await BrokerConnection.open(broker, "waybill consume", signal);
    const prepare = async (): Promise<QueueSession> => {
      for (const queue of queues) await makeMissing(connection, queue, broker.queueType);
      const channel = await connection.channel();
      keepBodiesRaw(channel);
      const session = new QueueSession(connection, channel);
      await channel.basicQos({ prefetchCount: prefetch });
      for (const queue of queues) {
        await channel.basicConsume({ queue }, (message: AsyncMessage) => {
          if (!session.#isOver) onDelivery({ queue, ...takeApart(message) });
        });
      }
      return session;
    };
    try {
      const message = `${broker.host} let Waybill in, but does not answer what it asks for.`;
      return await within(prepare(), signal, { ms: READY_MS, message });
    } catch (error) {
      const failure = connection.explain(error);
      await connection.close();
      throw failure;
    }
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * Acknowledges what is settled of a batch, or of what was left of one. As long as nothing is left of those before,
   * and as far as all of this one is settled in the order it came, one word is enough.
   */
  acknowledge(batch: readonly Delivery[], settled: ReadonlySet<Delivery>): void {
    if (this.#isOver) return;
    const hadLeft = this.#left.size > 0;
    const first = hadLeft ? 0 : batch.findIndex((delivery) => !settled.has(delivery));
    const whole = first < 0 ? batch.length : first;
    const last = batch[whole - 1];
    if (last !== undefined)
      this.#channel.basicAck({ deliveryTag: last.properties.deliveryTag, multiple: true });
    for (const delivery of batch.slice(whole)) {
      if (settled.has(delivery)) {
        this.#channel.basicAck({ deliveryTag: delivery.properties.deliveryTag });
        this.#left.delete(delivery);
      } else this.#left.add(delivery);
    }
  }

  /** Ends it in order: what was acknowledged is, all else goes back to its queue. Never rejects. */
  async close(): Promise<void> {
    const wasOver = this.#isOver;
    this.#end(null);
    // Given back by name, it is no failed delivery, which RabbitMQ 4.3 counts.
    if (!wasOver && this.#channel.active)
      this.#channel.basicNack({ deliveryTag: 0, multiple: true, requeue: true });
    await this.#connection.close([this.#channel]);
  }

  #whyClosed(): SinkFailure {
    return this.#connection.explain(this.#channelError ?? new Error("The channel was closed."));
  }
}

/**
 * Waybill's own queues are made as its sink makes them; all others as the programs make them that write to them:
 * durable, with nothing else said.
 */
async function makeMissing(
  connection: BrokerConnection,
  queue: string,
  queueType: RabbitMqOptions["queueType"],
): Promise<void> {
  const asking = await connection.channel();
  try {
    await asking.queueDeclare({ queue, passive: true });
    await asking.close();
    return;
  } catch (error) {
    if (codeOf(error) !== "NOT_FOUND") throw connection.explain(error);
  }
  const making = await connection.channel();
  try {
    if (QUEUES.some((own) => own === queue)) await declareTopology(making, queueType);
    else await making.queueDeclare({ queue, durable: true });
    await making.close();
  } catch (error) {
    throw connection.explain(error);
  }
}
