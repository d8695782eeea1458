import { readFile } from "node:fs/promises";
import type { Socket } from "node:net";
import type { ConnectionOptions as TlsOptions } from "node:tls";
import { type Channel, Connection } from "rabbitmq-client";
import { type RabbitMqOptions, SinkFailure } from "../sink.ts";
import { toFailure } from "./failures.ts";
import { within } from "./within.ts";

/** How long things may take. */
export type BrokerTimes = {
  connectMs: number;
  /** A dead peer is found after two to two and a half of them. */
  heartbeatSeconds: number;
};

export const BROKER_TIMES: BrokerTimes = { connectMs: 10_000, heartbeatSeconds: 10 };

const CLOSE_MS = 1_500;
/** Far more than any frame that was agreed on. */
const NO_BROKER =
  "What answers there is not RabbitMQ: look at the port (5672, or 5671 with TLS; 15672 is the management page).";
const MAX_FRAME = 16 * 1024 * 1024;

/**
 * One connection to the broker, from its opening to its end. The client library's own reconnection is cut off at the
 * first error: whoever uses this decides when to try again, and makes a new one.
 */
export class BrokerConnection {
  /** Resolves with the reason when the connection ends without `close`. */
  readonly lost: Promise<SinkFailure>;
  readonly #connection: Connection;
  readonly #options: RabbitMqOptions;
  readonly #opened: Promise<void>;
  #failure: SinkFailure | null = null;
  #wasOpen = false;
  #isClosed = false;

  private constructor(connection: Connection, options: RabbitMqOptions) {
    this.#connection = connection;
    this.#options = options;
    this.lost = new Promise((resolve) => {
      connection.on("error", (error: unknown) => {
        this.#failure ??= toFailure(error, options, this.#wasOpen);
        connection.unsafeDestroy();
        if (!this.#isClosed) resolve(this.#failure);
      });
    });
    this.#opened = new Promise((resolve) => {
      connection.once("connection", () => {
        this.#wasOpen = true;
        resolve();
      });
    });
  }

  /** Throws `SinkFailure`; also when the signal ends it. `name` is what operators see of it at the broker. */
  static async open(
    options: RabbitMqOptions,
    name: string,
    signal: AbortSignal,
    times: BrokerTimes = BROKER_TIMES,
  ): Promise<BrokerConnection> {
    const tls = await readTls(options);
    const opened = new BrokerConnection(connect(options, name, tls, times), options);
    refuseHugeFrames(opened.#connection);
    try {
      const lost = opened.lost.then((failure) => Promise.reject(failure));
      await within(Promise.race([opened.#opened, lost]), signal, null);
      return opened;
    } catch (error) {
      opened.#isClosed = true;
      opened.#connection.unsafeDestroy();
      throw error;
    }
  }

  /** Why it ended; null while it is open, and after `close`. */
  get failure(): SinkFailure | null {
    return this.#failure;
  }

  /** Told the broker's reason when it takes nothing for now, and null when it does again. */
  onBlocked(listener: (reason: string | null) => void): void {
    this.#connection.on("connection.blocked", (reason: string) => listener(reason));
    this.#connection.on("connection.unblocked", () => listener(null));
  }

  /** Throws `SinkFailure`. What goes wrong on the channel ends it, and is told by what was asked of it. */
  async channel(): Promise<Channel> {
    try {
      const channel = await this.#connection.acquire({ emitErrorsFromChannel: true });
      // One that nobody waits for; without a listener it would end the connection.
      channel.on("error", () => {});
      return channel;
    } catch (error) {
      throw this.explain(error);
    }
  }

  /** What is sent meanwhile is written as one piece: a system call for each record takes as long as making it. */
  together<T>(send: () => T): T {
    const socket = socketOf(this.#connection);
    socket.cork();
    try {
      return send();
    } finally {
      socket.uncork();
    }
  }

  /** The reason behind an error of a channel: that of the connection where it has ended. */
  explain(error: unknown): SinkFailure {
    return this.#failure ?? toFailure(error, this.#options);
  }

  /** Ends it, in order if the peer still answers; within two seconds in any case. Never rejects. */
  async close(channels: readonly Channel[] = []): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#failure !== null) return;
    const inOrder = Promise.all(channels.map((channel) => channel.close())).then(() =>
      this.#connection.close(),
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, CLOSE_MS);
    });
    // What goes wrong while it ends is of no interest to anybody: it ends.
    await Promise.race([inOrder.catch(() => {}), late]);
    clearTimeout(timer);
    this.#connection.unsafeDestroy();
  }
}

function connect(
  options: RabbitMqOptions,
  name: string,
  tls: TlsOptions | null,
  times: BrokerTimes,
): Connection {
  try {
    return new Connection({
      hostname: options.host,
      port: options.port,
      username: options.user,
      password: options.password,
      vhost: options.vhost,
      connectionName: name,
      heartbeat: times.heartbeatSeconds,
      connectionTimeout: times.connectMs,
      // The connection's own time-out comes first, with a better reason.
      acquireTimeout: times.connectMs + 1_000,
      noDelay: true,
      ...(tls === null ? {} : { tls }),
    });
  } catch (error) {
    throw new SinkFailure(
      "stop",
      `The CA file, the client certificate or its key for TLS with ${options.host} can't be used. They must be PEM files, and the key without a password.`,
      { cause: error },
    );
  }
}

/**
 * The library reads as many bytes as a frame's head says. What is no broker, such as an HTTP server on a port that was
 * mistaken for the broker's, seems to say more than a gigabyte, for which Node throws where nobody can catch it.
 */
function refuseHugeFrames(connection: Connection): void {
  const socket = socketOf(connection);
  const read = socket.read.bind(socket);
  socket.read = (size?: number) => {
    if (size === undefined || size <= MAX_FRAME) return read(size);
    socket.destroy(new SinkFailure("stop", NO_BROKER));
    return null;
  };
}

/** Private to the library, which makes another one only where it connects again by itself: here it never does. */
function socketOf(connection: Connection): Socket {
  return (connection as unknown as { _socket: Socket })._socket;
}

async function readTls({ tls, host }: RabbitMqOptions): Promise<TlsOptions | null> {
  if (tls === null) return null;
  const read = async (what: string, path: string | null): Promise<{ [key in string]?: Buffer }> => {
    if (path === null) return {};
    try {
      return { [what]: await readFile(path) };
    } catch (error) {
      throw new SinkFailure("stop", `The ${NAMES[what]} ${path} for TLS with ${host} can't be read.`, {
        cause: error,
      });
    }
  };
  const parts = await Promise.all([
    read("ca", tls.caFile),
    read("cert", tls.certFile),
    read("key", tls.keyFile),
  ]);
  return Object.assign({}, ...parts) as TlsOptions;
}

const NAMES: Record<string, string> = { ca: "CA file", cert: "client certificate", key: "client key" };
