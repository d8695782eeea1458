import { requireMatcher } from "../../api/require-matcher.ts";
import type { HostContext, ZodApp } from "../host-context.ts";
import { SocketSender } from "../socket-sender.ts";
import { liveQuery } from "./queries.ts";

/** `GET /live`: a WebSocket with one record a message, each as it stands after the change. */
export function liveRoute(app: ZodApp, { ledger }: HostContext): void {
  app.get(
    "/live",
    {
      websocket: true,
      schema: {
        summary: "WebSocket: each change of a record as it is accepted",
        tags: ["Messages"],
        querystring: liveQuery,
      },
      // Before the upgrade, so that a query that is not valid is a 422.
      preHandler: async ({ query }) => void requireMatcher((query as { q: string }).q),
    },
    (socket, { query }) => {
      const matches = requireMatcher((query as { q: string }).q);
      const sender = new SocketSender(socket);
      const stop = ledger.on("message.changed", ({ message }) => {
        if (matches(message) && !sender.send(JSON.stringify(message))) stop();
      });
      socket.on("close", stop);
    },
  );
}
