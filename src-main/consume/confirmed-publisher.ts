import { setImmediate as turn } from "node:timers/promises";
import type { Channel, Envelope } from "rabbitmq-client";
import { BrokerConnection } from "../sync/rabbitmq/broker-connection.ts";
import { codeOf } from "../sync/rabbitmq/failures.ts";
import { within } from "../sync/rabbitmq/within.ts";
import { type RabbitMqOptions, SinkFailure } from "../sync/sink.ts";

const CONFIRM_MS = 10_000;

/**
 * Publishes one message after the other, each confirmed by the queue that it was meant for. On a connection of its own,
 * which is made when it is needed: a broker that is short of memory stops reading from those that publish, and must not
 * stop hearing what is acknowledged.
 */
export class ConfirmedPublisher {
  readonly #options: RabbitMqOptions;
  readonly #name: string;
  readonly #ending = new AbortController();
  #connection: BrokerConnection | null = null;
  #channel: Channel | null = null;
  #last: Promise<unknown> = Promise.resolve();
  /** Known to be there, until something goes wrong. */
  readonly #made = new Set<string>();

  /** `name` is what operators see of it at the broker. */
  constructor(options: RabbitMqOptions, name: string) {
    this.#options = options;
    this.#name = name;
  }

  /** Settles once the broker has it on its disk. Throws `SinkFailure`; also where there is no such queue. */
  publish(envelope: Envelope, body: Buffer): Promise<void> {
    return this.#inTurn(async () => {
      const channel = await this.#confirming();
      let isReturned = false;
      const onReturn = (): void => {
        isReturned = true;
      };
      channel.on("basic.return", onReturn);
      try {
        await channel.basicPublish(envelope, body);
        // The library tells of a return by setImmediate, and of the confirm that follows it at once.
        await turn();
        await turn();
      } finally {
        channel.off("basic.return", onReturn);
      }
      if (isReturned)
        throw new SinkFailure("retry", `There is no queue ${envelope.routingKey} at the broker.`);
    });
  }

  /**
   * Makes a durable queue unless there is one of that name, of whatever kind. Classic: RabbitMQ 4 deletes from a quorum
   * queue what was looked at twenty times and put back. Throws `SinkFailure`.
   */
  makeQueue(queue: string): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#made.has(queue)) return;
      const asking = await (await this.#open()).channel();
      try {
        await asking.queueDeclare({ queue, passive: true });
        await asking.close();
      } catch (error) {
        if (codeOf(error) !== "NOT_FOUND") throw error;
        await (await this.#confirming()).queueDeclare({ queue, durable: true });
      }
      this.#made.add(queue);
    });
  }

  /** Never rejects. */
  async close(): Promise<void> {
    this.#ending.abort();
    await this.#connection?.close(this.#channel === null ? [] : [this.#channel]);
  }

  /** One after the other, and each in time: a broker may take a message and never confirm it. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const message = `${this.#options.host} does not confirm what it was sent: it may be short of memory or disk.`;
    const done = this.#last.then(() =>
      within(work(), this.#ending.signal, { ms: CONFIRM_MS, message }).catch(async (error: unknown) => {
        const failure = this.#connection?.explain(error) ?? error;
        // Whatever it was: the next one starts afresh, and hears of no confirm that was meant for this one.
        await this.#connection?.close();
        this.#connection = null;
        this.#channel = null;
        this.#made.clear();
        throw failure;
      }),
    );
    this.#last = done.catch(() => {});
    return done;
  }

  async #open(): Promise<BrokerConnection> {
    if (this.#connection === null || this.#connection.failure !== null)
      this.#connection = await BrokerConnection.open(this.#options, this.#name, this.#ending.signal);
    return this.#connection;
  }

  async #confirming(): Promise<Channel> {
    const connection = await this.#open();
    if (this.#channel?.active !== true) {
      this.#channel = await connection.channel();
      await this.#channel.confirmSelect();
    }
    return this.#channel;
  }
}
