import type { Channel } from "rabbitmq-client";
import type { ListedLetter, ShownLetter } from "../../src-shared/contract/dead.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import { cutPreview } from "../../src-shared/record.ts";
import { BrokerConnection } from "../sync/rabbitmq/broker-connection.ts";
import { codeOf } from "../sync/rabbitmq/failures.ts";
import { type RabbitMqOptions, SinkFailure } from "../sync/sink.ts";
import { ConfirmedPublisher } from "./confirmed-publisher.ts";
import { deadQueueOf, describeDead, revivedEnvelope } from "./dead-letter.ts";
import type { Properties } from "./delivery.ts";
import { keepBodiesRaw, takeApart } from "./raw-bodies.ts";

const NAME = "waybill dead";
const MAX_SHOWN = 1024 * 1024;
/** Holds the preview's characters, however many bytes each has. */
const PREVIEW_BYTES = 1_024;
/** The protocol writes the length of a name in one byte. */
const MAX_NAME_BYTES = 255;

/** One of the dead, taken out of its queue for as long as the look at it lasts. */
type Taken = { properties: Properties & { deliveryTag: number }; body: Buffer };

/** What to do with one of them: it goes back, or is done with. */
type Verdict = "keep" | "settle" | "stop";

/**
 * The dead of one queue: to be looked at, brought back or dropped. What is not settled stays among them. While one looks
 * at them another finds fewer. All methods throw `unavailable`.
 */
export class DeadQueue {
  readonly #broker: RabbitMqOptions;
  readonly #queue: string;

  /** `queue` is the one that they came from. Throws `invalid` where its name is too long. */
  constructor(broker: RabbitMqOptions, queue: string) {
    requireName(queue);
    this.#broker = broker;
    this.#queue = queue;
  }

  /** The oldest of them, so many at most, and how many there are. */
  async list(limit: number): Promise<{ total: number; letters: ListedLetter[] }> {
    const letters: ListedLetter[] = [];
    const total = await this.#each(({ properties, body }) => {
      const preview = cutPreview(body.subarray(0, PREVIEW_BYTES).toString());
      letters.push({ ...describeDead(properties, body.length), preview });
      return Promise.resolve(letters.length < limit ? "keep" : "stop");
    });
    return { total, letters };
  }

  /** The one with that id; null where there is none. */
  async find(id: string): Promise<ShownLetter | null> {
    let found: ShownLetter | null = null;
    await this.#each(({ properties, body }) => {
      const letter = describeDead(properties, body.length);
      if (letter.id !== id) return Promise.resolve("keep");
      const text = body.subarray(0, MAX_SHOWN).toString();
      found = { ...letter, body: text, is_cut: body.length > MAX_SHOWN };
      return Promise.resolve("stop");
    });
    return found;
  }

  /**
   * Puts those with these ids (all for null) back into the queue that they came from, each confirmed there before it
   * leaves the dead; how many. Those that went before it throws are back.
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

  /** Deletes those with these ids, or all for null; how many. */
  drop(ids: ReadonlySet<string> | null): Promise<number> {
    return this.#settle(ids, () => Promise.resolve());
  }

  async #settle(ids: ReadonlySet<string> | null, work: (taken: Taken) => Promise<void>): Promise<number> {
    let settled = 0;
    await this.#each(async (taken) => {
      const { id } = describeDead(taken.properties, taken.body.length);
      if (ids !== null && (id === null || !ids.has(id))) return "keep";
      await work(taken);
      settled += 1;
      return "settle";
    });
    return settled;
  }

  /** Takes those that are there now one by one, the oldest first; how many they were. */
  #each(judge: (taken: Taken) => Promise<Verdict>): Promise<number> {
    return atBroker(this.#broker, async (channelOf) => {
      const channel = await channelOf();
      keepBodiesRaw(channel);
      const queue = deadQueueOf(this.#queue);
      const total = await countIn(channel, queue);
      // Nothing of it ever died.
      if (total === null) return 0;
      for (let taken = 0; taken < total; taken += 1) {
        const message = await channel.basicGet({ queue });
        if (message === undefined) break;
        const one = takeApart(message);
        const verdict = await judge(one);
        if (verdict === "settle") channel.basicAck({ deliveryTag: one.properties.deliveryTag });
        if (verdict === "stop") break;
      }
      channel.basicNack({ deliveryTag: 0, multiple: true, requeue: true });
      // Acknowledgements have no answer: this one comes after the broker has them.
      await channel.queueDeclare({ queue, passive: true });
      return total;
    });
  }
}

/** How many dead each of these queues has, of those that ever had any. Throws `unavailable`, and `invalid` for a name. */
export async function countDead(
  broker: RabbitMqOptions,
  queues: readonly string[],
): Promise<{ queue: string; dead: number }[]> {
  queues.forEach(requireName);
  return atBroker(broker, async (channelOf) => {
    const counts: { queue: string; dead: number }[] = [];
    for (const queue of queues) {
      // Each by its own: asking for one that is missing ends the channel.
      const dead = await countIn(await channelOf(), deadQueueOf(queue));
      if (dead !== null) counts.push({ queue, dead });
    }
    return counts;
  });
}

function requireName(queue: string): void {
  if (Buffer.byteLength(deadQueueOf(queue)) > MAX_NAME_BYTES)
    throw new WaybillError("invalid", "The name of the queue is too long.");
}

/** What waits in a queue; null where there is none. Throws the channel's error. */
async function countIn(channel: Channel, queue: string): Promise<number | null> {
  try {
    return (await channel.queueDeclare({ queue, passive: true })).messageCount;
  } catch (error) {
    if (codeOf(error) === "NOT_FOUND") return null;
    throw error;
  }
}

/** Works on a connection of its own, which ends with it: what was taken and is not settled goes back. */
async function atBroker<T>(
  broker: RabbitMqOptions,
  work: (channelOf: () => Promise<Channel>) => Promise<T>,
): Promise<T> {
  const channels: Channel[] = [];
  let connection: BrokerConnection | null = null;
  try {
    const opened = await BrokerConnection.open(broker, NAME, new AbortController().signal);
    connection = opened;
    return await work(async () => {
      const channel = await opened.channel();
      channels.push(channel);
      return channel;
    });
  } catch (error) {
    const failure = error instanceof SinkFailure ? error : connection?.explain(error);
    if (failure === undefined) throw error;
    throw new WaybillError("unavailable", failure.message, { cause: error });
  } finally {
    await connection?.close(channels.filter(({ active }) => active));
  }
}
