import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { setTimeout as pause } from "node:timers/promises";
import pg from "pg";
import { authorize, type Claims, type Role, signKey } from "./auth.ts";
import { type Refusal, refusalOf } from "./errors.ts";
import { readSchema } from "./schema-cache.ts";
import { type Statement, statementOf } from "./statements.ts";

/** What goes wrong with one request. */
export type Fault = {
  /** Answers without a look at the request. */
  answer?: { status: number; body?: unknown; headers?: Record<string, string> };
  /** Does what was asked, and then ends the connection without an answer. */
  dropsAnswer?: boolean;
  delayMs?: number;
  /** Does what was asked, and answers so much later. */
  delaysAnswerMs?: number;
};

export type Seen = { method: string; path: string; bytes: number; rows: number; status: number };

export type Postgrest = {
  url: string;
  /** A key of the project. */
  key: (role: Role, exp?: number) => string;
  /** The next requests that write go wrong so, one after the other. */
  fail: (...faults: Fault[]) => void;
  /** As long as it is set, every request goes wrong so. */
  setOutage: (fault: Fault | null) => void;
  /** Bodies above it are refused with 413. */
  setBodyLimit: (bytes: number) => void;
  /** Forgets what it knew of the schema, as NOTIFY pgrst does. */
  reload: () => Promise<void>;
  /** Closes the connections that are kept and not in use. */
  closeIdle: () => void;
  /** The requests so far, oldest first. */
  seen: Seen[];
  stop: () => Promise<void>;
};

const SECRET = "a secret of the tests, long enough for HMAC";
const POOL = 10;

/**
 * Speaks PostgREST, behind Supabase's gateway, for the calls that Waybill makes through supabase-js: over a real
 * PostgreSQL, each request in a transaction of its own, in the role of its key.
 */
export async function startPostgrest(options: {
  port: number;
  database: string;
  tls?: { key: string; cert: string };
}): Promise<Postgrest> {
  const database = { host: "127.0.0.1", port: options.port, database: options.database };
  const pool = new pg.Pool({ ...database, user: "authenticator", max: POOL });
  pool.on("error", () => {});
  // One that is ended between two queries is told by the next.
  pool.on("connect", (client) => client.on("error", () => {}));
  const listener = new pg.Client({ ...database, user: "postgres" });
  listener.on("error", () => {});
  await listener.connect();
  let cache = await readSchema(listener);
  const reload = async (): Promise<void> => {
    cache = await readSchema(listener);
  };
  listener.on("notification", () => {
    reload().catch(() => {
      // It is stopping.
    });
  });
  await listener.query("LISTEN pgrst");

  const faults: Fault[] = [];
  let outage: Fault | null = null;
  let bodyLimit = Number.POSITIVE_INFINITY;
  const seen: Seen[] = [];

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request);
    const url = new URL(request.url ?? "/", "http://localhost");
    const method = request.method ?? "GET";
    const isWrite = method === "POST" && !url.pathname.includes("/rpc/");
    const fault = outage ?? (isWrite ? faults.shift() : undefined);
    if (fault?.delayMs !== undefined) await pause(fault.delayMs);
    const call = { method, url, prefer: String(request.headers.prefer ?? ""), body: body.toString("utf8") };
    const answer =
      fault?.answer ??
      (body.length > bodyLimit
        ? { status: 413, body: { message: "Request size limit exceeded" } }
        : await serve(call, authorize(request.headers, SECRET)));
    const rows = isWrite ? countRows(call.body) : 0;
    seen.push({ method, path: url.pathname, bytes: body.length, rows, status: answer.status });
    if (fault?.delaysAnswerMs !== undefined) await pause(fault.delaysAnswerMs);
    if (fault?.dropsAnswer === true) {
      request.socket.destroy();
      return;
    }
    const text =
      answer.body === undefined
        ? ""
        : typeof answer.body === "string"
          ? answer.body
          : JSON.stringify(answer.body);
    const type = typeof answer.body === "string" ? "text/html" : "application/json; charset=utf-8";
    response.writeHead(answer.status, { "content-type": type, ...answer.headers }).end(text);
  };

  const serve = async (
    call: Parameters<typeof statementOf>[0],
    claims: Claims | Refusal,
  ): Promise<{ status: number; body?: unknown; headers?: Record<string, string> }> => {
    if ("status" in claims) return claims;
    const statement = statementOf(call, cache);
    if ("status" in statement) return statement;
    try {
      return await run(pool, statement, claims);
    } catch (error) {
      return refusalOf(error, claims.role === "anon");
    }
  };

  const handle: RequestListener = (request, response) => {
    respond(request, response).catch((error: unknown) => {
      response.writeHead(500).end(String(error));
    });
  };
  const server = options.tls === undefined ? createServer(handle) : createTlsServer(options.tls, handle);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("No port is free");

  return {
    url: `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${address.port}`,
    key: (role, exp) => signKey(exp === undefined ? { role } : { role, exp }, SECRET),
    fail: (...next) => void faults.push(...next),
    setOutage: (fault) => {
      outage = fault;
    },
    setBodyLimit: (bytes) => {
      bodyLimit = bytes;
    },
    reload,
    closeIdle: () => server.closeIdleConnections(),
    seen,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await Promise.all([once(server, "close"), pool.end(), listener.end()]);
    },
  };
}

async function run(
  pool: pg.Pool,
  { sql, values, mode, settings, answer }: Statement,
  claims: Claims,
): Promise<{ status: number; body?: unknown }> {
  const client = await pool.connect();
  let isLost = false;
  try {
    await client.query(`BEGIN ISOLATION LEVEL READ COMMITTED ${mode}`);
    await client.query("SELECT set_config('role', $1, true), set_config('request.jwt.claims', $2, true)", [
      claims.role,
      JSON.stringify(claims),
    ]);
    for (const setting of settings) {
      const [name, value] = setting.split("=");
      await client.query("SELECT set_config($1, $2, true)", [name, value]);
    }
    const { rows } = await client.query<Record<string, unknown>>(sql, values);
    await client.query("COMMIT");
    return answer(rows);
  } catch (error) {
    await client.query("ROLLBACK").catch(() => {
      isLost = true;
    });
    throw error;
  } finally {
    client.release(isLost);
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function countRows(body: string): number {
  const rows: unknown = JSON.parse(body);
  return Array.isArray(rows) ? rows.length : 1;
}
