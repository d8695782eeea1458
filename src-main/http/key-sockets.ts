import type { IncomingMessage } from "node:http";
import type { WebSocket } from "@fastify/websocket";
import type { FastifyInstance } from "fastify";
import { SECOND_MS } from "../../src-shared/time.ts";
import { type ApiKeys, hasExpired } from "../api/api-keys.ts";
import { CLOSE_POLICY, closeSocket } from "./socket-sender.ts";

const CHECK_MS = SECOND_MS;

/** A WebSocket lasts as long as the key it was opened with: once that is revoked or has expired, it is closed. */
export function closeSocketsOfEndedKeys(app: FastifyInstance, keys: Pick<ApiKeys, "find">): void {
  const keyOf = new WeakMap<IncomingMessage, string>();
  const open = new Map<WebSocket, string>();
  app.addHook("preHandler", async ({ raw, apiKey }) => {
    if (apiKey !== null) keyOf.set(raw, apiKey.id);
  });
  app.websocketServer.on("connection", (socket: WebSocket, raw: IncomingMessage) => {
    const id = keyOf.get(raw);
    if (id === undefined) return;
    open.set(socket, id);
    socket.once("close", () => open.delete(socket));
  });
  const check = async (): Promise<void> => {
    for (const [socket, id] of open) {
      const key = await keys.find(id);
      if (key !== null && !hasExpired(key)) continue;
      open.delete(socket);
      closeSocket(socket, CLOSE_POLICY, "The key of this connection was revoked or has expired.");
    }
  };
  const timer = setInterval(() => void check(), CHECK_MS).unref();
  app.addHook("onClose", async () => clearInterval(timer));
}
