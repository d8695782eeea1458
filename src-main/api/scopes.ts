import type { ProcedureName } from "../../src-shared/contract/index.ts";

/**
 * What an API key may be given. `read`: look at everything but the token. `write`: log records, report what became of
 * them, begin and end sessions; it reads no more than the answers to that. `admin`: all that the token may.
 */
export const SCOPES = ["read", "write", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

/** A new procedure does not compile until it is decided here who may call it. */
export const PROCEDURE_SCOPES = {
  "messages.log": "write",
  "messages.updateStatus": "write",
  "messages.get": "read",
  "messages.search": "read",
  "messages.bySubject": "read",
  "messages.window": "read",
  "messages.count": "read",
  "messages.histogram": "read",
  "messages.vocabulary": "read",
  "messages.types": "read",

  "sessions.start": "write",
  "sessions.end": "write",
  "sessions.list": "read",
  "sessions.get": "read",
  "sessions.undelivered": "read",

  "stats.quick": "read",
  "stats.overview": "read",
  "stats.report": "read",
  "stats.fingerprints": "read",

  "health.get": "read",
  "systemLogs.list": "read",
  "systemLogs.add": "admin",
  "backups.list": "read",

  "jobs.list": "read",
  // A file with what may be read anyway.
  "jobs.export": "read",
  "jobs.check": "admin",
  "jobs.backup": "admin",
  "jobs.restore": "admin",
  "jobs.repair": "admin",
  "jobs.vacuum": "admin",
  "jobs.prune": "admin",
  "jobs.reconcile": "admin",
  "jobs.demo": "admin",
  "jobs.cancel": "admin",

  "settings.get": "read",
  "settings.set": "admin",
  "views.save": "admin",
  "views.remove": "admin",

  "sync.status": "read",
  "sync.outages": "read",
  "sync.parked": "read",
  "sync.deliveries": "read",
  "sync.pause": "admin",
  "sync.resume": "admin",
  "sync.retry": "admin",
  "sync.edit": "admin",
  "sync.resend": "admin",
  "sync.test": "admin",

  "dead.queues": "read",
  "dead.list": "read",
  "dead.get": "read",
  "dead.retry": "admin",
  "dead.drop": "admin",

  // It tells the token.
  "access.get": "admin",
  "access.rotateToken": "admin",
} as const satisfies Record<ProcedureName, Scope>;

/** By method and address as the routes are registered, but for those that are open to anyone. */
export const ROUTE_SCOPES: Readonly<Record<string, Scope>> = {
  "POST /messages": "write",
  "PATCH /messages/:uuid": "write",
  "GET /messages": "read",
  "GET /messages/:uuid": "read",
  "GET /messages/subject/:id": "read",

  "POST /log": "write",
  "GET /events": "read",
  "GET /events/types": "read",
  "GET /history/:user_id": "read",

  "POST /chat": "write",
  "GET /logging_system_status": "read",
  "GET /redis_status": "read",
  "GET /rabbitmq_status": "read",
  "GET /supabase_status": "read",
  "POST /test_enhanced_logging": "admin",
  "POST /cleanup_connections": "admin",

  "POST /sessions": "write",
  "POST /sessions/:id/end": "write",
  "GET /sessions": "read",
  "GET /sessions/:id": "read",

  "GET /stats": "read",
  "GET /export": "read",
  "GET /system_logs": "read",
  "GET /sync": "read",
  "GET /queue/status": "read",

  "GET /live": "read",
  "GET /api/events": "read",
  "GET /api/exports/:id": "read",
  "POST /api/import": "admin",
  "GET /openapi.json": "read",

  ...Object.fromEntries(
    Object.entries(PROCEDURE_SCOPES).map(([name, scope]) => [`POST /api/${name}`, scope]),
  ),
};

/** The pages of the description come from a plugin, with addresses of its own. */
const DESCRIPTION = /^\/docs(?:\/|$)/;

/** What a route asks of a key. One that nobody thought of asks for all. */
export function scopeOfRoute(method: string, url: string): Scope {
  const named = method === "HEAD" ? "GET" : method;
  if (named === "GET" && DESCRIPTION.test(url)) return "read";
  return ROUTE_SCOPES[`${named} ${url}`] ?? "admin";
}

export function suffices(given: readonly Scope[], needed: Scope): boolean {
  return given.includes("admin") || given.includes(needed);
}
