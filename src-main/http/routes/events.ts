import { z } from "zod";
import type { EventEnvelope } from "../../../src-shared/contract/index.ts";
import { toErrorBody } from "../../../src-shared/errors.ts";
import { requireMatcher } from "../../api/require-matcher.ts";
import type { HostContext, ZodApp } from "../host-context.ts";
import { CLOSE_POLICY, closeSocket, SocketSender } from "../socket-sender.ts";

/** What the UI may say: which changes of messages it wants to hear, or that it wants none any more. */
const request = z.union([
  z.strictObject({ subscribe: z.strictObject({ q: z.string().max(4_096) }) }),
  z.strictObject({ unsubscribe: z.literal(true) }),
]);

/** `GET /api/events`: a WebSocket with every event of the contract as `{event, data}`. */
export function eventsRoute(app: ZodApp, { ledger, events }: HostContext): void {
  app.get("/api/events", { websocket: true }, (socket) => {
    const sender = new SocketSender(socket);
    const send = (envelope: EventEnvelope) => sender.send(JSON.stringify(envelope));
    const stopEvents = events.on(send);
    let stopMessages = () => {};

    socket.on("message", (data) => {
      try {
        const wanted = request.parse(JSON.parse(String(data)));
        stopMessages();
        stopMessages = "subscribe" in wanted ? follow(wanted.subscribe.q) : () => {};
      } catch (error) {
        const body = toErrorBody(error);
        const reason =
          body.code === "invalid" ? body.message : 'Send {"subscribe":{"q":"…"}} or {"unsubscribe":true}.';
        closeSocket(socket, CLOSE_POLICY, reason);
      }
    });
    socket.on("close", () => {
      stopEvents();
      stopMessages();
    });

    function follow(q: string): () => void {
      const matches = requireMatcher(q);
      return ledger.on(
        "message.changed",
        (data) => {
          if (matches(data.message)) send({ event: "message.changed", data });
        },
        () => send({ event: "tail.opened", data: {} }),
      );
    }
  });
}
