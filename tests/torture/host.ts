import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { join } from "node:path";
import type { Health } from "../../src-shared/contract/upkeep.ts";
import { type Child, CLI, type Ended, runNode } from "./processes.ts";
import type { Round } from "./round.ts";

/** No answer for so long is a stall, whatever the fault. */
export const MOST_MS = 15_000;

export type Answer = { status: number; text: string; ms: number };

export class NoAnswer extends Error {
  override readonly name = "NoAnswer";
}

/** A built host as a process of its own. */
export class Host {
  readonly child: Child;
  readonly url: string;
  readonly token: string;
  /** When its process was started. */
  readonly started: number;
  readonly #agent = new Agent({ keepAlive: true });
  #isTold = false;

  constructor(child: Child, url: string, token: string, started: number) {
    this.child = child;
    this.url = url;
    this.token = token;
    this.started = started;
  }

  /** Rejects with `NoAnswer` where it takes too long, or the connection's error. */
  send(method: string, path: string, body?: unknown, type = "application/json"): Promise<Answer> {
    const started = performance.now();
    const text = typeof body === "string" || body === undefined ? body : JSON.stringify(body);
    const headers = {
      authorization: `Bearer ${this.token}`,
      ...(text === undefined ? {} : { "content-type": type }),
    };
    return new Promise((resolve, reject) => {
      const sent = request(this.url + path, { method, headers, agent: this.#agent, timeout: MOST_MS });
      sent.on("timeout", () => sent.destroy(new NoAnswer(`${method} ${path}: no answer in ${MOST_MS} ms`)));
      sent.on("error", reject);
      sent.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const ms = performance.now() - started;
          resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8"), ms });
        });
      });
      sent.end(text);
    });
  }

  async health(): Promise<Health> {
    const { text } = await this.send("GET", "/health");
    return JSON.parse(text) as Health;
  }

  /** Settles with how it ended, where nobody told it to. */
  async endsByItself(): Promise<string> {
    const { code, signal } = await this.child.ended;
    if (this.#isTold) return new Promise(() => {});
    return `the host ended by itself with ${signal ?? code}: ${this.child.stderr().trim()}`;
  }

  async kill(): Promise<void> {
    this.#isTold = true;
    await this.child.kill();
    this.#agent.destroy();
  }

  /** Asks it to end, as an operator would. */
  async stop(): Promise<Ended> {
    this.#isTold = true;
    this.child.process.kill("SIGTERM");
    const ended = await this.child.ended;
    this.#agent.destroy();
    return ended;
  }
}

/** Begins to start a host and gives its process at once, for a kill in the middle of its start. */
export function launchHost(round: Round, env: NodeJS.ProcessEnv = {}): Child {
  const args = ["serve", "--json", "--port", "0", "--data-dir", round.dataDir];
  const child = runNode(CLI, args, { env: { ...round.env, ...env }, cwd: round.folder });
  round.onEnd(() => child.kill());
  return child;
}

/** A host that listens. Throws where it ends before that. */
export async function startHost(round: Round, env: NodeJS.ProcessEnv = {}): Promise<Host> {
  const started = performance.now();
  const child = launchHost(round, env);
  const line = await child.nextLine();
  if (line === undefined) {
    const { code, signal } = await child.ended;
    throw new Error(`the host ended with ${signal ?? code} before it listened: ${child.stderr().trim()}`);
  }
  // The rest of its output is read, so that it never waits for us.
  void drain(child);
  const { url } = JSON.parse(line) as { url: string };
  const token = readFileSync(join(round.dataDir, "token"), "utf8").trim();
  const host = new Host(child, url, token, started);
  // At the end of the round it is killed.
  round.onEnd(() => host.kill());
  void host.endsByItself().then((problem) => round.problem(problem));
  return host;
}

async function drain(child: Child): Promise<void> {
  while ((await child.nextLine()) !== undefined);
}
