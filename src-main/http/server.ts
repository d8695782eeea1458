import type { Socket } from "node:net";
import websocket from "@fastify/websocket";
import fastify, { type FastifyInstance, type FastifyRequest, LogController } from "fastify";
import { validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { WaybillError } from "../../src-shared/errors.ts";
import { registerAuthentication } from "./authentication.ts";
import { registerDescription } from "./description.ts";
import { registerEarlyReplies } from "./early-replies.ts";
import { answerBrokenRequest, RouteTable, registerErrorReplies, sendError } from "./error-replies.ts";
import type { HostContext } from "./host-context.ts";
import { assertOwnHostAndOrigin } from "./host-guard.ts";
import { registerJsonBodies } from "./json-bodies.ts";
import { closeSocketsOfEndedKeys } from "./key-sockets.ts";
import * as limits from "./limits.ts";
import { auditEventRoutes } from "./routes/audit-events.ts";
import { chatRoute } from "./routes/chat.ts";
import { chatHistoryRoute } from "./routes/chat-history.ts";
import { eventsRoute } from "./routes/events.ts";
import { healthRoute } from "./routes/health.ts";
import { liveRoute } from "./routes/live.ts";
import { logEventRoute } from "./routes/log-event.ts";
import { messageRoutes } from "./routes/messages.ts";
import { procedureRoutes } from "./routes/procedures.ts";
import { reportRoutes } from "./routes/reports.ts";
import { sessionRoutes } from "./routes/sessions.ts";
import { signInRoutes } from "./routes/sign-in.ts";
import { syncRoutes } from "./routes/sync.ts";
import { systemStatusRoutes } from "./routes/system-status.ts";
import { transferRoutes } from "./routes/transfer.ts";
import { registerSecurityHeaders } from "./security-headers.ts";
import { closeSockets, isPeersFault, keepSocketsAlive } from "./socket-sender.ts";
import type { Tls } from "./tls.ts";
import { registerUi } from "./ui.ts";

export type ServerOptions = {
  context: HostContext;
  /** The address it is bound to, as the operator gave it. */
  host: string;
  /** Pino's, for what goes to stderr. */
  logLevel: string;
  uiRoot: string;
  version: string;
  /** Null for plain HTTP. */
  tls?: Tls | null;
};

/** The whole HTTP surface, ready to listen. */
export async function createServer(options: ServerOptions): Promise<FastifyInstance> {
  const { context, host, logLevel, uiRoot, version, tls = null } = options;
  const http = {
    headersTimeout: limits.HEADERS_TIMEOUT_MS,
    connectionsCheckingInterval: limits.TIMEOUT_CHECK_MS,
  };
  const app = fastify({
    logger: { level: logLevel, stream: process.stderr, serializers: { req: describeRequest } },
    logController: new LogController({ disableRequestLogging: !["trace", "debug"].includes(logLevel) }),
    bodyLimit: limits.SMALL_BODY_BYTES,
    requestTimeout: limits.REQUEST_TIMEOUT_MS,
    connectionTimeout: limits.IDLE_TIMEOUT_MS,
    keepAliveTimeout: limits.KEEP_ALIVE_MS,
    http,
    ...(tls === null ? {} : { https: { ...http, ...tls.options } }),
    routerOptions: { maxParamLength: 16_384 },
    // The hook below answers in our own shape.
    return503OnClosing: false,
    forceCloseConnections: "idle",
    clientErrorHandler: answerBrokenRequest as (error: Error, socket: Socket) => void,
    frameworkErrors: (error, request, reply) => {
      void sendError(request, reply as never, {
        code: "malformed",
        message: `The address can't be read: ${error.message}.`,
      });
    },
  }).withTypeProvider<ZodTypeProvider>();
  app.server.maxConnections = limits.MAX_CONNECTIONS;
  app.setValidatorCompiler(validatorCompiler);
  // Answers come from the same contract, checked by the compiler: checking each again would cost more than making it.
  app.setSerializerCompiler(() => (value) => JSON.stringify(value));

  const routes = new RouteTable(app);
  registerErrorReplies(app, routes, context.onUnexpected);
  registerSecurityHeaders(app);
  // Before any hook that refuses: it closes the socket of an upgrade that came to nothing, which
  // otherwise would be read by nobody and hold the host open when it stops.
  await app.register(websocket, {
    options: { maxPayload: limits.MAX_SOCKET_MESSAGE_BYTES },
    preClose: closeSockets,
    errorHandler: (error, socket) => {
      if (isPeersFault(error)) return;
      context.onUnexpected({ component: "WebSocket", error });
      socket.terminate();
    },
  });
  app.addHook("onRequest", async (request) => {
    assertOwnHostAndOrigin(request.raw, host, tls);
    if (request.method === "OPTIONS") {
      throw new WaybillError("forbidden", "Pages of other sites may not use Waybill: only its own UI may.");
    }
    if (context.stopping.aborted) {
      throw new WaybillError("unavailable", "Waybill is stopping. Try again when it runs.");
    }
  });
  await registerUi(app, uiRoot);
  await registerAuthentication(app, context);
  registerEarlyReplies(app, context.stopping);
  registerJsonBodies(app);

  keepSocketsAlive(app);
  closeSocketsOfEndedKeys(app, context.keys);
  await registerDescription(app, version);

  for (const register of [
    messageRoutes,
    logEventRoute,
    auditEventRoutes,
    chatHistoryRoute,
    chatRoute,
    sessionRoutes,
    reportRoutes,
    healthRoute,
    syncRoutes,
    systemStatusRoutes,
    liveRoute,
    eventsRoute,
    procedureRoutes,
    transferRoutes,
    signInRoutes,
  ]) {
    app.register((scope, _options, done) => {
      register(scope.withTypeProvider<ZodTypeProvider>(), context);
      done();
    });
  }
  await app.ready();
  return app;
}

/** Without the query, which may hold a one-time ticket or what someone searched for. */
function describeRequest({ method, url }: FastifyRequest): { method: string; path: string } {
  return { method, path: url.replace(/\?.*$/s, "") };
}
