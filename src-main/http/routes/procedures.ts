import { z } from "zod";
import { PROCEDURES, type ProcedureName } from "../../../src-shared/contract/index.ts";
import { callProcedure, isProcedureName } from "../../api/call-procedure.ts";
import { sessionOf, signIn } from "../authentication.ts";
import { sendError } from "../error-replies.ts";
import type { HostContext, ZodApp } from "../host-context.ts";
import { IDLE_TIMEOUT_MS, MAX_BODY_BYTES, SMALL_BODY_BYTES } from "../limits.ts";

/** The UI's carrier: `POST /api/<procedure>` with the input as body, answered by a `Reply`. */
export function procedureRoutes(app: ZodApp, context: HostContext): void {
  for (const name of Object.keys(PROCEDURES)) {
    if (isProcedureName(name)) procedureRoute(app, context, name);
  }
}

function procedureRoute(
  app: ZodApp,
  { handlers, sessions, onUnexpected }: HostContext,
  name: ProcedureName,
): void {
  const { input, output, summary } = PROCEDURES[name];
  app.post(
    `/api/${name}`,
    {
      config: { bodyOptional: true },
      bodyLimit: name === "messages.log" ? MAX_BODY_BYTES : SMALL_BODY_BYTES,
      // `callProcedure` checks the input, for this carrier as for any other.
      validatorCompiler: () => (value) => ({ value }),
      schema: {
        summary,
        tags: ["Procedures of the UI"],
        body: input,
        response: { 200: z.object({ ok: z.literal(true), value: output }) },
      },
    },
    async (request, reply) => {
      const { socket } = request.raw;
      // A connection is not idle while its answer is made, which may take minutes of millions of records; and what
      // nobody waits for any more, as while a query is typed, is not made to its end.
      socket.setTimeout(0);
      const gone = new AbortController();
      reply.raw.once("close", () => gone.abort());
      const answer = await callProcedure(handlers, name, request.body, onUnexpected, gone.signal);
      socket.setTimeout(IDLE_TIMEOUT_MS);
      if (name === "access.rotateToken" && answer.ok) {
        sessions.endTickets();
        // Whoever came in by the old token stays out from now on, but for the browser that changed it.
        if (sessionOf(request) !== null) await signIn(request, reply, sessions);
      }
      if (!answer.ok) return sendError(request, reply, answer.error);
      return reply.send(answer as never);
    },
  );
}
