import type { WebSocket } from "@fastify/websocket";
import type { FastifyInstance } from "fastify";
import { SECOND_MS } from "../../src-shared/time.ts";
import { MAX_SOCKET_BACKLOG_BYTES, SOCKET_PING_MS } from "./limits.ts";

/** How long a peer may take to answer a close before its connection is cut. */
const CLOSE_MS = 2 * SECOND_MS;
/** A close frame has room for so many bytes of reason. */
const MAX_REASON_BYTES = 123;

export const CLOSE_GOING_AWAY = 1001;
export const CLOSE_POLICY = 1008;
export const CLOSE_OVERLOADED = 1013;

/** Closes with a reason, and cuts the connection when the peer does not answer. */
export function closeSocket(socket: WebSocket, code: number, reason: string): void {
  socket.close(code, cutToBytes(reason, MAX_REASON_BYTES));
  const timer = setTimeout(() => socket.terminate(), CLOSE_MS);
  socket.once("close", () => clearTimeout(timer));
}

function cutToBytes(text: string, bytes: number): string {
  const cut = Buffer.from(text).subarray(0, bytes);
  // A character that was cut in two decodes to a replacement character at the end.
  return cut.toString("utf8").replace(/\ufffd$/, "");
}

/** Sends to one peer, and cuts off a peer that does not keep up, so that memory stays bounded. */
export class SocketSender {
  readonly #socket: WebSocket;
  #cut = false;

  constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** False once the peer is gone or was cut off. */
  send(text: string): boolean {
    if (this.#cut || this.#socket.readyState !== this.#socket.OPEN) return false;
    if (this.#socket.bufferedAmount > MAX_SOCKET_BACKLOG_BYTES) {
      this.#cut = true;
      closeSocket(
        this.#socket,
        CLOSE_OVERLOADED,
        "You do not read as fast as messages come. Connect again, or narrow it with q.",
      );
      return false;
    }
    this.#socket.send(text);
    return true;
  }
}

/** Asks every peer now and then, and cuts off those that did not answer the time before. */
export function keepSocketsAlive(app: FastifyInstance): void {
  const silent = new WeakSet<WebSocket>();
  app.websocketServer.on("connection", (socket: WebSocket) => {
    socket.on("pong", () => silent.delete(socket));
  });
  const timer = setInterval(() => {
    for (const socket of app.websocketServer.clients) {
      if (silent.has(socket)) socket.terminate();
      silent.add(socket);
      socket.ping();
    }
  }, SOCKET_PING_MS).unref();
  app.addHook("onClose", async () => clearInterval(timer));
}

/** It broke the protocol or its connection: the socket closes by itself, and says why. */
export function isPeersFault(error: NodeJS.ErrnoException): boolean {
  return /^(WS_ERR_|ECONNRESET$|EPIPE$)/.test(error.code ?? "");
}

/** Closes every socket when the host stops, and takes no more. */
export function closeSockets(this: FastifyInstance, done: () => void): void {
  for (const socket of this.websocketServer.clients) {
    closeSocket(socket, CLOSE_GOING_AWAY, "Waybill is stopping.");
  }
  this.websocketServer.close();
  done();
}
