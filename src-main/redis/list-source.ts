import { WaybillError } from "../../src-shared/errors.ts";
import { SECOND_MS } from "../../src-shared/time.ts";
import { hasEnded, newLeaseOwner } from "../ledger/lease-owner.ts";
import type { RedisOptions } from "./config.ts";
import type { IngestSource } from "./ingest.ts";
import type { DeadLetter, Taken } from "./read-bodies.ts";
import { RedisConnection, runOn } from "./redis-connection.ts";

const BATCH = 500;
/** A batch of large messages ends with the one that brings it here. */
const BATCH_BYTES = 8 * 1024 * 1024;
const WAIT_SECONDS = 1;
const COMMAND_MS = 10 * SECOND_MS;

export type LeaseTimes = {
  /** A worker that does not renew its lease for so long is dead. */
  leaseMs: number;
  renewMs: number;
};
const LEASE_TIMES: LeaseTimes = { leaseMs: 10 * SECOND_MS, renewMs: 3 * SECOND_MS };

/**
 * The worker's own list holds what it took and has not settled. Whoever lost the lease on that name must not touch it
 * any more, as it may be another's by now: so each step looks at the lease, in one script with what it does.
 */
const HOLD = "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return redis.error_reply('LEASELOST') end ";

/** lease, own list, queue; token, most, most bytes. What is held is given again before more is taken. */
const TAKE = `${HOLD}
  local held = redis.call('LRANGE', KEYS[2], 0, tonumber(ARGV[2]) - 1)
  if #held > 0 then return held end
  local bytes = 0
  for number = 1, tonumber(ARGV[2]) do
    local body = redis.call('LMOVE', KEYS[3], KEYS[2], 'LEFT', 'RIGHT')
    if not body then break end
    held[number] = body
    bytes = bytes + #body
    if bytes >= tonumber(ARGV[3]) then break end
  end
  return held`;

/** lease, own list, dead list; token, how many of the own list, dead letters. */
const SETTLE = `${HOLD}
  for number = 3, #ARGV do redis.call('RPUSH', KEYS[3], ARGV[number]) end
  redis.call('LTRIM', KEYS[2], ARGV[2], -1)
  return 1`;

/** lease; token, milliseconds. */
const RENEW = `${HOLD} return redis.call('PEXPIRE', KEYS[1], ARGV[2])`;

/** lease; token of the one that held it, the new one, milliseconds. */
const TAKE_OVER = `${HOLD} return redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])`;

/** lease; token. */
const RELEASE = `${HOLD} return redis.call('DEL', KEYS[1])`;

/** lease and own list of another worker, queue, workers; its name. What it held comes first again, in its order. */
const RECOVER = `
  if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
  local moved = 0
  while redis.call('LMOVE', KEYS[2], KEYS[3], 'RIGHT', 'LEFT') do moved = moved + 1 end
  redis.call('SREM', KEYS[4], ARGV[1])
  return moved`;

/** A list that other programs push to at its right end; shared by any number of workers, each with a list of its own. */
export class ListSource implements IngestSource {
  readonly name: string;
  readonly kind = "list";
  readonly #options: RedisOptions;
  readonly #worker: string;
  readonly #times: LeaseTimes;
  readonly #token = newLeaseOwner();
  readonly #lease: string;
  readonly #held: string;
  #connection: RedisConnection | null = null;
  #renewing: NodeJS.Timeout | null = null;
  #nextLook = 0;

  /** `worker` names it among those that share the list, and is the same at its next start. */
  constructor(options: RedisOptions, queue: string, worker: string, times = LEASE_TIMES) {
    this.name = queue;
    this.#options = options;
    this.#worker = worker;
    this.#times = times;
    this.#lease = `${queue}:worker:${worker}`;
    this.#held = `${queue}:processing:${worker}`;
  }

  async open(): Promise<void> {
    const behaviour = { name: "waybill-ingest", reconnects: false, commandMs: COMMAND_MS };
    const connection = new RedisConnection(this.#options, behaviour);
    this.#connection = connection;
    await connection.open();
    if (!(await this.#takeLease())) {
      throw new WaybillError(
        "unavailable",
        `Another host, or this one before it ended, takes in under the name ${this.#worker}; its lease runs out.`,
      );
    }
    // Not before it has the lease: another that finds it dead would strike it off again.
    await runOn(this.#connection, (client) => client.sadd(`${this.name}:workers`, this.#worker));
    const renew = (): void => {
      // Where it can't be renewed the next step tells.
      connection.client.eval(RENEW, 1, this.#lease, this.#token, this.#times.leaseMs).catch(() => {});
    };
    this.#renewing = setInterval(renew, this.#times.renewMs);
    this.#nextLook = 0;
  }

  async take(): Promise<readonly Taken[]> {
    if (Date.now() >= this.#nextLook) {
      await this.#recoverOthers();
      this.#nextLook = Date.now() + this.#times.leaseMs;
    }
    const taken = await this.#script(TAKE, [this.#held, this.name], [BATCH, BATCH_BYTES]);
    if (taken.length > 0) return taken.map((body) => ({ id: null, body, problem: null }));
    // Put back where it was taken from: this only waits until there is something.
    await runOn(this.#connection, (client) =>
      client.blmoveBuffer(this.name, this.name, "LEFT", "LEFT", WAIT_SECONDS),
    );
    return [];
  }

  async settle(taken: readonly Taken[], dead: readonly DeadLetter[]): Promise<void> {
    const letters = dead.map(({ text }) => text);
    await this.#script(SETTLE, [this.#held, `${this.name}:dead`], [taken.length, ...letters]);
  }

  async depth(): Promise<number> {
    const lengths = await runOn(this.#connection, (client) =>
      Promise.all([client.llen(this.name), client.llen(this.#held)]),
    );
    return lengths[0] + lengths[1];
  }

  /** For good it gives its lease back, so that its next start need not wait. */
  async close(isForGood: boolean): Promise<void> {
    if (this.#renewing !== null) clearInterval(this.#renewing);
    this.#renewing = null;
    const connection = this.#connection;
    this.#connection = null;
    if (connection === null) return;
    // Where it can't be given back it runs out by itself.
    if (isForGood) await connection.client.eval(RELEASE, 1, this.#lease, this.#token).catch(() => {});
    connection.close();
  }

  async #takeLease(): Promise<boolean> {
    const { leaseMs } = this.#times;
    return runOn(this.#connection, async (client) => {
      if ((await client.set(this.#lease, this.#token, "PX", leaseMs, "NX")) === "OK") return true;
      const holder = await client.get(this.#lease);
      // This host before it was killed: its next start need not wait.
      if (holder !== null && hasEnded(holder))
        await client.eval(TAKE_OVER, 1, this.#lease, holder, this.#token, leaseMs);
      return (await client.get(this.#lease)) === this.#token;
    });
  }

  async #recoverOthers(): Promise<void> {
    await runOn(this.#connection, async (client) => {
      const workers = `${this.name}:workers`;
      for (const worker of await client.smembers(workers)) {
        if (worker === this.#worker) continue;
        const keys = [
          `${this.name}:worker:${worker}`,
          `${this.name}:processing:${worker}`,
          this.name,
          workers,
        ];
        await client.eval(RECOVER, keys.length, ...keys, worker);
      }
    });
  }

  async #script(
    script: string,
    keys: readonly string[],
    values: readonly (string | number)[],
  ): Promise<Buffer[]> {
    const all = [this.#lease, ...keys];
    const answer = await runOn(this.#connection, (client) =>
      client.callBuffer("EVAL", script, String(all.length), ...all, this.#token, ...values),
    );
    return Array.isArray(answer) ? (answer as Buffer[]) : [];
  }
}
