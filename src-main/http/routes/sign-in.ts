import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { WaybillError } from "../../../src-shared/errors.ts";
import { signIn } from "../authentication.ts";
import type { HostContext, ZodApp } from "../host-context.ts";
import { SIGN_IN_PAGE_HEADERS } from "../security-headers.ts";
import { signInPage } from "../sign-in-page.ts";

const MAX_FORM_BYTES = 4_096;
const tokenBody = z.object({ token: z.string().trim().min(1).max(1_000) });

/** `/open`: the one-time link, and the form for those whose link is no longer good. */
export function signInRoutes(app: ZodApp, { token, sessions }: HostContext): void {
  app.addContentTypeParser(
    "application/x-www-form-urlencoded",
    { parseAs: "string" },
    async (_request: FastifyRequest, body: string) => Object.fromEntries(new URLSearchParams(body)),
  );

  app.get(
    "/open",
    {
      config: { open: true },
      exposeHeadRoute: false,
      schema: { hide: true, querystring: z.object({ ticket: z.string().max(100).default("") }) },
    },
    async (request, reply) => {
      if (!sessions.redeemTicket(request.query.ticket)) {
        return sendPage(reply.code(401), "This link was used already or is too old.");
      }
      await signIn(request, reply, sessions);
      return reply.redirect("/", 303);
    },
  );

  app.post(
    "/open",
    { config: { open: true }, bodyLimit: MAX_FORM_BYTES, schema: { hide: true, body: tokenBody } },
    async (request, reply) => {
      const isForm =
        request.headers["content-type"]?.startsWith("application/x-www-form-urlencoded") ?? false;
      if (!(await token.matches(request.body.token))) {
        await app.countFailure(request, reply);
        if (isForm) return sendPage(reply.code(401), "That is not this host's token.");
        throw new WaybillError(
          "unauthorized",
          'That is not this host\'s token. Copy it from the file "token" of the data directory.',
        );
      }
      await signIn(request, reply, sessions);
      return isForm ? reply.redirect("/", 303) : reply.send({ ok: true });
    },
  );
}

function sendPage(reply: FastifyReply, sentence: string): FastifyReply {
  return reply.headers(SIGN_IN_PAGE_HEADERS).send(signInPage(sentence));
}
