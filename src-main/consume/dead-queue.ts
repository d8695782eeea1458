import type { Channel } from "rabbitmq-client";
import { BrokerConnection } from "../sync/rabbitmq/broker-connection.ts";
import { codeOf } from "../sync/rabbitmq/failures.ts";
import { type RabbitMqOptions, SinkFailure } from "../sync/sink.ts";
import { ConfirmedPublisher } from "./confirmed-publisher.ts";
import { type DeadLetter, deadQueueOf, describeDead, revivedEnvelope } from "./dead-letter.ts";
import type { Properties } from "./delivery.ts";
import { keepBodiesRaw, takeApart } from "./raw-bodies.ts";

const NAME = "waybill dead";

/** One of the dead, taken out of its queue for as long as the look at it lasts. */
export type TakenLetter = { letter: DeadLetter; body: Buffer };

type Taken = TakenLetter & { properties: Properties & { deliveryTag: number } };

/** What to do with one of them: it goes back, or is done with. */
type Verdict = "keep" | "settle" | "stop";

/** The dead of one queue: to be looked at, brought back or dropped. What is not settled stays among them. */
export class DeadQueue {
  readonly #broker: RabbitMqOptions;
  readonly #queue: string;

  constructor(broker: RabbitMqOptions, queue: string) {
    this.#broker = broker;
    this.#queue = queue;
  }

  /** The oldest of them, so many at most, and how many there are. Throws `SinkFailure`. */
  async list(limit: number): Promise<{ total: number; letters: DeadLetter[] }> {
    const letters: DeadLetter[] = [];
    const total = await this.#each(({ letter }) => {
      letters.push(letter);
      return Promise.resolve(letters.length < limit ? "keep" : "stop");
    });
    return { total, letters };
  }

  /** The one with that id; null where there is none. Throws `SinkFailure`. */
  async find(id: string): Promise<TakenLetter | null> {
    let found: TakenLetter | null = null;
    await this.#each(({ letter, body }) => {
      if (letter.id !== id) return Promise.resolve("keep");
      found = { letter, body };
      return Promise.resolve("stop");
    });
    return found;
  }

  /**
   * Puts those with these ids (all for null) back into the queue that they came from, each confirmed there before it
   * leaves the dead; how many. Throws `SinkFailure`; those that went before it are back.
   */
  async retry(ids: ReadonlySet<string> | null): Promise<number> {
    const publisher = new ConfirmedPublisher(this.#broker, NAME);
    try {
      return await this.#settle(ids, ({ properties, body }) =>
        publisher.publish(revivedEnvelope(properties, this.#queue), body),
      );
    } finally {
      await publisher.close();
    }
  }

  /** Deletes those with these ids, or all for null; how many. Throws `SinkFailure`. */
  drop(ids: ReadonlySet<string> | null): Promise<number> {
    return this.#settle(ids, () => Promise.resolve());
  }

  async #settle(ids: ReadonlySet<string> | null, work: (taken: Taken) => Promise<void>): Promise<number> {
    let settled = 0;
    await this.#each(async (taken) => {
      if (ids !== null && (taken.letter.id === null || !ids.has(taken.letter.id))) return "keep";
      await work(taken);
      settled += 1;
      return "settle";
    });
    return settled;
  }

  /** Takes those that are there now one by one, the oldest first; how many they were. */
  async #each(judge: (taken: Taken) => Promise<Verdict>): Promise<number> {
    const connection = await BrokerConnection.open(this.#broker, NAME, new AbortController().signal);
    const channels: Channel[] = [];
    try {
      const channel = await connection.channel();
      channels.push(channel);
      keepBodiesRaw(channel);
      const queue = deadQueueOf(this.#queue);
      const { messageCount: total } = await channel.queueDeclare({ queue, passive: true });
      for (let taken = 0; taken < total; taken += 1) {
        const message = await channel.basicGet({ queue });
        if (message === undefined) break;
        const { properties, body } = takeApart(message);
        const verdict = await judge({ letter: describeDead(properties, body.length), properties, body });
        if (verdict === "settle") channel.basicAck({ deliveryTag: properties.deliveryTag });
        if (verdict === "stop") break;
      }
      channel.basicNack({ deliveryTag: 0, multiple: true, requeue: true });
      return total;
    } catch (error) {
      // Nothing of it ever died.
      if (codeOf(error) === "NOT_FOUND") return 0;
      throw error instanceof SinkFailure ? error : connection.explain(error);
    } finally {
      await connection.close(channels);
    }
  }
}
