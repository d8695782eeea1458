import type { FastifyInstance } from "fastify";

const NO_FRAMES = "frame-ancestors 'none'; base-uri 'none'";

/** For the UI. Styles are also set by attribute, by its charts and its virtual tables. */
export const UI_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "object-src 'none'",
  "form-action 'self'",
  NO_FRAMES,
].join("; ");

/** For answers that are data: should one be opened as a page, it can do nothing. */
const DATA_POLICY = `default-src 'none'; ${NO_FRAMES}`;

export const SIGN_IN_PAGE_HEADERS = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": `default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; ${NO_FRAMES}`,
  // Under no-referrer a form is sent with the origin "null", which is refused.
  "referrer-policy": "same-origin",
} as const;

export function registerSecurityHeaders(app: FastifyInstance): void {
  app.addHook("onRequest", async (_request, reply) => {
    reply.headers({
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "referrer-policy": "no-referrer",
      "cross-origin-opener-policy": "same-origin",
      "cross-origin-resource-policy": "same-origin",
      "cache-control": "no-store",
      "content-security-policy": DATA_POLICY,
    });
  });
}
