import pg from "pg";
import { WaybillError } from "../../../src-shared/errors.ts";
import { SECOND_MS } from "../../../src-shared/time.ts";
import { archiveErrorCode } from "../connection.ts";
import { archiveTlsTrouble } from "../tls.ts";

/** A statement that takes longer is given up by PostgreSQL: a team's reads must not pile up behind it. */
const STATEMENT_MS = 20 * SECOND_MS;
/** For a connection, whether a new one or one of those that others use now. */
const CONNECT_MS = 10 * SECOND_MS;
/** PostgreSQL's own limit may not reach us, as where the network went away without a word. */
const ANSWER_MS = STATEMENT_MS + CONNECT_MS;
const CONNECTIONS = 8;

export type Values = readonly unknown[];

/** Reads of one archive, on a few connections that come back by themselves when the server does. */
export class ArchiveDatabase {
  readonly #pool: pg.Pool;
  readonly #clients = new Set<pg.Client>();
  #closing: Promise<void> | null = null;

  constructor(options: pg.ClientConfig) {
    this.#pool = new pg.Pool({
      ...readingOptions(options),
      max: CONNECTIONS,
      query_timeout: ANSWER_MS,
      allowExitOnIdle: true,
      // Whatever its user may do, this host only reads. The pool waits for it, though its type does not say so.
      onConnect: (client) => client.query("SET default_transaction_read_only = on"),
    });
    // A connection that breaks while nobody uses it: the next read makes another.
    this.#pool.on("error", () => {});
    // They are whole clients, which the pool's types do not say.
    this.#pool.on("connect", (client) => this.#clients.add(client as unknown as pg.Client));
    this.#pool.on("remove", (client) => this.#clients.delete(client as unknown as pg.Client));
  }

  /** Rejects with `unavailable` where the archive can't be read now, or takes too long. */
  async rows<R extends pg.QueryResultRow>(text: string, values: Values = []): Promise<R[]> {
    try {
      return (await this.#pool.query<R>(text, [...values])).rows;
    } catch (error) {
      throw toReaderError(error);
    }
  }

  /** The first row of those that a statement gives. Throws where it gives none. */
  async row<R extends pg.QueryResultRow>(text: string, values: Values = []): Promise<R> {
    const [first] = await this.rows<R>(text, values);
    if (first === undefined) throw new Error("The statement gave no row");
    return first;
  }

  /** Ends the connections, also under reads that still wait: these reject. Calling it again waits for the same. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const ended = this.#pool.end();
    // The pool alone would wait for the slowest read.
    for (const client of this.#clients) client.end().catch(() => {});
    await ended;
  }
}

/** A connection that gives up what takes too long. */
export function readingOptions(options: pg.ClientConfig): pg.ClientConfig {
  return {
    ...options,
    application_name: "waybill serve",
    connectionTimeoutMillis: CONNECT_MS,
    statement_timeout: STATEMENT_MS,
    keepAlive: true,
  };
}

const QUERY_CANCELED = "57014";
const UNDEFINED_TABLE = "42P01";
const UNDEFINED_COLUMN = "42703";
const INSUFFICIENT_PRIVILEGE = "42501";
/** Classes of SQLSTATE that tell of the connection or the server, not of the statement. */
const OUT_OF_REACH = /^(08|28|3D|53|57P|58)/;

function toReaderError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = archiveErrorCode(error);
  if (code === QUERY_CANCELED || error.message === "Query read timeout") return tooLong(error);
  if (code === UNDEFINED_TABLE || code === UNDEFINED_COLUMN) {
    return new WaybillError(
      "unavailable",
      "The database has not the tables of this version of Waybill. Start `waybill consume` on it, which makes them.",
      { cause: error },
    );
  }
  if (code === INSUFFICIENT_PRIVILEGE) {
    return new WaybillError(
      "unavailable",
      "The archive's user may not read it: GRANT USAGE ON SCHEMA waybill, SELECT ON ALL TABLES IN SCHEMA public and ON waybill.migrations, waybill.unworded, waybill.wording, waybill.uncounted, waybill.counting.",
      { cause: error },
    );
  }
  const tls = archiveTlsTrouble(error, "the archive");
  if (tls !== null) return new WaybillError("unavailable", tls, { cause: error });
  // What is no answer of PostgreSQL's comes from the way to it.
  if (!(error instanceof pg.DatabaseError) || OUT_OF_REACH.test(code)) {
    return new WaybillError("unavailable", "The archive can't be reached now. Try again in a moment.", {
      cause: error,
    });
  }
  return error;
}

/** For a read that took more time than a team's archive has for it. */
export function tooLong(cause?: unknown): WaybillError {
  return new WaybillError(
    "unavailable",
    "This takes too long on an archive of this size. Narrow it to a time, as with after:7d, or to a session or a status.",
    { cause },
  );
}
