import type { RabbitMqSettings } from "../../../src-shared/contract/sync-settings.ts";
import { WaybillError } from "../../../src-shared/errors.ts";
import type { RabbitMqOptions } from "../sink.ts";

type Environment = Readonly<Record<string, string | undefined>>;
type Address = Pick<RabbitMqOptions, "host" | "port" | "vhost" | "user" | "password"> & { isTls: boolean };

const PLAIN_PORT = 5672;
const TLS_PORT = 5671;
/** What a new broker has; it lets them in from its own machine only. */
const FIRST_USER = "guest";
const FIRST_PASSWORD = "guest";

/**
 * What the environment and the settings say of RabbitMQ together, the environment first; null where
 * neither names a broker. Whether it is switched on is not asked here. Throws `invalid` with the name of the variable that can't be read.
 */
export function rabbitmqOptions(
  environment: Environment,
  settings: RabbitMqSettings,
  password: string | null,
): RabbitMqOptions | null {
  const url = text(environment, "RABBITMQ_URL");
  const host = text(environment, "RABBITMQ_HOST") ?? settings.host;
  if (url === null && host === null) return null;
  const caFile = text(environment, "RABBITMQ_CA_FILE") ?? settings.ca_file;
  const certFile = text(environment, "RABBITMQ_CERT_FILE") ?? settings.cert_file;
  const keyFile = text(environment, "RABBITMQ_KEY_FILE") ?? settings.key_file;
  if ((certFile === null) !== (keyFile === null)) {
    throw invalid(
      "RABBITMQ_CERT_FILE and RABBITMQ_KEY_FILE go together: give the client certificate and its key, or neither.",
    );
  }
  const address = url === null ? byParts(environment, settings, host ?? "", password) : byUrl(url, password);
  const { isTls, ...rest } = address;
  if (!isTls && text(environment, "RABBITMQ_CA_FILE") !== null) {
    throw invalid("RABBITMQ_CA_FILE is for TLS: write RABBITMQ_URL with amqps://, or switch TLS on.");
  }
  return { ...rest, tls: isTls ? { caFile, certFile, keyFile } : null, queueType: settings.queue_type };
}

/** Where to, for people: without the password. */
export function targetOf(options: RabbitMqOptions): string {
  const scheme = options.tls === null ? "amqp" : "amqps";
  const host = options.host.includes(":") ? `[${options.host}]` : options.host;
  const vhost = options.vhost === "/" ? "" : `/${encodeURIComponent(options.vhost)}`;
  return `${scheme}://${encodeURIComponent(options.user)}@${host}:${options.port}${vhost}`;
}

function byParts(
  environment: Environment,
  settings: RabbitMqSettings,
  host: string,
  password: string | null,
): Address {
  const isTls = settings.tls;
  return {
    host: plainHost(host),
    port: portOf(environment) ?? settings.port ?? (isTls ? TLS_PORT : PLAIN_PORT),
    user: text(environment, "RABBITMQ_USER") ?? settings.user ?? FIRST_USER,
    password: environment.RABBITMQ_PASSWORD || password || FIRST_PASSWORD,
    vhost: text(environment, "RABBITMQ_VHOST") ?? settings.vhost ?? "/",
    isTls,
  };
}

/**
 * By the AMQP URI specification: all parts are percent-encoded; no path is the vhost "/", and a path of one slash
 * the vhost without a name, which RabbitMQ does not have, so that it is read as "/" too.
 */
function byUrl(value: string, password: string | null): Address {
  // Not by `new URL(value).username` and so on: it takes a raw "%" or "/" of a password for something else silently.
  const match =
    /^(?<scheme>amqps?):\/\/(?:(?<user>[^:@/]*)(?::(?<secret>[^@/]*))?@)?(?<host>\[[0-9a-f:.]+\]|[^:@/?#[\]\s]*)(?::(?<port>\d*))?(?:\/(?<vhost>[^/?#]*))?(?:\?[^#]*)?$/i.exec(
      value,
    );
  const parts = match?.groups;
  if (parts === undefined || (parts.host === "" && parts.user === undefined)) {
    throw invalid(
      "RABBITMQ_URL can't be read. Write it like amqp://user:password@host:5672/vhost, with the characters : / @ # ? % of a name or password percent-encoded (%2F for /).",
    );
  }
  const isTls = parts.scheme?.toLowerCase() === "amqps";
  const port = parts.port ? Number(parts.port) : isTls ? TLS_PORT : PLAIN_PORT;
  if (!isPort(port)) throw invalid("RABBITMQ_URL has a port that is not between 1 and 65535.");
  return {
    host: plainHost(decoded(parts.host || "localhost")),
    port,
    user: decoded(parts.user || FIRST_USER),
    password: parts.secret === undefined ? (password ?? FIRST_PASSWORD) : decoded(parts.secret),
    vhost: decoded(parts.vhost || "%2F"),
    isTls,
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    // Not with the part itself: it may be the password.
    throw invalid(
      "RABBITMQ_URL has a % that is not followed by two hexadecimal digits; write a plain % as %25.",
    );
  }
}

function portOf(environment: Environment): number | null {
  const value = text(environment, "RABBITMQ_PORT");
  if (value === null) return null;
  const port = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (!isPort(port)) throw invalid(`RABBITMQ_PORT is "${value}"; it must be a number from 1 to 65535.`);
  return port;
}

function isPort(port: number): boolean {
  return port >= 1 && port <= 65_535;
}

/** An IPv6 address is in brackets in a URL, and without them for a socket. */
function plainHost(host: string): string {
  if (/[/@\s]/.test(host)) {
    throw invalid("RABBITMQ_HOST must be a name or an address alone; for a URL there is RABBITMQ_URL.");
  }
  return host.startsWith("[") && host.endsWith("]") ? host.slice(1, -1) : host;
}

function text(environment: Environment, name: string): string | null {
  return environment[name]?.trim() || null;
}

function invalid(message: string): WaybillError {
  return new WaybillError("invalid", message);
}
