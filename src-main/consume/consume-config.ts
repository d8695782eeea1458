import { WaybillError } from "../../src-shared/errors.ts";
import { QUEUES } from "../sync/rabbitmq/topology.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What was given on the command line; undefined where it is left to the environment. */
export type ConsumeFlags = {
  queue?: readonly string[];
  prefetch?: number;
  batchSize?: number;
  batchInterval?: number;
};

export type ConsumeConfig = { queues: string[]; prefetch: number; batchSize: number; intervalMs: number };

const DEFAULT_QUEUE = "message_storage";
/** Of the audit trail and the chat history: see docs/migrating.md. */
const DOCUMENTED_QUEUES = ["log_queue", "chat_history"] as const;
const DEFAULT_SIZE = 500;
const DEFAULT_INTERVAL_MS = 200;
export const MAX_BATCH_SIZE = 10_000;
export const MAX_INTERVAL_MS = 60_000;
/** The broker keeps it in 16 bits. */
export const MAX_PREFETCH = 65_535;

/** The flags first, then `RABBITMQ_QUEUE_NAME`, `BATCH_SIZE` and `BATCH_INTERVAL` (milliseconds). Throws `invalid`. */
export function consumeConfig(environment: Environment, flags: ConsumeFlags): ConsumeConfig {
  const queues = [...new Set(flags.queue ?? [namedQueue(environment)])];
  const batchSize = flags.batchSize ?? wholeNumber(environment, "BATCH_SIZE", MAX_BATCH_SIZE) ?? DEFAULT_SIZE;
  const intervalMs =
    flags.batchInterval ?? wholeNumber(environment, "BATCH_INTERVAL", MAX_INTERVAL_MS) ?? DEFAULT_INTERVAL_MS;
  // While one batch is written the next one comes together.
  const prefetch = flags.prefetch ?? Math.min(2 * batchSize, MAX_PREFETCH);
  const dead = queues.find((queue) => queue.endsWith(".dead"));
  if (dead !== undefined)
    throw new WaybillError("invalid", `${dead} holds dead messages: "waybill dead retry" brings them back.`);
  return { queues, prefetch, batchSize, intervalMs };
}

/** Those that consumers may be reading, as far as a host can know: the one that is named, Waybill's own, and the documents'. */
export function readQueues(environment: Environment): string[] {
  return [...new Set([namedQueue(environment), ...QUEUES, ...DOCUMENTED_QUEUES])];
}

function namedQueue(environment: Environment): string {
  return environment.RABBITMQ_QUEUE_NAME?.trim() || DEFAULT_QUEUE;
}

function wholeNumber(environment: Environment, name: string, most: number): number | undefined {
  const text = environment[name]?.trim();
  if (!text) return undefined;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= most) return value;
  throw new WaybillError("invalid", `${name} is "${text}"; it must be a whole number from 1 to ${most}.`);
}
