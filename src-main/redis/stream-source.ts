import { SECOND_MS } from "../../src-shared/time.ts";
import type { RedisOptions } from "./config.ts";
import type { IngestSource } from "./ingest.ts";
import type { DeadLetter, Taken } from "./read-bodies.ts";
import { RedisConnection, runOn } from "./redis-connection.ts";

const BATCH = 100;
const WAIT_MS = SECOND_MS;
const COMMAND_MS = 10 * SECOND_MS;
/** What a consumer has held for so long without a word belongs to a dead one. */
const DEAD_MS = 60 * SECOND_MS;
const LOOK_MS = 15 * SECOND_MS;

/** The field of an entry that holds the message, as JSON. */
const BODY_FIELD = "body";

/** A stream that any number of consumers of one group share; what one took stays pending until it is acknowledged. */
export class StreamSource implements IngestSource {
  readonly name: string;
  readonly kind = "stream";
  readonly #options: RedisOptions;
  readonly #group: string;
  readonly #consumer: string;
  readonly #deadMs: number;
  #connection: RedisConnection | null = null;
  #hasPending = true;
  #nextLook = 0;

  /** `consumer` names it within the group, and is the same at its next start. */
  constructor(options: RedisOptions, stream: string, group: string, consumer: string, deadMs = DEAD_MS) {
    this.name = stream;
    this.#options = options;
    this.#group = group;
    this.#consumer = consumer;
    this.#deadMs = deadMs;
  }

  async open(): Promise<void> {
    const behaviour = { name: "waybill-ingest", reconnects: false, commandMs: COMMAND_MS };
    const connection = new RedisConnection(this.#options, behaviour);
    this.#connection = connection;
    await connection.open();
    try {
      // From the first entry there is: what was written before the group was made is to be logged, too.
      await connection.client.xgroup("CREATE", this.name, this.#group, "0", "MKSTREAM");
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith("BUSYGROUP"))) throw connection.failure(error);
    }
    this.#hasPending = true;
    this.#nextLook = 0;
  }

  async take(): Promise<readonly Taken[]> {
    if (this.#hasPending) {
      const pending = entriesOf(await this.#read(["STREAMS", this.name, "0"]));
      if (pending.length > 0) return pending;
      this.#hasPending = false;
    }
    if (Date.now() >= this.#nextLook) {
      const claimed = await this.#claim();
      if (claimed.length > 0) return claimed;
      this.#nextLook = Date.now() + Math.min(LOOK_MS, this.#deadMs);
    }
    return entriesOf(await this.#read(["BLOCK", WAIT_MS, "STREAMS", this.name, ">"]));
  }

  async settle(taken: readonly Taken[], dead: readonly DeadLetter[]): Promise<void> {
    const ids = taken.flatMap(({ id }) => id ?? []);
    await runOn(this.#connection, async (client) => {
      const changes = client.multi();
      if (dead.length > 0) changes.rpush(`${this.name}:dead`, ...dead.map(({ text }) => text));
      changes.xack(this.name, this.#group, ...ids);
      for (const [error] of (await changes.exec()) ?? []) if (error !== null) throw error;
    });
  }

  /** Redis 6.2 does not tell, nor does a later one of a stream that entries were deleted from. */
  async depth(): Promise<number | null> {
    const groups = await runOn(this.#connection, (client) => client.call("XINFO", "GROUPS", this.name));
    const own = (groups as unknown[][]).map(readFields).find((group) => group.get("name") === this.#group);
    const [lag, pending] = [own?.get("lag"), own?.get("pending")];
    return typeof lag === "number" && typeof pending === "number" ? lag + pending : null;
  }

  async close(): Promise<void> {
    this.#connection?.close();
    this.#connection = null;
  }

  #read(rest: readonly (string | number)[]): Promise<unknown> {
    const group = ["GROUP", this.#group, this.#consumer, "COUNT", BATCH];
    return runOn(this.#connection, (client) => client.callBuffer("XREADGROUP", ...group, ...rest));
  }

  /** What dead consumers left; from now on it is this one's. */
  async #claim(): Promise<Taken[]> {
    const claim = [this.name, this.#group, this.#consumer, this.#deadMs, "0", "COUNT", BATCH];
    const answer = await runOn(this.#connection, (client) => client.callBuffer("XAUTOCLAIM", ...claim));
    const [, entries] = answer as [unknown, unknown[]];
    // Redis 6.2 tells nothing of those that were cut off the stream.
    return entries.filter((entry) => entry !== null).map(readEntry);
  }
}

/** Names and values in turn. */
function readFields(fields: readonly unknown[]): Map<unknown, unknown> {
  const pairs = fields.map((name, index) => [name, fields[index + 1]] as const);
  return new Map(pairs.filter((_, index) => index % 2 === 0));
}

/** Of the one stream that was asked for; null where nothing came. */
function entriesOf(answer: unknown): Taken[] {
  const [stream] = Array.isArray(answer) ? answer : [];
  const [, entries] = Array.isArray(stream) ? stream : [];
  return Array.isArray(entries) ? entries.map(readEntry) : [];
}

/** An id with names and values in turn; without them where the entry is gone. */
function readEntry(entry: unknown): Taken {
  const [name, fields] = entry as [Buffer, readonly Buffer[] | null];
  const id = name.toString();
  if (fields === null)
    return { id, body: Buffer.alloc(0), problem: "It was cut off the stream before it was logged." };
  const place = fields.findIndex((field, index) => index % 2 === 0 && field.toString() === BODY_FIELD);
  const body = place < 0 ? undefined : fields[place + 1];
  if (body !== undefined) return { id, body, problem: null };
  const texts = JSON.stringify(fields.map((field) => field.toString()));
  return { id, body: Buffer.from(texts), problem: `It has no field ${BODY_FIELD} with the message as JSON.` };
}
