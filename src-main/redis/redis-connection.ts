import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import { Redis } from "ioredis";
import { WaybillError } from "../../src-shared/errors.ts";
import type { RedisOptions } from "./config.ts";
import { describeTrouble } from "./failures.ts";

type Behaviour = {
  /** What operators see of it in Redis. */
  name: string;
  /** Makes a lost connection anew by itself, with a growing pause; else it stays lost. */
  reconnects: boolean;
  /** How long a command may take, and the making of the connection. */
  commandMs: number;
};

/**
 * One connection. A command fails at once while there is none, and is never sent a second time: whoever sent it
 * knows better whether it may be.
 */
export class RedisConnection {
  readonly client: Redis;
  readonly #options: RedisOptions;
  /** Why there is no connection now; the commands that fail of it are only told that it is closed. */
  #cause: unknown = null;

  /** Throws `invalid` where a file for TLS can't be read. */
  constructor(options: RedisOptions, { name, reconnects, commandMs }: Behaviour) {
    const { host, port, database, user, password, tls } = options;
    this.#options = options;
    this.client = new Redis({
      host,
      port,
      db: database,
      ...(user === null ? {} : { username: user }),
      ...(password === null ? {} : { password }),
      ...(tls === null ? {} : { tls: readTls(tls) }),
      ...(reconnects ? {} : { retryStrategy: null }),
      // The shapes of replies that are the same in every Redis there is.
      protocol: 2,
      connectionName: name,
      lazyConnect: true,
      enableOfflineQueue: false,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: 0,
      connectTimeout: commandMs,
      commandTimeout: commandMs,
      // A peer that died silently: later than the command that tells, so that one slow answer ends no connection.
      socketTimeout: 2 * commandMs,
    });
    this.client.on("error", (error: unknown) => {
      this.#cause = error;
    });
    this.client.on("ready", () => {
      this.#cause = null;
    });
  }

  /** Settles when it is made. Rejects with `unavailable` where the first try fails; others may follow by themselves. */
  async open(): Promise<void> {
    try {
      await this.client.connect();
    } catch (error) {
      throw this.failure(error);
    }
  }

  /** What a command was rejected with, as may be told: `unavailable`, with what is wrong and without secrets. */
  failure(error: unknown): WaybillError {
    if (error instanceof WaybillError) return error;
    return new WaybillError("unavailable", describeTrouble(error, this.#cause, this.#options), {
      cause: error,
    });
  }

  /** What is on its way is rejected. */
  close(): void {
    this.client.disconnect();
  }
}

/** Runs commands over a connection; null once it is closed. Rejects with `unavailable`. */
export async function runOn<T>(
  connection: RedisConnection | null,
  work: (client: Redis) => Promise<T>,
): Promise<T> {
  if (connection === null) throw new WaybillError("unavailable", "The connection to Redis is closed.");
  try {
    return await work(connection.client);
  } catch (error) {
    throw connection.failure(error);
  }
}

function readTls({ caFile, certFile, keyFile }: NonNullable<RedisOptions["tls"]>): ConnectionOptions {
  return {
    ...(caFile === null ? {} : { ca: readPem(caFile) }),
    ...(certFile === null ? {} : { cert: readPem(certFile) }),
    ...(keyFile === null ? {} : { key: readPem(keyFile) }),
  };
}

function readPem(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new WaybillError("invalid", `The file ${file} for TLS with Redis can't be read.`);
  }
}
