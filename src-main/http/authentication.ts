import cookie from "@fastify/cookie";
import rateLimit from "@fastify/rate-limit";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { WaybillError } from "../../src-shared/errors.ts";
import { MINUTE_MS } from "../../src-shared/time.ts";
import type { TokenFile } from "../api/token-file.ts";
import { type BrowserSessions, SESSION_SECONDS } from "./browser-sessions.ts";

/** Wrong tokens per address and minute; the right one is always taken, so that nobody locks its owner out. */
const MAX_FAILURES = 20;
const BEARER = /^Bearer +(\S+) *$/i;

declare module "fastify" {
  interface FastifyRequest {
    /** Whether the request brought the token or a session of the UI. */
    signedIn: boolean;
  }
  interface FastifyContextConfig {
    /** Answers without a token. */
    open?: boolean;
  }
  interface FastifyInstance {
    /** Counts a wrong secret against the sender's address. Throws `rate_limited` when there were too many. */
    countFailure: (request: FastifyRequest, reply: FastifyReply) => Promise<void>;
  }
}

export type Authentication = { token: TokenFile; sessions: BrowserSessions };

/** Cookies do not know ports, so each host on a machine needs a name of its own. */
export function sessionCookieName(request: FastifyRequest): string {
  return `waybill_${request.socket.localPort}`;
}

export function sessionOf(request: FastifyRequest): string | null {
  return request.cookies[sessionCookieName(request)] ?? null;
}

/** Begins a session of the UI in this browser. */
export async function signIn(
  request: FastifyRequest,
  reply: FastifyReply,
  sessions: BrowserSessions,
): Promise<void> {
  reply.setCookie(sessionCookieName(request), await sessions.begin(), {
    maxAge: SESSION_SECONDS,
    path: "/",
    httpOnly: true,
    sameSite: "strict",
  });
}

/** Every route needs the token or a session of the UI, but those with `config: { open: true }`. */
export async function registerAuthentication(
  app: FastifyInstance,
  { token, sessions }: Authentication,
): Promise<void> {
  await app.register(cookie);
  await app.register(rateLimit, { global: false });
  const countFailures = app.createRateLimit({ max: MAX_FAILURES, timeWindow: MINUTE_MS });

  app.decorate("countFailure", async (request: FastifyRequest, reply: FastifyReply) => {
    const limit = await countFailures(request);
    if (limit.isAllowed || !limit.isExceeded) return;
    reply.header("retry-after", String(limit.ttlInSeconds));
    throw new WaybillError(
      "rate_limited",
      `Too many wrong tokens. Try again in ${limit.ttlInSeconds} seconds.`,
    );
  });
  app.decorateRequest("signedIn", false);

  app.addHook("onRequest", async (request, reply) => {
    const { authorization } = request.headers;
    const session = sessionOf(request);
    if (authorization !== undefined) {
      const candidate = BEARER.exec(authorization)?.[1];
      request.signedIn = candidate !== undefined && (await token.matches(candidate));
      if (!request.signedIn) await app.countFailure(request, reply);
    } else if (session !== null) {
      request.signedIn = await sessions.isOpen(session);
    }
    if (request.signedIn || request.routeOptions.config.open === true) return;
    reply.header("www-authenticate", 'Bearer realm="waybill"');
    throw new WaybillError("unauthorized", missingTokenSentence(authorization));
  });
}

function missingTokenSentence(authorization: string | undefined): string {
  return authorization === undefined
    ? 'Send the API token with the header "Authorization: Bearer <token>". It is in the file "token" of the data directory.'
    : 'The token is not right. The current one is in the file "token" of the data directory.';
}
