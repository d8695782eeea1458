import websocket from "@fastify/websocket";
import fastify, { type FastifyInstance } from "fastify";
import { toErrorBody } from "../../src-shared/errors.ts";
import type { MessageRecord } from "../../src-shared/record.ts";
import type { UnexpectedError } from "../api/call-procedure.ts";
import type { ReadingStore } from "../api/store.ts";
import { sendError } from "./error-replies.ts";
import { assertOwnHostAndOrigin } from "./host-guard.ts";
import * as limits from "./limits.ts";
import { closeSockets, isPeersFault, keepSocketsAlive, SocketSender } from "./socket-sender.ts";

/** Its clients know no token, so nobody but programs of this machine may listen. */
const HOST = "127.0.0.1";
/** A message is told once; a change of one that was told so long ago, or before the client came, is told too. */
const REMEMBERED = 10_000;

const COLUMNS = [
  "message_uuid",
  "origin_ts",
  "ack_ts",
  "message_data",
  "source_subject_id",
  "destination_subject_ids",
  "topic",
  "message_type",
  "message_metadata",
] as const satisfies readonly (keyof MessageRecord)[];

export type LegacyLiveOptions = {
  ledger: Pick<ReadingStore, "on">;
  port: number;
  onUnexpected: (unexpected: UnexpectedError) => void;
};

/**
 * The WebSocket of the message exchange service, for clients that connect to a port and name no path: each accepted
 * message with its nine columns. Listens on loopback only. Rejects with the system's error where it can't.
 */
export async function startLegacyLive({
  ledger,
  port,
  onUnexpected,
}: LegacyLiveOptions): Promise<FastifyInstance> {
  const app = fastify({ connectionTimeout: limits.IDLE_TIMEOUT_MS, forceCloseConnections: "idle" });
  app.server.maxConnections = limits.MAX_CONNECTIONS;
  await app.register(websocket, {
    options: { maxPayload: limits.MAX_SOCKET_MESSAGE_BYTES },
    preClose: closeSockets,
    errorHandler: (error, socket) => {
      if (isPeersFault(error)) return;
      onUnexpected({ component: "WebSocket of the message exchange", error });
      socket.terminate();
    },
  });
  // A page of any site could connect to it otherwise.
  app.addHook("onRequest", async (request) => assertOwnHostAndOrigin(request.raw, HOST));
  app.setErrorHandler((error, request, reply) => {
    const body = toErrorBody(error);
    if (body.code === "internal") onUnexpected({ component: "WebSocket of the message exchange", error });
    return sendError(request, reply, body);
  });
  keepSocketsAlive(app);
  app.get("/*", { websocket: true }, (socket) => {
    const sender = new SocketSender(socket);
    const told = new Set<string>();
    const stop = ledger.on("message.changed", ({ message }) => {
      if (told.has(message.message_uuid)) return;
      told.add(message.message_uuid);
      const [oldest] = told;
      if (told.size > REMEMBERED && oldest !== undefined) told.delete(oldest);
      if (!sender.send(exchangeText(message))) stop();
    });
    socket.on("close", stop);
  });
  await app.listen({ host: HOST, port });
  return app;
}

function exchangeText(message: MessageRecord): string {
  return JSON.stringify(Object.fromEntries(COLUMNS.map((column) => [column, message[column]])));
}
