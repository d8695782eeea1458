import type { Channel } from "rabbitmq-client";
import type { QueueStatus, Queues } from "../../../src-shared/contract/sync.ts";
import { formatTime } from "../../../src-shared/time.ts";
import { pauseAfter } from "../back-off.ts";
import type { RabbitMqOptions } from "../sink.ts";
import { sleep } from "../sleep.ts";
import { BROKER_TIMES, BrokerConnection } from "./broker-connection.ts";
import { codeOf } from "./failures.ts";
import { queueVerdict } from "./queue-verdict.ts";
import { QUEUES } from "./topology.ts";
import { within } from "./within.ts";

const SAMPLES = 120;
const EVERY_MS = 5_000;

type QueueName = (typeof QUEUES)[number];
type Sample = { depth: number; consumers: number };

/**
 * Asks both queues every few seconds how much waits in them and who reads them, over a light connection of its own:
 * so it goes on while the sink's is blocked. Tells each time, also when it can't ask. Never throws.
 */
export class QueueWatch {
  readonly #options: RabbitMqOptions;
  readonly #onSample: (queues: Queues) => void;
  readonly #everyMs: number;
  readonly #history = new Map<QueueName, QueueStatus["history"]>(QUEUES.map((queue) => [queue, []]));
  readonly #ending = new AbortController();
  readonly #ended: Promise<void>;
  #connection: BrokerConnection | null = null;
  #channel: Channel | null = null;
  #failures = 0;

  constructor(options: RabbitMqOptions, onSample: (queues: Queues) => void, everyMs = EVERY_MS) {
    this.#options = options;
    this.#onSample = onSample;
    this.#everyMs = everyMs;
    this.#ended = this.#run();
  }

  async close(): Promise<void> {
    this.#ending.abort();
    await this.#ended;
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      try {
        const samples = new Map<QueueName, Sample | null>();
        for (const queue of QUEUES) samples.set(queue, await this.#ask(queue));
        this.#failures = 0;
        this.#tell(samples);
      } catch (error) {
        await this.#disconnect();
        if (signal.aborted) break;
        this.#failures += 1;
        this.#tell(null, error instanceof Error ? error.message : String(error));
      }
      const wait =
        this.#failures === 0
          ? this.#everyMs
          : Math.max(this.#everyMs, pauseAfter(this.#failures, Math.random));
      await sleep(wait, signal);
    }
    await this.#disconnect();
  }

  /** Null for a queue that is missing. Throws `SinkFailure`. */
  async #ask(queue: QueueName): Promise<Sample | null> {
    const { signal } = this.#ending;
    this.#connection ??= await BrokerConnection.open(this.#options, "waybill queue watch", signal);
    const connection = this.#connection;
    const ask = async (): Promise<Sample> => {
      // A missing queue has ended the channel that asked for it.
      if (this.#channel?.active !== true) this.#channel = await connection.channel();
      const { messageCount, consumerCount } = await this.#channel.queueDeclare({ queue, passive: true });
      return { depth: messageCount, consumers: consumerCount };
    };
    const message = `${this.#options.host} does not tell how its queues are.`;
    try {
      return await within(ask(), signal, { ms: BROKER_TIMES.connectMs, message });
    } catch (error) {
      if (connection.failure === null && codeOf(error) === "NOT_FOUND") return null;
      throw connection.explain(error);
    }
  }

  #tell(samples: ReadonlyMap<QueueName, Sample | null> | null, trouble = ""): void {
    const ts = formatTime(Date.now());
    const missing: string[] = [];
    const queues = QUEUES.map((queue): QueueStatus => {
      const history = this.#history.get(queue) ?? [];
      const sample = samples?.get(queue) ?? null;
      if (samples !== null && sample === null) missing.push(queue);
      if (sample === null)
        return { queue, depth: null, consumers: null, verdict: null, history: [...history] };
      history.push({ ts, ...sample });
      if (history.length > SAMPLES) history.shift();
      return {
        queue,
        ...sample,
        verdict: queueVerdict(sample.depth, sample.consumers),
        history: [...history],
      };
    });
    this.#onSample({ available: samples !== null, message: trouble || messageFor(queues, missing), queues });
  }

  async #disconnect(): Promise<void> {
    const channel = this.#channel;
    this.#channel = null;
    await this.#connection?.close(channel === null ? [] : [channel]);
    this.#connection = null;
  }
}

function messageFor(queues: readonly QueueStatus[], missing: readonly string[]): string {
  if (missing.length > 0) {
    return `${list(missing)} missing at the broker. Waybill makes what is missing with the next record it sends.`;
  }
  const unread = queues.filter(({ verdict }) => verdict === "alarm").map(({ queue }) => queue);
  if (unread.length > 0) return `Nobody reads ${unread.join(" and ")}: no consumer is connected.`;
  const behind = queues.filter(({ verdict }) => verdict === "warning").map(({ queue }) => queue);
  if (behind.length > 0) return `Consumers are behind: more waits in ${behind.join(" and ")} than is good.`;
  return "Consumers keep up.";
}

function list(queues: readonly string[]): string {
  return queues.length === 1 ? `The queue ${queues[0]} is` : `The queues ${queues.join(" and ")} are`;
}
