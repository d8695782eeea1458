import type { FastifyInstance } from "fastify";
import { SECOND_MS } from "../../src-shared/time.ts";

/** How long a sender may go on with a body that was answered already. */
const LINGER_MS = 10 * SECOND_MS;

/**
 * A reply to a body that was not read to its end (too large, no token). Closing at once would
 * reset the connection under a sender that reads only after it has sent, so the rest is thrown away.
 */
export function registerEarlyReplies(app: FastifyInstance, stopping: AbortSignal): void {
  app.addHook("onSend", async (request, reply) => {
    if (stopping.aborted) reply.header("connection", "close");
    else if (!request.raw.complete) reply.removeHeader("connection");
  });
  app.addHook("onResponse", async (request) => {
    const { raw } = request;
    if (raw.readableEnded || raw.destroyed || request.ws) return;
    const timer = setTimeout(() => raw.destroy(), LINGER_MS).unref();
    raw.once("close", () => clearTimeout(timer));
    // Also one that has arrived whole: until it is read, the connection takes no further request.
    raw.resume();
  });
}
