import type { Server } from "node:https";
import { isIPv6 } from "node:net";
import type { FastifyInstance } from "fastify";
import { isLoopback } from "../http/host-guard.ts";
import { Tls, type TlsFiles } from "../http/tls.ts";
import { UsageError } from "./failures.ts";

export type BindingOptions = {
  host: string;
  tlsCert?: string | undefined;
  tlsKey?: string | undefined;
  tlsCa?: string | undefined;
  insecureBind: boolean;
};

/**
 * The certificate to listen with; null for plain HTTP, which others than this machine may use only where the operator
 * says so. Throws `UsageError`.
 */
export async function openBinding(options: BindingOptions): Promise<Tls | null> {
  const files = tlsFiles(options);
  if (files !== null) return openTls(files);
  if (!isLoopback(options.host) && !options.insecureBind) {
    throw new UsageError(
      `on ${options.host} others could read what is sent to this host: give it a certificate with --tls-cert FILE --tls-key FILE, or say --insecure-bind to listen without encryption.`,
    );
  }
  return null;
}

function tlsFiles({ tlsCert, tlsKey, tlsCa }: BindingOptions): TlsFiles | null {
  if (tlsCert !== undefined && tlsKey !== undefined) return { cert: tlsCert, key: tlsKey, ca: tlsCa ?? null };
  if (tlsCert === undefined && tlsKey === undefined && tlsCa === undefined) return null;
  throw new UsageError("TLS needs both the certificate and its key: --tls-cert FILE --tls-key FILE.");
}

async function openTls(files: TlsFiles): Promise<Tls> {
  try {
    return await Tls.open(files);
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

/** Where the host answers, by a name that its certificate is for where it has one. */
export function addressOf(host: string, port: number, tls: Pick<Tls, "covers" | "name"> | null): string {
  const local = host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
  const shown = tls === null || tls.covers(local) ? local : (tls.name ?? local);
  return `${tls === null ? "http" : "https"}://${isIPv6(shown) ? `[${shown}]` : shown}:${port}`;
}

/** A host that shows a certificate takes up a renewed one when its files change, and at once on SIGHUP. */
export function followRenewals(
  tls: Tls,
  server: FastifyInstance,
  stopping: AbortSignal,
  tell: (sentence: string) => void,
): void {
  // With a certificate the server is one of https, which its type does not tell.
  const { renew, stop } = tls.follow(server.server as unknown as Server, tell);
  process.on("SIGHUP", () => void renew());
  stopping.addEventListener("abort", stop);
}
