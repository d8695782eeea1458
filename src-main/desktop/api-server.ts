import type { FastifyInstance } from "fastify";
import type { ApiState } from "../../src-shared/desktop-bridge.ts";
import { SECOND_MS } from "../../src-shared/time.ts";
import { errnoOf } from "../api/atomic-file.ts";
import type { Core } from "../api/core.ts";
import { BrowserSessions } from "../http/browser-sessions.ts";
import { createServer } from "../http/server.ts";
import { UI_ROOT } from "../http/ui.ts";
import { VERSION } from "../ledger/version.ts";

const HOST = "127.0.0.1";
/** What is in flight may take so long to settle; then its connections are cut. */
const SETTLE_MS = 5 * SECOND_MS;

/** The HTTP API inside the desktop app. The window does not need it: it can be switched off at any time. */
export class ApiServer {
  readonly #core: () => Core;
  readonly #logLevel: string;
  #running: { server: FastifyInstance; stopping: AbortController; port: number } | null = null;
  #state: ApiState = { on: false, problem: null };
  #changing: Promise<void> = Promise.resolve();

  constructor(core: () => Core, logLevel: string) {
    this.#core = core;
    this.#logLevel = logLevel;
  }

  get state(): ApiState {
    return this.#state;
  }

  /** Where it answers; empty while it does not. */
  get url(): string {
    return this.#state.on ? this.#state.url : "";
  }

  /** Never rejects: a port that can't be had is told in `state`. */
  apply(wanted: { on: boolean; port: number }): Promise<void> {
    this.#changing = this.#changing.then(async () => {
      if (wanted.on && this.#running?.port === wanted.port) return;
      await this.#stop();
      if (wanted.on) await this.#start(wanted.port);
    });
    return this.#changing;
  }

  close(): Promise<void> {
    return this.apply({ on: false, port: 0 });
  }

  async #start(port: number): Promise<void> {
    const core = this.#core();
    const stopping = new AbortController();
    const context = { ...core, sessions: new BrowserSessions(core.token), stopping: stopping.signal };
    const options = { context, host: HOST, logLevel: this.#logLevel, uiRoot: UI_ROOT, version: VERSION };
    let server: FastifyInstance | null = null;
    try {
      server = await createServer(options);
      await server.listen({ host: HOST, port });
      this.#running = { server, stopping, port };
      this.#state = { on: true, url: `http://${HOST}:${port}` };
    } catch (error) {
      await server?.close();
      this.#state = { on: false, problem: describe(error, port) };
    }
  }

  async #stop(): Promise<void> {
    const running = this.#running;
    this.#running = null;
    this.#state = { on: false, problem: null };
    if (running === null) return;
    running.stopping.abort();
    const cutOff = setTimeout(() => running.server.server.closeAllConnections(), SETTLE_MS);
    await running.server.close();
    clearTimeout(cutOff);
  }
}

function describe(error: unknown, port: number): string {
  if (errnoOf(error) === "EADDRINUSE")
    return `Port ${port} is taken by another program, so other programs can't log over HTTP here. Quit that program or choose another port.`;
  if (errnoOf(error) === "EACCES") return `Port ${port} is not yours to use. Choose one above 1023.`;
  return `The HTTP API did not start: ${error instanceof Error ? error.message : String(error)}`;
}
