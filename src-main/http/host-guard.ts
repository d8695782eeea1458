import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { hostname } from "node:os";
import { WaybillError } from "../../src-shared/errors.ts";

const HOST = /^(\[[0-9a-f:.]+\]|[^:[\]/@\s]+)(?::(\d{1,5}))?$/i;
const HTTP_PORT = 80;
const HTTPS_PORT = 443;
const WILDCARDS: ReadonlySet<string> = new Set(["0.0.0.0", "::", ""]);

export function isLoopback(host: string): boolean {
  const name = unbracket(host).toLowerCase();
  return name === "localhost" || name === "::1" || (isIP(name) === 4 && name.startsWith("127."));
}

function unbracket(host: string): string {
  return host.startsWith("[") ? host.slice(1, -1) : host;
}

/**
 * Whether `name` may be what a browser believes to talk to. A page whose own name was rebound to
 * this machine arrives with that name, so names are taken only where they are known; an address
 * can't be rebound.
 */
function isOurName(name: string, boundTo: string): boolean {
  if (isLoopback(name)) return true;
  const wanted = unbracket(name).toLowerCase();
  if (wanted === unbracket(boundTo).toLowerCase()) return true;
  return WILDCARDS.has(boundTo) && (isIP(wanted) !== 0 || wanted === hostname().toLowerCase());
}

/** The certificate that the host shows; null where it speaks plain HTTP. */
type Shown = { covers: (name: string) => boolean } | null;

/**
 * Refuses requests that a page on another site may have sent: a foreign `Host` (a rebound name),
 * a foreign `Origin`, or what the browser itself says comes from elsewhere. A name that the certificate is for
 * is ours as well: under another's name a browser would not have come through. Throws `forbidden`.
 */
export function assertOwnHostAndOrigin(request: IncomingMessage, boundTo: string, shown: Shown = null): void {
  const { host = "", origin } = request.headers;
  const [, name = "", port = String(shown === null ? HTTP_PORT : HTTPS_PORT)] = HOST.exec(host) ?? [];
  const isOurs = isOurName(name, boundTo) || shown?.covers(unbracket(name)) === true;
  if (name === "" || Number(port) !== request.socket.localPort || !isOurs) {
    throw new WaybillError(
      "forbidden",
      `Waybill does not answer to the name "${host}". Use the address that it printed when it started.`,
    );
  }
  const scheme = shown === null ? "http" : "https";
  if (origin !== undefined && origin.toLowerCase() !== `${scheme}://${host.toLowerCase()}`) {
    throw new WaybillError("forbidden", `Pages of ${origin} may not use Waybill: only its own UI may.`);
  }
  // A GET from another page of this machine carries no Origin, but browsers mark it.
  const site = request.headers["sec-fetch-site"];
  const foreign = site === "cross-site" || site === "same-site";
  if (foreign && request.headers["sec-fetch-mode"] !== "navigate") {
    throw new WaybillError("forbidden", "Pages of another site may not use Waybill: only its own UI may.");
  }
}
