import { createPrivateKey, X509Certificate } from "node:crypto";
import { unwatchFile, watchFile } from "node:fs";
import { readFile } from "node:fs/promises";
import type { Server, ServerOptions } from "node:https";
import { isIP } from "node:net";
import { createSecureContext } from "node:tls";
import { WaybillError } from "../../src-shared/errors.ts";
import { SECOND_MS } from "../../src-shared/time.ts";
import { errnoOf } from "../api/atomic-file.ts";
import { HEADERS_TIMEOUT_MS } from "./limits.ts";

/** Paths of PEM files. `ca`: only clients with a certificate of this authority are let in; null for any client. */
export type TlsFiles = { cert: string; key: string; ca: string | null };

/** How often it is looked whether a file was renewed. */
const WATCH_MS = 5 * SECOND_MS;

type Content = { cert: Buffer; key: Buffer; ca: Buffer | undefined; certificate: X509Certificate };

/** The certificate that the host shows, which follows its files as they are renewed. */
export class Tls {
  readonly #files: TlsFiles;
  #content: Content;

  private constructor(files: TlsFiles, content: Content) {
    this.#files = files;
    this.#content = content;
  }

  /** Throws `invalid` with a sentence that names the file which is not right. */
  static async open(files: TlsFiles): Promise<Tls> {
    return new Tls(files, await readContent(files));
  }

  get options(): ServerOptions {
    const { cert, key, ca } = this.#content;
    return {
      cert,
      key,
      ...(ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true }),
      // As for headers: a client that never says hello holds no connection.
      handshakeTimeout: HEADERS_TIMEOUT_MS,
    };
  }

  /** Whether the certificate is for this name or address, so that nobody else can answer under it. */
  covers(host: string): boolean {
    const { certificate } = this.#content;
    const name =
      isIP(host) === 0 ? certificate.checkHost(host, { subject: "never" }) : certificate.checkIP(host);
    return name !== undefined;
  }

  /** The first name that the certificate is for, wildcards left out; null where it has none. */
  get name(): string | null {
    const names = this.#content.certificate.subjectAltName?.matchAll(/DNS:([^*,\s"]+)(?=,|$)/g) ?? [];
    for (const [, name] of names) if (name !== undefined) return name;
    return null;
  }

  /**
   * Takes up renewed files, when they change or `renew` is called, for connections that come then. A pair that is
   * not right, such as one that is half replaced, is told, and the one in use stays.
   */
  follow(server: Pick<Server, "setSecureContext">, tell: (sentence: string) => void): Followed {
    const renew = async (): Promise<void> => {
      try {
        const content = await readContent(this.#files);
        const { cert, key, ca } = content;
        server.setSecureContext(ca === undefined ? { cert, key } : { cert, key, ca });
        this.#content = content;
      } catch (error) {
        tell(`${error instanceof Error ? error.message : String(error)} The certificate in use stays.`);
      }
    };
    const changed = (): void => void renew();
    const paths = [this.#files.cert, this.#files.key, this.#files.ca].filter((path) => path !== null);
    for (const path of paths) watchFile(path, { interval: WATCH_MS, persistent: false }, changed);
    const stop = (): void => {
      for (const path of paths) unwatchFile(path, changed);
    };
    return { renew, stop };
  }
}

type Followed = { renew: () => Promise<void>; stop: () => void };

async function readContent({ cert, key, ca }: TlsFiles): Promise<Content> {
  const content = {
    cert: await readPem(cert, "certificate"),
    key: await readPem(key, "key"),
    ca: ca === null ? undefined : await readPem(ca, "authority"),
  };
  const certificate = parse(cert, "is no certificate in PEM form", () => new X509Certificate(content.cert));
  const privateKey = parse(key, "is no private key in PEM form without a passphrase", () =>
    createPrivateKey(content.key),
  );
  if (content.ca !== undefined)
    parse(ca ?? "", "is no certificate in PEM form", () => new X509Certificate(content.ca ?? ""));
  if (!certificate.checkPrivateKey(privateKey))
    throw invalid(`${key} is not the key of ${cert}: give the pair that belongs together.`);
  if (certificate.validToDate.getTime() <= Date.now())
    throw invalid(`${cert} expired at ${certificate.validToDate.toISOString()}: renew it.`);
  parse(cert, "can't be used", () => createSecureContext(content));
  return { ...content, certificate };
}

async function readPem(path: string, what: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw invalid(`The TLS ${what} file ${path} can't be read (${errnoOf(error)}).`, error);
  }
}

function parse<T>(path: string, fault: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw invalid(`${path} ${fault} (${error instanceof Error ? error.message : String(error)}).`, error);
  }
}

function invalid(message: string, cause?: unknown): WaybillError {
  return new WaybillError("invalid", message, { cause });
}
