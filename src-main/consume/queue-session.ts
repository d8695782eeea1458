import type { AsyncMessage, Channel } from "rabbitmq-client";
import { BrokerConnection } from "../sync/rabbitmq/broker-connection.ts";
import { codeOf } from "../sync/rabbitmq/failures.ts";
import { declareTopology, QUEUES } from "../sync/rabbitmq/topology.ts";
import { within } from "../sync/rabbitmq/within.ts";
import { type RabbitMqOptions, SinkFailure } from "../sync/sink.ts";
import type { Delivery } from "./delivery.ts";
import { PrefetchWindow } from "./prefetch-window.ts";
import { keepBodiesRaw, takeApart } from "./raw-bodies.ts";

const READY_MS = 15_000;

export type QueueSessionOptions = {
  broker: RabbitMqOptions;
  queues: readonly string[];
  /** How many messages of each queue may be out at once. */
  prefetch: number;
  /** About so many bytes of bodies may be out of all of them together. */
  heldBytes: number;
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
  readonly #queues: readonly string[];
  readonly #onDelivery: (delivery: Delivery) => void;
  readonly #window: PrefetchWindow;
  /** Of the consumers at the broker, one for each queue, or none. */
  readonly #tags: string[] = [];
  #isChanging = false;
  #end: (failure: SinkFailure | null) => void = () => {};
  /** What waits to be settled of the batches so far. */
  readonly #left = new Set<Delivery>();
  #isOver = false;
  #channelError: unknown = null;

  private constructor(
    connection: BrokerConnection,
    channel: Channel,
    { queues, prefetch, heldBytes }: QueueSessionOptions,
    onDelivery: (delivery: Delivery) => void,
  ) {
    this.#connection = connection;
    this.#channel = channel;
    this.#queues = queues;
    this.#onDelivery = onDelivery;
    this.#window = new PrefetchWindow({ most: prefetch, bytes: heldBytes, queues: queues.length });
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
    options: QueueSessionOptions,
    onDelivery: (delivery: Delivery) => void,
    signal: AbortSignal,
  ): Promise<QueueSession> {
    const { broker, queues } = options;
    const connection = await BrokerConnection.open(broker, "waybill consume", signal);
    const prepare = async (): Promise<QueueSession> => {
      for (const queue of queues) await makeMissing(connection, queue, broker.queueType);
      const channel = await connection.channel();
      keepBodiesRaw(channel);
      const session = new QueueSession(connection, channel, options, onDelivery);
      await session.#consume();
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
    for (const delivery of batch) if (settled.has(delivery)) this.#window.settled(delivery.body.length);
    this.#followWindow();
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

  #followWindow(): void {
    if (!this.#isChanging && this.#window.change()) void this.#changeCount();
  }

  /** Goes on as long as the window changes meanwhile. Never rejects: a channel that fails ends the session. */
  async #changeCount(): Promise<void> {
    this.#isChanging = true;
    try {
      do await this.#consume();
      while (!this.#isOver && this.#window.change());
    } catch (error) {
      this.#end(this.#connection.explain(error));
    }
    this.#isChanging = false;
  }

  /** A count holds for the consumers that come after it. What those before have out stays out. */
  async #consume(): Promise<void> {
    for (const consumerTag of this.#tags.splice(0)) await this.#channel.basicCancel({ consumerTag });
    const { count } = this.#window;
    if (count === 0) return;
    await this.#channel.basicQos({ prefetchCount: count });
    for (const queue of this.#queues) {
      const { consumerTag } = await this.#channel.basicConsume({ queue }, (message: AsyncMessage) =>
        this.#take(queue, message),
      );
      this.#tags.push(consumerTag);
    }
  }

  #take(queue: string, message: AsyncMessage): void {
    if (this.#isOver) return;
    const delivery = { queue, ...takeApart(message) };
    this.#window.took(delivery.body.length);
    this.#followWindow();
    this.#onDelivery(delivery);
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
