import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { join } from "node:path";
import { createInterface } from "node:readline";
import WebSocket from "ws";
import { spawnWaybill, temporaryFolder } from "./waybill.ts";

export type Answer = {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** Parsed when asked. */
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into answers of every shape
  json: any;
};

export type RequestOptions = {
  method?: string;
  headers?: Record<string, string>;
  /** Sent as JSON, unless it is text or bytes. */
  body?: unknown;
  /** By default the host's own; null sends none. */
  token?: string | null;
};

export type Host = {
  url: string;
  port: number;
  /** The one-time link to the UI. */
  link: string;
  token: string;
  dataDir: string;
  pid: number;
  child: ChildProcess;
  stderr: () => string;
  request: (path: string, options?: RequestOptions) => Promise<Answer>;
  /** A WebSocket that is open; rejects with the status of a refusal. */
  connect: (path: string, options?: Omit<RequestOptions, "method" | "body">) => Promise<WebSocket>;
  /** Asks it to end and gives the exit code. */
  stop: (signal?: NodeJS.Signals) => Promise<number | null>;
};

/** A built host on a free port, with a data directory of its own unless one is given. */
export async function startHost(
  options: { dataDir?: string; args?: string[]; env?: Record<string, string>; cwd?: string } = {},
): Promise<Host> {
  const dataDir = options.dataDir ?? (await temporaryFolder());
  const args = ["serve", "--json", "--port", "0", "--data-dir", dataDir, ...(options.args ?? [])];
  const child = spawnWaybill(args, {
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const [listening, ui] = await firstLines(child, 2, () => stderr);
  const { url, pid } = JSON.parse(listening ?? "") as { url: string; pid: number };
  const { url: link } = JSON.parse(ui ?? "") as { url: string };
  const token = (await readFile(join(dataDir, "token"), "utf8").catch(() => "")).trim();
  return {
    url,
    port: Number(new URL(url).port),
    link,
    token,
    dataDir,
    pid,
    child,
    stderr: () => stderr,
    request: (path, request = {}) => send(url + path, withToken(request, token)),
    connect: (path, request = {}) => openSocket(url + path, withToken(request, token).headers),
    async stop(signal = "SIGTERM") {
      if (child.exitCode !== null) return child.exitCode;
      const ended = once(child, "exit");
      child.kill(signal);
      return (await ended)[0] as number | null;
    },
  };
}

async function firstLines(child: ChildProcess, count: number, stderr: () => string): Promise<string[]> {
  if (child.stdout === null) throw new Error("The host's output is not read");
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === count) return lines;
  }
  throw new Error(`The host ended before it listened: ${stderr()}`);
}

type Sent = { method: string; headers: Record<string, string>; body: string | Buffer | undefined };

function withToken({ method, headers = {}, body, token }: RequestOptions, own: string): Sent {
  const bearer = token === undefined ? own : token;
  const isJson = body !== undefined && typeof body !== "string" && !Buffer.isBuffer(body);
  return {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: {
      ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
      ...(body === undefined ? {} : { "content-type": "application/json" }),
      ...headers,
    },
    body: isJson ? JSON.stringify(body) : (body as string | Buffer | undefined),
  };
}

/** Not `fetch`, which lets nobody choose `Host` and `Origin`. */
function send(url: string, { method, headers, body }: Sent): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString("utf8");
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          text,
          get json() {
            return JSON.parse(text) as unknown;
          },
        });
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}

function openSocket(url: string, headers: Record<string, string>): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url.replace(/^http/, "ws"), { headers });
    socket.on("open", () => resolve(socket));
    socket.on("error", reject);
    socket.on("unexpected-response", (_request, response) => {
      reject(
        Object.assign(new Error(`Refused with ${response.statusCode}`), { status: response.statusCode }),
      );
      response.destroy();
    });
  });
}
