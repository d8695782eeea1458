import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import type { Input, Output, ProcedureName } from "../../src-shared/contract/index.ts";
import { HttpClient } from "./http-client.ts";
import type { LoopDelay } from "./loop-delay.mjs";
import { CLI } from "./product.ts";

const PRELOAD = resolve(import.meta.dirname, "loop-delay.mjs");
const ANSWER_MS = 30_000;
const ASK_MS = 5;

const running = new Set<ChildProcess>();

/** The built host as a process, with a client of its own. */
export class Host {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
  readonly client: HttpClient;
  /** From the start of its process to the line that says it listens. */
  readonly listeningMs: number;
  readonly #process: ChildProcess;
  readonly #loopFile: string;

  private constructor(child: ChildProcess, dataDir: string, url: string, listeningMs: number) {
    this.#process = child;
    this.#loopFile = loopFileOf(dataDir);
    this.url = url;
    this.token = readFileSync(join(dataDir, "token"), "utf8").trim();
    this.pid = child.pid ?? 0;
    this.listeningMs = listeningMs;
    this.client = new HttpClient(url, this.token, 4);
  }

  /** Without the watch on its event loop it starts as its users start it. Rejects when it ends without listening. */
  static async start(
    dataDir: string,
    { isWatched = true, env = {} }: { isWatched?: boolean; env?: NodeJS.ProcessEnv } = {},
  ): Promise<Host> {
    const started = performance.now();
    const child = spawn(
      process.execPath,
      [
        ...(isWatched ? ["--import", PRELOAD] : []),
        CLI,
        "serve",
        "--port",
        "0",
        "--json",
        "--data-dir",
        dataDir,
      ],
      {
        stdio: ["ignore", "pipe", "inherit"],
        env: { ...process.env, ...env, WAYBILL_NO_OPEN: "1", WAYBILL_BENCH_LOOP: loopFileOf(dataDir) },
      },
    );
    running.add(child);
    child.once("exit", () => running.delete(child));
    const lines = createInterface({ input: child.stdout });
    const first = await Promise.race([once(lines, "line"), once(child, "exit")]);
    const listeningMs = performance.now() - started;
    const line: unknown = first[0];
    if (typeof line !== "string") throw new Error(`The host ended with ${String(line)} before it listened`);
    const { url } = JSON.parse(line) as { url: string };
    return new Host(child, dataDir, url, listeningMs);
  }

  /** One call as the UI makes it; its time is until the whole answer is there. */
  async call<N extends ProcedureName>(name: N, input: Input<N>): Promise<{ value: Output<N>; ms: number }> {
    const { body, ms } = await this.client.post(`/api/${name}`, JSON.stringify(input), "application/json");
    const { value } = JSON.parse(body.toString()) as { value: Output<N> };
    return { value, ms };
  }

  /** How long its event loop stood still since the last time this was asked. */
  async loopDelay(): Promise<LoopDelay> {
    rmSync(this.#loopFile, { force: true });
    this.#process.kill("SIGUSR2");
    const deadline = performance.now() + ANSWER_MS;
    while (!existsSync(this.#loopFile)) {
      if (performance.now() > deadline) throw new Error("The host does not tell its event loop's delay");
      await pause(ASK_MS);
    }
    return JSON.parse(readFileSync(this.#loopFile, "utf8")) as LoopDelay;
  }

  async stop(): Promise<void> {
    this.client.close();
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    await ended;
  }
}

/** For the end of the bench: nothing that it started outlives it. */
export function killHosts(): void {
  for (const child of running) child.kill("SIGKILL");
}

function loopFileOf(dataDir: string): string {
  return join(dataDir, "..", "loop-delay.json");
}
