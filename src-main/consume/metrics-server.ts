import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { WorkerMetrics } from "./worker-metrics.ts";

export type MetricsServer = { port: number; close: () => Promise<void> };

/** `GET /health` (200 or 503) and `GET /metrics`. Throws the socket's error where it can't listen. */
export async function serveMetrics(
  metrics: WorkerMetrics,
  host: string,
  port: number,
): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    const path = request.url?.split("?", 1)[0];
    if (request.method !== "GET" && request.method !== "HEAD") return reply(response, 405, "text/plain", "");
    if (path === "/health") {
      const health = metrics.health();
      return reply(response, health.status === "ok" ? 200 : 503, "application/json", JSON.stringify(health));
    }
    if (path !== "/metrics") return reply(response, 404, "text/plain", "GET /health or /metrics\n");
    metrics.text().then(
      ({ type, body }) => reply(response, 200, type, body),
      (error: unknown) => reply(response, 500, "text/plain", String(error)),
    );
  });
  server.listen(port, host);
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, "close");
    },
  };
}

function reply(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, { "content-type": type, "cache-control": "no-store" }).end(body);
}
