import { WaybillError } from "../../src-shared/errors.ts";
import { DAY_MS, HOUR_MS, SECOND_MS } from "../../src-shared/time.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

export type RedisOptions = {
  host: string;
  port: number;
  database: number;
  /** Null for Redis's default user. */
  user: string | null;
  password: string | null;
  /** Null for a plain connection; files are paths of PEM files. */
  tls: { caFile: string | null; certFile: string | null; keyFile: string | null } | null;
};

/** How long the context of a chat is kept, in seconds, and how many turns of it. */
export type ContextSettings = {
  userDataSeconds: number;
  historySeconds: number;
  memorySeconds: number;
  historyLength: number;
};

const PLAIN_PORT = 6_379;
const LONGEST_SECONDS = (3_650 * DAY_MS) / SECOND_MS;
const MOST_TURNS = 100_000;

/** Null without REDIS_URL. Throws `invalid`, without what may be secret. */
export function redisOptions(environment: Environment): RedisOptions | null {
  const value = environment.REDIS_URL?.trim();
  if (!value) return null;
  const url = URL.parse(value);
  if (url === null || !/^rediss?:$/.test(url.protocol) || url.hostname === "") {
    throw invalid(
      "REDIS_URL can't be read. Write it like redis://user:password@host:6379/0, or rediss:// for TLS, with the characters : / @ # ? % of a name or password percent-encoded.",
    );
  }
  const database = url.pathname.replace(/^\//, "") || "0";
  if (!/^\d{1,5}$/.test(database)) throw invalid("REDIS_URL must end with a database's number, such as /0.");
  return {
    host: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? PLAIN_PORT : Number(url.port),
    database: Number(database),
    user: decoded(url.username) || null,
    password: decoded(url.password) || null,
    tls: tlsFiles(environment, url.protocol === "rediss:"),
  };
}

function tlsFiles(environment: Environment, isTls: boolean): RedisOptions["tls"] {
  const file = (name: string): string | null => environment[name]?.trim() || null;
  const caFile = file("REDIS_CA_FILE");
  const [certFile, keyFile] = [file("REDIS_CERT_FILE"), file("REDIS_KEY_FILE")];
  if ((certFile === null) !== (keyFile === null)) {
    throw invalid(
      "REDIS_CERT_FILE and REDIS_KEY_FILE go together: give the client certificate and its key, or neither.",
    );
  }
  if (!isTls && caFile !== null) throw invalid("REDIS_CA_FILE is for TLS: write REDIS_URL with rediss://.");
  return isTls ? { caFile, certFile, keyFile } : null;
}

/** Throws `invalid`. */
export function contextSettings(environment: Environment): ContextSettings {
  const seconds = (name: string, usual: number): number =>
    wholeNumber(environment, name, usual, LONGEST_SECONDS);
  return {
    userDataSeconds: seconds("REDIS_USER_DATA_TTL", HOUR_MS / SECOND_MS),
    historySeconds: seconds("REDIS_CHAT_HISTORY_TTL", DAY_MS / SECOND_MS),
    memorySeconds: seconds("REDIS_MEMORY_TTL", (7 * DAY_MS) / SECOND_MS),
    historyLength: wholeNumber(environment, "REDIS_CHAT_HISTORY_LENGTH", 200, MOST_TURNS),
  };
}

/** What other programs put into Redis to be logged: a list, or a stream that a group of consumers shares. */
export type IngestSources = { queue: string | null; stream: string | null; group: string };

export function ingestSources(environment: Environment): IngestSources {
  return {
    queue: environment.REDIS_QUEUE?.trim() || null,
    stream: environment.REDIS_STREAM?.trim() || null,
    group: environment.REDIS_GROUP?.trim() || "waybill",
  };
}

function wholeNumber(environment: Environment, name: string, usual: number, most: number): number {
  const text = environment[name]?.trim();
  if (!text) return usual;
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= most) return value;
  throw invalid(`${name} is "${text}"; it must be a whole number from 1 to ${most}.`);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // Not with the part itself: it may be the password.
    throw invalid(
      "REDIS_URL has a % that is not followed by two hexadecimal digits; write a plain % as %25.",
    );
  }
}

function invalid(message: string): WaybillError {
  return new WaybillError("invalid", message);
}
