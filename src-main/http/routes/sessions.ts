import { z } from "zod";
import { sessionProcedures } from "../../../src-shared/contract/sessions.ts";
import { sessionInputSchema, sessionSchema } from "../../../src-shared/session.ts";
import type { HostContext, ZodApp } from "../host-context.ts";
import { sessionsQuery } from "./queries.ts";

const byId = z.object({ id: z.string().min(1).max(4_096) });

export function sessionRoutes(app: ZodApp, { handlers }: HostContext): void {
  const tags = ["Sessions"];

  app.post(
    "/sessions",
    {
      schema: {
        summary: "Begin a session",
        tags,
        body: sessionInputSchema,
        response: { 201: sessionSchema },
      },
    },
    async ({ body }, reply) => reply.code(201).send(await handlers["sessions.start"](body)),
  );

  app.post(
    "/sessions/:id/end",
    {
      config: { bodyOptional: true },
      schema: {
        summary: "End a session and get its numbers",
        tags,
        params: byId,
        response: { 200: sessionSchema },
      },
    },
    ({ params }) => handlers["sessions.end"]({ session_id: params.id }),
  );

  app.get(
    "/sessions",
    {
      schema: {
        summary: "Sessions, newest first",
        tags,
        querystring: sessionsQuery,
        response: { 200: sessionProcedures["sessions.list"].output },
      },
    },
    ({ query }) => handlers["sessions.list"](query),
  );

  app.get(
    "/sessions/:id",
    {
      schema: {
        summary: "One session with its funnel, timeline and errors",
        tags,
        params: byId,
        response: { 200: sessionSchema.extend(withoutSession.shape) },
      },
    },
    async ({ params }) => {
      const { session, ...rest } = await handlers["sessions.get"]({ session_id: params.id });
      return { ...session, ...rest };
    },
  );
}

const withoutSession = sessionProcedures["sessions.get"].output.omit({ session: true });
