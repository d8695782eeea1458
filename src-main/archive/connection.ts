import pg from "pg";
import { WaybillError } from "../../src-shared/errors.ts";
import { SECOND_MS } from "../../src-shared/time.ts";
import { SinkFailure } from "../sync/sink.ts";
import { archiveTls, archiveTlsTrouble, splitTls } from "./tls.ts";

type Environment = Readonly<Record<string, string | undefined>>;

const CONNECT_MS = 10 * SECOND_MS;
/** Longer than the server itself gives a statement: this one finds a server that has stopped answering. */
const ANSWER_MS = 150 * SECOND_MS;

/**
 * Where the archive is: a URL that was given, else `DATABASE_URL`, else `DATABASE_HOST` and its companions, else
 * libpq's `PGHOST` and so on; TLS as in `archiveTls`. Null where nothing names one. Throws `invalid` for what can't be read.
 */
export function archiveOptions(environment: Environment, given?: string): pg.ClientConfig | null {
  const url = given ?? text(environment, "DATABASE_URL");
  if (url !== undefined) return splitTls(checkedUrl(url, given === undefined), environment);
  const part = (name: string): string | undefined =>
    text(environment, `DATABASE_${name}`) ?? text(environment, LIBPQ_NAMES[name] ?? "");
  const [host, database] = [part("HOST"), part("NAME")];
  if (host === undefined && database === undefined) return null;
  const port = part("PORT");
  if (port !== undefined && !/^\d{1,5}$/.test(port))
    throw new WaybillError("invalid", `The port of PostgreSQL is "${port}"; it must be a number.`);
  // What is left out is what pg, as libpq does, takes for it.
  return Object.fromEntries(
    Object.entries({
      host,
      database,
      port: port === undefined ? undefined : Number(port),
      user: part("USER"),
      password: part("PASSWORD"),
      ssl: archiveTls(environment),
    }).filter(([, value]) => value !== undefined),
  );
}

const LIBPQ_NAMES: Readonly<Record<string, string>> = {
  HOST: "PGHOST",
  PORT: "PGPORT",
  NAME: "PGDATABASE",
  USER: "PGUSER",
  PASSWORD: "PGPASSWORD",
};

/** A connection of one's own, to be ended by the caller. `name` is what operators see of it. Throws `SinkFailure`. */
export async function openArchive(options: pg.ClientConfig, name: string): Promise<pg.Client> {
  const client = new pg.Client({
    ...options,
    application_name: name,
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: ANSWER_MS,
  });
  // Told by the query that fails of it, too.
  client.on("error", () => {});
  try {
    await client.connect();
    return client;
  } catch (error) {
    void client.end().catch(() => {});
    throw archiveFailure(error, client);
  }
}

/** Where to, for people: without the password. */
export function archiveTarget({ user, host, port, database }: pg.Client): string {
  return `postgres://${user ?? ""}@${host}:${port}/${database ?? ""}`;
}

/** The code of an error of a socket or of PostgreSQL (SQLSTATE); empty where it has none. */
export function archiveErrorCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/**
 * Whether PostgreSQL refuses what it was given, and not to do anything now: data exceptions, constraints, limits of the
 * program, and what a trigger of the operator's raises.
 */
export function isRefusal(error: unknown): boolean {
  return /^(?:21|22|23|44|54)...$|^P0001$/.test(archiveErrorCode(error));
}

/** The error in words for operators. `stop`: only they can help. What PostgreSQL says has no password in it. */
export function archiveFailure(error: unknown, client: pg.Client): SinkFailure {
  if (error instanceof SinkFailure) return error;
  const tls = archiveTlsTrouble(error, `PostgreSQL at ${client.host}`);
  if (tls !== null) return new SinkFailure("stop", tls, { cause: error });
  const [kind, message] = inWords(archiveErrorCode(error), saidBy(error), client);
  return new SinkFailure(kind, message, { cause: error });
}

function inWords(code: string, said: string, client: pg.Client): [SinkFailure["kind"], string] {
  const { host, port, user, database } = client;
  switch (code) {
    case "ECONNREFUSED":
    case "ENOENT":
      return ["retry", `${host} refuses connections on port ${port}: PostgreSQL does not run there.`];
    case "ENOTFOUND":
      return ["retry", `There is no host named ${host}. Look at how the name is written, or at the DNS.`];
    case "28P01":
    case "28000":
      return ["stop", `PostgreSQL at ${host} refuses the user ${user}: ${said}.${hintOfTls(said)}`];
    case "3D000":
      return ["stop", `There is no database ${database} at ${host}:${port}. Make it: createdb ${database}`];
    case "42501":
      return [
        "stop",
        `The user ${user} may not do this in the database ${database}: ${said}. It needs to own the tables, and the first time to make them (GRANT CREATE ON DATABASE and ON SCHEMA public).`,
      ];
    case "53100":
      return ["retry", `The disk of PostgreSQL at ${host} is full.`];
    case "53300":
      return ["retry", `PostgreSQL at ${host} takes no more connections (max_connections).`];
    case "25006":
      return ["retry", `PostgreSQL at ${host} only reads: it is a standby, or was set so.`];
    case "57P01":
    case "57P02":
    case "57P03":
      return ["retry", `PostgreSQL at ${host} is ending or starting: ${said}.`];
    default:
  }
  // A table, column or function is missing, or is another: not what Waybill made.
  if (code.startsWith("42") || code === "3F000")
    return ["stop", `The archive in ${database} is not as Waybill made it: ${said} (${code}).`];
  return ["retry", `PostgreSQL at ${host}:${port} failed: ${said || "no reason was given"}.`];
}

/** What pg_hba.conf may ask for besides the user. */
function hintOfTls(said: string): string {
  if (/no encryption/.test(said)) return " Ask for TLS in the address: ?sslmode=require.";
  if (/client certificate/.test(said))
    return " Give one with its key: ?sslcert=/path/client.pem&sslkey=/path/client.key.";
  return "";
}

function saidBy(error: unknown): string {
  // A host with several addresses fails with all their errors at once.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  const said = first instanceof Error ? first.message : String(first);
  return said.replaceAll(/\s+/g, " ").trim().slice(0, 500);
}

function checkedUrl(url: string, isVariable: boolean): string {
  if (/^postgres(?:ql)?:\/\/\S+$/i.test(url) && URL.canParse(url)) return url;
  const name = isVariable ? "DATABASE_URL" : "The address of the archive";
  throw new WaybillError(
    "invalid",
    `${name} can't be read. Write it like postgres://user:password@host:5432/database, with the characters : / @ # ? % of a name or password percent-encoded.`,
  );
}

function text(environment: Environment, name: string): string | undefined {
  return environment[name]?.trim() || undefined;
}
