import { tlsTrouble } from "../sync/tls-trouble.ts";
import type { RedisOptions } from "./config.ts";

/** What Redis answers instead, by the word that names it, also from within a script, and what to do. */
const REPLIES: readonly (readonly [RegExp, string])[] = [
  [/\b(WRONGPASS|NOAUTH)\b/, "Redis does not take the user or the password of REDIS_URL."],
  [/\bNOPERM\b/, "The user of REDIS_URL may not use a command or a key that Waybill needs in Redis."],
  [/\bOOM\b/, "Redis has no memory left. Give it more, or let it evict keys."],
  [/\b(READONLY|MASTERDOWN)\b/, "This Redis is a replica. Name its primary in REDIS_URL."],
  [/\bLOADING\b/, "Redis is reading its data and takes nothing yet."],
  [/\bMISCONF\b/, "Redis can't write to its disk and so takes nothing. Look at its log."],
  [/\bWRONGTYPE\b/, "A key that Waybill needs holds a value of another type in Redis."],
  [/\bLEASELOST\b/, "Another host takes in under the same name now."],
  [/\bERR DB index\b/, "Redis has no database of the number in REDIS_URL."],
];

const CERTIFICATE = "Give one with its key: REDIS_CERT_FILE and REDIS_KEY_FILE.";
const PLAIN = "Use Redis's TLS port (tls-port), or redis:// in REDIS_URL.";

/**
 * Why Redis did not do what it was asked, in words for operators. `cause` is what ended the connection, where
 * something did. Never with what a command held: that may be a password or somebody's message.
 */
export function describeTrouble(error: unknown, cause: unknown, { host, port, tls }: RedisOptions): string {
  if (isReply(error)) return describeReply(error.message);
  if (isReply(cause)) return describeReply(cause.message);
  switch (codeOf(cause) || codeOf(error)) {
    case "ECONNREFUSED":
      return `${host} refuses connections on port ${port}: Redis does not run there, or listens on another port.`;
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return `There is no host named ${host}. Look at how the name is written in REDIS_URL, or at this machine's DNS.`;
    case "ETIMEDOUT":
      // A port without TLS waits for the rest of what it takes for a command.
      return `${host} does not answer on port ${port}.${tls === null ? "" : ` If that port does not speak TLS: ${PLAIN}`}`;
    case "EHOSTUNREACH":
    case "ENETUNREACH":
      return `${host} does not answer on port ${port}.`;
  }
  const trouble = tlsTrouble(cause, {
    server: `Redis at ${host}`,
    authority: "Name that authority's certificate as REDIS_CA_FILE.",
    client: CERTIFICATE,
    plain: PLAIN,
  });
  if (trouble !== null) return trouble;
  if (isError(error) && error.message === "Command timed out") return `${host} did not answer in time.`;
  // Its refusal may be lost behind the end of the connection.
  const hint = tls?.certFile === null ? ` If it wants a client certificate: ${CERTIFICATE}` : "";
  return `There is no connection to Redis at ${host}, port ${port}, now.${hint}`;
}

function describeReply(message: string): string {
  const known = REPLIES.find(([pattern]) => pattern.test(message));
  return (
    known?.[1] ?? `Redis refused a command of Waybill's: ${message.split(" ", 1)[0] || "it gave no reason"}.`
  );
}

function isReply(error: unknown): error is Error {
  return isError(error) && error.name === "ReplyError";
}

function isError(error: unknown): error is Error {
  return error instanceof Error;
}

/** Of an error, or of the first of several, as when a name has more than one address. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return codeOf(error.errors[0]);
  return isError(error) && "code" in error && typeof error.code === "string" ? error.code : "";
}
