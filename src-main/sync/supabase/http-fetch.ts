import { Agent as HttpAgent, request as httpRequest, type RequestOptions } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";

export type HttpFetch = {
  /** For what supabase-js sends: text bodies, whole answers. Redirects are not followed. */
  fetch: typeof fetch;
  /** Ends all connections. */
  close: () => void;
};

/** Kept open and used again. */
const MOST_SOCKETS = 4;

/**
 * `fetch` over node:https, because Node's own takes no authority of a self-hosted project without another package.
 * `ca` is PEM, instead of the authorities that Node knows.
 */
export function createHttpFetch(ca: string | null): HttpFetch {
  const authority = ca === null ? {} : { ca };
  const http = new HttpAgent({ keepAlive: true, maxSockets: MOST_SOCKETS });
  const https = new HttpsAgent({ keepAlive: true, maxSockets: MOST_SOCKETS, ...authority });

  const send = (url: URL, init: RequestInit, isAgain: boolean): Promise<Response> =>
    new Promise((resolve, reject) => {
      const options: RequestOptions = {
        method: init.method ?? "GET",
        headers: Object.fromEntries(new Headers(init.headers)),
        ...(init.signal ? { signal: init.signal } : {}),
      };
      // The others that were kept are likely as stale as the first.
      const request =
        url.protocol === "https:"
          ? httpsRequest(url, { ...options, agent: isAgain ? new HttpsAgent(authority) : https })
          : httpRequest(url, { ...options, agent: isAgain ? new HttpAgent() : http });
      request.on("response", (message) => {
        const chunks: Buffer[] = [];
        message.on("data", (chunk: Buffer) => chunks.push(chunk));
        message.on("error", reject);
        message.on("end", () => {
          const status = message.statusCode ?? 0;
          const isEmpty = status === 204 || status === 205 || status === 304;
          const headers = Object.entries(message.headers).map(([name, value]): [string, string] => [
            name,
            String(value),
          ]);
          try {
            resolve(new Response(isEmpty ? null : Buffer.concat(chunks), { status, headers }));
          } catch {
            // A status outside 200 to 599, which no server of HTTP sends.
            reject(new Error(`The answer has the status ${status}`));
          }
        });
      });
      request.on("error", (error: NodeJS.ErrnoException) => {
        // The server closed a kept connection just as it was used again: it has not seen the request, most likely,
        // and an upsert does no harm twice.
        const isStale = request.reusedSocket && (error.code === "ECONNRESET" || error.code === "EPIPE");
        if (isStale && !isAgain && !init.signal?.aborted) send(url, init, true).then(resolve, reject);
        else reject(error);
      });
      request.end(init.body ?? undefined);
    });

  return {
    fetch: (input, init = {}) => {
      const url = input instanceof Request ? input.url : input;
      return send(new URL(url), init, false);
    },
    close: () => {
      http.destroy();
      https.destroy();
    },
  };
}
