import { type RabbitMqOptions, SinkFailure } from "../sink.ts";
import { targetOf } from "./config.ts";

type Kind = SinkFailure["kind"];
type Words = { kind: Kind; message: string };

/** The code of an error of a socket, of TLS or of AMQP (by its name, such as ACCESS_REFUSED); empty where it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

/**
 * The error of a connection or a channel, sorted and in words for operators. What the broker says is told with it:
 * it names users and queues, but never a password.
 * `wasOpen`: the broker had let the connection in before.
 */
export function toFailure(error: unknown, options: RabbitMqOptions, wasOpen = true): SinkFailure {
  if (error instanceof SinkFailure) return error;
  const code = codeOf(error);
  const { kind, message } =
    (wasOpen ? null : ofSilence(code, options)) ?? inWords(code, textOf(error), options);
  return new SinkFailure(kind, message, { cause: error });
}

function inWords(code: string, text: string, options: RabbitMqOptions): Words {
  return (
    ofSocket(code, options) ??
    ofTls(code, text, options) ??
    ofAmqp(code, text, options) ?? {
      kind: "retry",
      message: `The connection to ${targetOf(options)} failed: ${text || code || "no reason was given"}.`,
    }
  );
}

/** What answers the greeting by hanging up is no broker, or one that wants TLS on this port. */
function ofSilence(code: string, { host, port, tls }: RabbitMqOptions): Words | null {
  if (!["ECONNRESET", "EPIPE", "CONN_CLOSE", "READ_END"].includes(code)) return null;
  const hint =
    tls === null
      ? "If this is the broker's TLS port, switch TLS on (amqps://)."
      : "It may be starting or ending, or want no TLS on this port.";
  return {
    kind: "retry",
    message: `${host} ended the connection on port ${port} before it let Waybill in. ${hint}`,
  };
}

function ofSocket(code: string, options: RabbitMqOptions): Words | null {
  const { host, port } = options;
  const retry = (message: string): Words => ({ kind: "retry", message });
  switch (code) {
    case "ECONNREFUSED":
      return retry(
        `${host} refuses connections on port ${port}: RabbitMQ does not run there, or listens on another port.`,
      );
    case "ENOTFOUND":
      return retry(
        `There is no host named ${host}. Look at how the name is written, or at this machine's DNS.`,
      );
    case "EAI_AGAIN":
      return retry(`The name ${host} can't be looked up now: this machine's DNS does not answer.`);
    case "ETIMEDOUT":
    case "CONNECTION_TIMEOUT":
    case "TIMEOUT":
      return retry(
        `${host} does not answer on port ${port}. It may be down, or a firewall drops what is sent to it.`,
      );
    case "EHOSTUNREACH":
    case "ENETUNREACH":
    case "ENETDOWN":
      return retry(`There is no way to ${host} from here now: the network is down, or has no route to it.`);
    case "SOCKET_TIMEOUT":
      return retry(`${host} has stopped answering: no sign of life came back over the open connection.`);
    case "ECONNRESET":
    case "EPIPE":
    case "CONN_CLOSE":
    case "READ_END":
      return retry(`The connection to ${host}:${port} was ended from the other side.`);
    default:
      return null;
  }
}

/** What Node and OpenSSL report of certificates and handshakes. */
function ofTls(code: string, text: string, options: RabbitMqOptions): Words | null {
  const { host, port } = options;
  const stop = (message: string): Words => ({ kind: "stop", message });
  switch (code) {
    case "SELF_SIGNED_CERT_IN_CHAIN":
    case "DEPTH_ZERO_SELF_SIGNED_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT":
    case "UNABLE_TO_GET_ISSUER_CERT_LOCALLY":
    case "UNABLE_TO_VERIFY_LEAF_SIGNATURE":
    case "CERT_SIGNATURE_FAILURE":
    case "CERT_UNTRUSTED":
      return stop(
        `The certificate of ${host} is signed by an authority that is not known here. Give that authority's certificate as the CA file (RABBITMQ_CA_FILE).`,
      );
    case "CERT_HAS_EXPIRED":
      return stop(`The certificate of ${host} has expired. It has to be renewed at the broker.`);
    case "CERT_NOT_YET_VALID":
      return stop(`The certificate of ${host} is not valid yet. Look at the clocks of both machines.`);
    case "ERR_TLS_CERT_ALTNAME_INVALID":
      return stop(
        `The certificate of ${host} is for another name. Connect by a name that is in the certificate.`,
      );
    default:
  }
  // Node tells of this one as EPROTO, too.
  if (/wrong.version.number|packet.length.too.long|record.layer.failure/i.test(`${code} ${text}`)) {
    return stop(
      `Port ${port} of ${host} does not speak TLS. Use the broker's TLS port (usually 5671), or amqp:// without TLS.`,
    );
  }
  if (/ALERT.*(CERTIFICATE_REQUIRED|HANDSHAKE_FAILURE)/i.test(code) || /certificate required/i.test(text)) {
    return stop(
      options.tls?.certFile
        ? `${host} does not accept the client certificate ${options.tls.certFile}.`
        : `${host} wants a client certificate. Give one with its key (RABBITMQ_CERT_FILE and RABBITMQ_KEY_FILE).`,
    );
  }
  if (/ALERT.*(UNKNOWN_CA|BAD_CERTIFICATE|CERTIFICATE_(EXPIRED|REVOKED|UNKNOWN))/i.test(code)) {
    return stop(
      `${host} does not accept the client certificate ${options.tls?.certFile ?? ""}: it is expired, revoked, or signed by an authority that the broker does not know.`,
    );
  }
  if (code === "EPROTO" || /^ERR_(OSSL|SSL|TLS)/.test(code)) {
    return stop(`TLS with ${host} does not come about: ${text}.`);
  }
  return null;
}

function ofAmqp(code: string, text: string, options: RabbitMqOptions): Words | null {
  const { user, vhost, host } = options;
  const retry = (message: string): Words => ({ kind: "retry", message });
  const stop = (message: string): Words => ({ kind: "stop", message });
  // After "ExchangeDeclare: ACCESS_REFUSED - " comes what the broker has to say.
  const said = text.replace(/^\w*: /, "").replace(/^[A-Z_]+ - /, "");
  switch (code) {
    case "ACCESS_REFUSED":
      if (!/login was refused/i.test(text)) {
        return stop(
          `The user ${user} may not do this at the broker: ${said}. It needs the permissions configure, write and read for waybill.messages, message_storage and message_processing in the vhost ${vhost}.`,
        );
      }
      return stop(
        user === "guest"
          ? `${host} refuses the user guest: the password is wrong, or it comes from another machine, from which guest is not let in. Make a user for Waybill there.`
          : `${host} refuses the user ${user}: the name or the password is wrong.`,
      );
    case "NOT_ALLOWED":
      if (/limit/i.test(text)) return retry(`${host} takes no more connections: ${said}.`);
      if (/not found/i.test(text))
        return stop(`There is no vhost ${vhost} at ${host}. Make it, or name another.`);
      return stop(`The user ${user} may not use the vhost ${vhost} at ${host}: ${said}.`);
    case "PRECONDITION_FAILED":
      return ofOtherArguments(said);
    case "NOT_FOUND":
      return retry(`Something that Waybill needs is gone from the broker, and is made anew: ${said}.`);
    case "CONNECTION_FORCED":
      return retry(`${host} has ended the connection: ${said}.`);
    case "RESOURCE_LOCKED":
      return stop(`Another connection has a queue for itself alone: ${said}. Delete that queue.`);
    case "VERSION_MISMATCH":
      return stop(`What answers at ${host}:${options.port} does not speak AMQP 0-9-1.`);
    case "NACK":
      return retry(`${host} refused records, as when a queue is full or has lost the majority of its nodes.`);
    case "INTERNAL_ERROR":
      return retry(`${host} met an error of its own: ${said}.`);
    default:
      return null;
  }
}

/** A queue or the exchange exists, and not as Waybill declares it: "inequivalent arg 'durable' for queue 'q' in vhost …". */
function ofOtherArguments(said: string): Words {
  const [, argument = "", kind = "", name = ""] =
    /inequivalent arg '([^']*)' for (\w+) '([^']*)'/.exec(said) ?? [];
  if (argument === "x-queue-type") {
    const wanted = /received (?:the value )?'(\w+)'/.exec(said)?.[1] ?? "another type";
    const current = /current is (?:the value )?'(\w+)'/.exec(said)?.[1] ?? "classic";
    return {
      kind: "stop",
      message: `The queue ${name} is a ${current} queue, and the settings ask for ${wanted}. Set the queue type to ${current} in the settings of RabbitMQ, or delete the queue once it is empty; it is then made anew.`,
    };
  }
  if (argument !== "") {
    return {
      kind: "stop",
      message: `The ${kind} ${name} exists with another ${argument} than Waybill declares (${said}). Delete it${kind === "queue" ? " once it is empty" : ""}, and it is made anew; limits and the like belong in a policy.`,
    };
  }
  return { kind: "stop", message: `The broker refuses what Waybill declares: ${said}.` };
}

function textOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, " ").trim();
}
