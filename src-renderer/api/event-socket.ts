import type { EventEnvelope } from "../../src-shared/contract/index.ts";

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 15_000;

export type SocketState = "connecting" | "open" | "lost";

export type EventSocket = { close(): void; retryNow(): void };

/**
 * A WebSocket to `/api/events` that comes back by itself, with growing, jittered pauses.
 * `greeting` is sent on every opening, so that a subscription survives a lost connection.
 */
export function openEventSocket(options: {
  greeting?: unknown;
  onEvent: (envelope: EventEnvelope) => void;
  onState?: (state: SocketState) => void;
}): EventSocket {
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let closed = false;

  const connect = () => {
    timer = undefined;
    const url = new URL("/api/events", location.href);
    url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
    const current = new WebSocket(url);
    socket = current;
    current.onopen = () => {
      // Closing it sooner would have the browser complain of a failed connection.
      if (closed) return current.close();
      failures = 0;
      if (options.greeting !== undefined) current.send(JSON.stringify(options.greeting));
      options.onState?.("open");
    };
    current.onmessage = (message: MessageEvent<string>) => {
      if (closed) return;
      options.onEvent(JSON.parse(message.data) as EventEnvelope);
    };
    current.onclose = () => {
      if (closed) return;
      options.onState?.("lost");
      const pause = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** failures);
      failures += 1;
      timer = setTimeout(connect, pause * (0.5 + Math.random() / 2));
    };
  };

  connect();
  return {
    close() {
      closed = true;
      clearTimeout(timer);
      if (socket?.readyState !== WebSocket.CONNECTING) socket?.close();
    },
    retryNow() {
      if (timer === undefined) return;
      clearTimeout(timer);
      failures = 0;
      connect();
    },
  };
}
