import type { IncomingHttpHeaders } from "node:http";
import cookie from "@fastify/cookie";
import rateLimit from "@fastify/rate-limit";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { WaybillError } from "../../src-shared/errors.ts";
import { MINUTE_MS } from "../../src-shared/time.ts";
import { type ApiKey, type ApiKeys, isKey, MAX_RATE } from "../api/api-keys.ts";
import { type Scope, scopeOfRoute, suffices } from "../api/scopes.ts";
import type { TokenFile } from "../api/token-file.ts";
import { type BrowserSessions, SESSION_SECONDS } from "./browser-sessions.ts";

/** Wrong tokens per address and minute; the right one is always taken, so that nobody locks its owner out. */
const MAX_FAILURES = 20;
const BEARER = /^Bearer +(\S+) *$/i;

declare module "fastify" {
  interface FastifyRequest {
    /** What the request may do: all by the token or a session of the UI, some by a key; null where it brought none. */
    scopes: readonly Scope[] | null;
    /** The key that it brought, where that is good. */
    apiKey: ApiKey | null;
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

export type Authentication = { token: TokenFile; keys: ApiKeys; sessions: BrowserSessions };

const ALL: readonly Scope[] = ["admin"];

const CHALLENGE = 'Bearer realm="waybill"';
const NO_SECRET =
  'Send the API token, or a key, with the header "Authorization: Bearer <token>". The token is in the file "token" of the data directory.';
const WRONG_TOKEN = 'The token is not right. The current one is in the file "token" of the data directory.';
const WRONG_KEY = "The key is not one of this host, or was revoked. Make one with: waybill keys create";

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
    secure: request.protocol === "https",
    sameSite: "strict",
  });
}

/**
 * Every route needs the token, a session of the UI or a key with the route's scope, but those with
 * `config: { open: true }`.
 */
export async function registerAuthentication(
  app: FastifyInstance,
  { token, keys, sessions }: Authentication,
): Promise<void> {
  await app.register(cookie);
  await app.register(rateLimit, { global: false });
  const countFailures = app.createRateLimit({ max: MAX_FAILURES, timeWindow: MINUTE_MS });
  const countCalls = app.createRateLimit({
    max: (request) => request.apiKey?.rate_per_minute ?? MAX_RATE,
    timeWindow: MINUTE_MS,
    keyGenerator: (request) => request.apiKey?.id ?? "",
  });

  app.decorate("countFailure", async (request: FastifyRequest, reply: FastifyReply) => {
    const limit = await countFailures(request);
    if (limit.isAllowed || !limit.isExceeded) return;
    reply.header("retry-after", String(limit.ttlInSeconds));
    throw new WaybillError(
      "rate_limited",
      `Too many wrong tokens. Try again in ${limit.ttlInSeconds} seconds.`,
    );
  });
  app.decorateRequest("scopes", null);
  app.decorateRequest("apiKey", null);

  /** The sentence about a secret that opens nothing; null for one that does. */
  async function take(request: FastifyRequest, secret: string): Promise<string | null> {
    if (!isKey(secret)) {
      if (!(await token.matches(secret))) return secret.startsWith("wb_") ? WRONG_KEY : WRONG_TOKEN;
      request.scopes = ALL;
      return null;
    }
    const verdict = await keys.check(secret);
    if (verdict.state === "unknown") return WRONG_KEY;
    if (verdict.state === "expired") return expiredSentence(verdict.key);
    request.apiKey = verdict.key;
    request.scopes = verdict.key.scopes;
    return null;
  }

  async function assertRate(request: FastifyRequest, reply: FastifyReply, key: ApiKey): Promise<void> {
    if (key.rate_per_minute === null) return;
    const limit = await countCalls(request);
    if (limit.isAllowed || !limit.isExceeded) return;
    reply.header("retry-after", String(limit.ttlInSeconds));
    throw new WaybillError(
      "rate_limited",
      `The key "${key.name}" may be used ${key.rate_per_minute} times a minute. Try again in ${limit.ttlInSeconds} seconds.`,
    );
  }

  app.addHook("onRequest", async (request, reply) => {
    const secret = secretIn(request.headers);
    let problem: string | null = NO_SECRET;
    if (secret !== null) {
      problem = await take(request, secret);
      if (problem !== null) await app.countFailure(request, reply);
    } else {
      const session = sessionOf(request);
      if (session !== null && (await sessions.isOpen(session))) request.scopes = ALL;
    }
    const { config, url } = request.routeOptions;
    if (config.open === true) return;
    if (request.scopes === null) {
      reply.header("www-authenticate", secret === null ? CHALLENGE : `${CHALLENGE}, error="invalid_token"`);
      throw new WaybillError("unauthorized", problem ?? NO_SECRET);
    }
    if (request.apiKey === null) return;
    await assertRate(request, reply, request.apiKey);
    // What is not there is told to whoever may be here at all.
    if (url !== undefined)
      assertScope(request.apiKey, reply, `${request.method} ${url}`, scopeOfRoute(request.method, url));
  });
}

/** Undefined is no header at all; an empty text is one that holds no secret. */
function secretIn({ authorization, "x-api-key": key }: IncomingHttpHeaders): string | null {
  if (authorization !== undefined) return BEARER.exec(authorization)?.[1] ?? "";
  return key === undefined ? null : String(key).trim();
}

function expiredSentence({ name, expires_ts }: ApiKey): string {
  return `The key "${name}" expired at ${expires_ts}. Revoke it and make another: waybill keys create`;
}

function assertScope(key: ApiKey, reply: FastifyReply, route: string, needed: Scope): void {
  if (suffices(key.scopes, needed)) return;
  reply.header("www-authenticate", `${CHALLENGE}, error="insufficient_scope", scope="${needed}"`);
  throw new WaybillError(
    "forbidden",
    `The key "${key.name}" has the scope ${key.scopes.join(" and ")}; ${route} needs ${needed}. Make a key that has it: waybill keys create NAME --scope ${needed}`,
    { details: { scope: needed } },
  );
}
