import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { hasZodFastifySchemaValidationErrors } from "fastify-type-provider-zod";
import { ERROR_STATUS, type ErrorBody, toErrorBody, WaybillError } from "../../src-shared/errors.ts";
import { invalidBody, type UnexpectedError } from "../api/call-procedure.ts";

const RETRY_SECONDS = 5;

const BY_STATUS: Readonly<Record<number, ErrorBody>> = {
  400: {
    code: "malformed",
    message: "The request can't be read: its body is not valid JSON, or its address is not valid.",
  },
  404: { code: "not_found", message: "There is nothing at this address. The routes are listed at /docs." },
  408: { code: "malformed", message: "The request took too long to arrive." },
  413: {
    code: "too_large",
    message: "The body is too large: at most 64 MiB are taken, and 1 MiB for one record.",
  },
  415: {
    code: "unsupported_media_type",
    message:
      "Send the body as application/json, or records one per line as application/x-ndjson to POST /messages.",
  },
  431: { code: "too_large", message: "The headers of the request are too large." },
};

/** The body for an error that Fastify or a plugin of it threw; undefined where it is none of theirs. */
function frameworkBody(error: FastifyError): ErrorBody | undefined {
  if (hasZodFastifySchemaValidationErrors(error)) {
    return invalidBody(
      error.validation.map(({ instancePath, message }) => ({
        path: instancePath.split("/").filter(Boolean),
        message: message ?? "is not valid",
      })),
    );
  }
  return error.statusCode === undefined ? undefined : BY_STATUS[error.statusCode];
}

/** Replies of the UI's procedures say `ok` besides; every other error is `{error}` alone. */
export function errorPayload(request: FastifyRequest, error: ErrorBody): { error: ErrorBody; ok?: false } {
  return request.url.startsWith("/api/") ? { ok: false, error } : { error };
}

export function sendError(
  request: FastifyRequest,
  reply: FastifyReply,
  error: ErrorBody,
  status?: number,
): FastifyReply {
  const code = status ?? ERROR_STATUS[error.code];
  if (code === 503 && !reply.hasHeader("retry-after")) reply.header("retry-after", String(RETRY_SECONDS));
  return reply.code(code).type("application/json; charset=utf-8").send(errorPayload(request, error));
}

/** Gives every failure the one shape; what nobody expected goes to `onUnexpected` and not to the caller. */
export function registerErrorReplies(
  app: FastifyInstance,
  routes: RouteTable,
  onUnexpected: (unexpected: UnexpectedError) => void,
): void {
  app.setErrorHandler((error: FastifyError | WaybillError, request, reply) => {
    if (!(error instanceof WaybillError)) {
      const body = frameworkBody(error);
      if (body !== undefined) {
        return sendError(request, reply, body, body.code === "invalid" ? undefined : error.statusCode);
      }
    }
    const told = toErrorBody(error);
    if (told.code === "internal") {
      onUnexpected({ component: `${request.method} ${request.routeOptions.url ?? "unknown route"}`, error });
    }
    return sendError(request, reply, told);
  });
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.replace(/[?#].*$/s, "");
    const allowed = routes.methodsAt(path);
    if (allowed.length === 0) return sendError(request, reply, BY_STATUS[404] ?? toErrorBody(undefined));
    reply.header("allow", allowed.join(", "));
    const message = `${path} takes ${allowed.join(" or ")}, not ${request.method}.`;
    return sendError(request, reply, { code: "method_not_allowed", message });
  });
}

/** Which methods each address takes, for a 405 that says so. */
export class RouteTable {
  readonly #routes: { pattern: RegExp; methods: string[] }[] = [];

  /** Must come before the routes. */
  constructor(app: FastifyInstance) {
    app.addHook("onRoute", ({ url, method }) => {
      if (url.includes("*")) return;
      const source = url.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replace(/:\w+/g, "[^/]+");
      this.#routes.push({ pattern: new RegExp(`^${source}/?$`), methods: [method].flat() });
    });
  }

  methodsAt(path: string): string[] {
    const fitting = this.#routes.filter(({ pattern }) => pattern.test(path));
    return [...new Set(fitting.flatMap(({ methods }) => methods))].sort();
  }
}

/** For requests that Node itself can't read: there is no route and no reply yet, only the socket. */
export function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const status =
    error.code === "HPE_HEADER_OVERFLOW" ? 431 : error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? 408 : 400;
  const body = JSON.stringify({ error: BY_STATUS[status] });
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
