import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, chromium, expect, type Page } from "@playwright/test";
import type { Input, Output, ProcedureName } from "../../../src-shared/contract/index.ts";
import type { Reply } from "../../../src-shared/errors.ts";
import type { MessageInput } from "../../../src-shared/record.ts";
import type { Order, OrderName, OrderReply, Orders } from "../../support/electron-double/control.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** Of another build where one is named, as for the other tests. */
const MAIN = resolve(ROOT, process.env.WAYBILL_DIST ?? "dist", "main/desktop.js");
const REGISTER = resolve(ROOT, "tests/support/electron-double/register.ts");
/** Chromium has no scheme of the app's own: see the double's addresses. */
export const PAGE_ORIGIN = "https://waybill.app.test";

const START_MS = 30_000;

export type StartOptions = {
  dataDir: string;
  args?: string[];
  cwd?: string;
  /** Of the HTTP API; any free one where it is left out. */
  port?: number;
};

/** The built desktop app on the double. */
export class StandIn {
  readonly dataDir: string;
  readonly apiUrl: string;
  readonly #child: ChildProcess;
  readonly #debugPort: number;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #browser: Browser | null = null;
  #orders = 0;
  told = "";

  static async start({ dataDir, args = [], cwd = dataDir, port }: StartOptions): Promise<StandIn> {
    const [debugPort, apiPort] = [await freePort(), port ?? (await freePort())];
    // Where the data folder can't be written, Electron's own place is used.
    const elsewhere = join(dataDir, "..", "user-data");
    for (const folder of [elsewhere, join(dataDir, "desktop")]) await preferPort(folder, apiPort);
    const child = fork(MAIN, args, {
      cwd,
      execArgv: ["--import", REGISTER],
      env: {
        ...process.env,
        WAYBILL_DATA_DIR: dataDir,
        ELECTRON_DOUBLE_PORT: String(debugPort),
        ELECTRON_DOUBLE_USER_DATA: elsewhere,
      },
      stdio: ["ignore", "inherit", "pipe", "ipc"],
      serialization: "advanced",
    });
    return new StandIn(child, { dataDir, debugPort, apiPort });
  }

  private constructor(
    child: ChildProcess,
    { dataDir, debugPort, apiPort }: { dataDir: string; debugPort: number; apiPort: number },
  ) {
    this.dataDir = dataDir;
    this.apiUrl = `http://127.0.0.1:${apiPort}`;
    this.#child = child;
    this.#debugPort = debugPort;
    child.stderr?.on("data", (chunk: Buffer) => {
      this.told += chunk.toString();
    });
    child.on("message", ({ id, output, error }: OrderReply) => {
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(output);
      else waiting?.reject(new Error(error));
    });
  }

  order<N extends OrderName>(name: N, input: Orders[N][0]): Promise<Orders[N][1]> {
    this.#orders += 1;
    const id = this.#orders;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    this.#child.send({ id, name, input } satisfies Order);
    return waiting.promise as Promise<Orders[N][1]>;
  }

  /** The page of the window, as soon as it is there. */
  async page(): Promise<Page> {
    const browser = await this.#connect();
    const find = () =>
      browser
        .contexts()
        .flatMap((context) => context.pages())
        .find((page) => page.url().startsWith(PAGE_ORIGIN));
    await expect.poll(() => find() !== undefined, { timeout: START_MS }).toBe(true);
    const page = find();
    if (page === undefined) throw new Error("The window's page went away");
    return page;
  }

  /** A procedure over the app's HTTP API. Rejects where it fails. */
  async call<N extends ProcedureName>(name: N, input: Input<N>): Promise<Output<N>> {
    const response = await fetch(`${this.apiUrl}/api/${name}`, {
      method: "POST",
      headers: { authorization: `Bearer ${await this.token()}`, "content-type": "application/json" },
      body: JSON.stringify(input),
    });
    const reply = (await response.json()) as Reply<Output<N>>;
    if (!reply.ok) throw new Error(`${name}: ${reply.error.message}`);
    return reply.value;
  }

  async token(): Promise<string> {
    return (await readFile(join(this.dataDir, "token"), "utf8")).trim();
  }

  async log(...records: MessageInput[]): Promise<void> {
    const { accepted } = await this.call("messages.log", { records });
    expect(accepted).toBe(records.length);
  }

  /** Waits for the end of the process and gives its exit code. */
  async ended(): Promise<number | null> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, "exit");
    return this.#child.exitCode;
  }

  /** Ends it as the system would, and gives the exit code. */
  async stop(): Promise<number | null> {
    await this.#browser?.close();
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill("SIGTERM");
    return this.ended();
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  async #connect(): Promise<Browser> {
    if (this.#browser !== null) return this.#browser;
    const address = `http://127.0.0.1:${this.#debugPort}`;
    await expect
      .poll(
        () =>
          fetch(`${address}/json/version`).then(
            ({ ok }) => ok,
            () => false,
          ),
        { timeout: START_MS },
      )
      .toBe(true);
    this.#browser = await chromium.connectOverCDP(address);
    return this.#browser;
  }
}

/** Each app of a test has a port of its own, as its operator could choose one. */
async function preferPort(folder: string, http_port: number): Promise<void> {
  const path = join(folder, "preferences.json");
  try {
    await mkdir(folder, { recursive: true });
    const before = await readFile(path, "utf8").catch(() => "{}");
    await writeFile(path, JSON.stringify({ ...JSON.parse(before), http_port }));
  } catch {
    // A folder that is broken on purpose.
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (typeof address !== "object" || address === null) throw new Error("The system gave no port");
  return address.port;
}
