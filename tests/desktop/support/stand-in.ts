import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { type BrowserContext, expect, type Page } from "@playwright/test";
import type { Input, Output, ProcedureName } from "../../../src-shared/contract/index.ts";
import type { Reply } from "../../../src-shared/errors.ts";
import type { MessageInput } from "../../../src-shared/record.ts";
import type { BrowserRequest } from "../../support/electron-double/browser-link.ts";
import type { Order, OrderName, OrderReply, Orders } from "../../support/electron-double/control.ts";
import { preferPort, untilListening } from "./api-port.ts";
import { WindowPages } from "./window-pages.ts";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** Of another build where one is named, as for the other tests. */
const MAIN = resolve(ROOT, process.env.WAYBILL_DIST ?? "dist", "main/desktop.js");
const REGISTER = resolve(ROOT, "tests/support/electron-double/register.ts");
/** Chromium has no scheme of the app's own: see the double's addresses. */
export const PAGE_ORIGIN = "https://waybill.app.test";

const START_MS = 30_000;

export type StartOptions = {
  dataDir: string;
  /** Where its windows are opened; null where it is to have none yet. */
  context: BrowserContext | null;
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
  readonly #pages: WindowPages;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #orders = 0;
  told = "";

  static async start({ dataDir, context, args = [], cwd = dataDir, port }: StartOptions): Promise<StandIn> {
    // Where the data folder can't be written, Electron's own place is used.
    const elsewhere = join(dataDir, "..", "user-data");
    const apiUrl = await preferPort([elsewhere, join(dataDir, "desktop")], port);
    const child = fork(MAIN, args, {
      cwd,
      execArgv: ["--import", REGISTER],
      env: {
        ...process.env,
        WAYBILL_DATA_DIR: dataDir,
        ELECTRON_DOUBLE_USER_DATA: elsewhere,
        // Records wait in the user's home where the data folder can't be written.
        HOME: elsewhere,
        USERPROFILE: elsewhere,
      },
      stdio: ["ignore", "inherit", "pipe", "ipc"],
      serialization: "advanced",
    });
    return new StandIn(child, { dataDir, context, apiUrl });
  }

  private constructor(
    child: ChildProcess,
    { dataDir, context, apiUrl }: { dataDir: string; context: BrowserContext | null; apiUrl: string },
  ) {
    this.dataDir = dataDir;
    this.apiUrl = apiUrl;
    this.#child = child;
    this.#pages = new WindowPages(child, context);
    child.stderr?.on("data", (chunk: Buffer) => {
      this.told += chunk.toString();
    });
    child.on("message", (message: OrderReply | BrowserRequest) => {
      if ("browser" in message) return;
      const { id, output, error } = message;
      const waiting = this.#waiting.get(id);
      this.#waiting.delete(id);
      if (error === undefined) waiting?.resolve(output);
      else waiting?.reject(new Error(error));
    });
    child.once("exit", () => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`The app is gone: ${this.told}`));
    });
  }

  /** Rejects where it can't be done, or the app is gone. */
  order<N extends OrderName>(name: N, input: Orders[N][0]): Promise<Orders[N][1]> {
    this.#orders += 1;
    const id = this.#orders;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    if (this.#child.connected) this.#child.send({ id, name, input } satisfies Order);
    else waiting.reject(new Error(`The app is gone: ${this.told}`));
    return waiting.promise as Promise<Orders[N][1]>;
  }

  /** The page of the window, as soon as it is there. */
  async page(): Promise<Page> {
    const isShown = (page: Page) => page.url().startsWith(PAGE_ORIGIN);
    await expect
      .poll(() => this.#pages.find(isShown) !== undefined, { timeout: START_MS, intervals: [50] })
      .toBe(true);
    const page = this.#pages.find(isShown);
    if (page === undefined) throw new Error("The window's page went away");
    return page;
  }

  /** The page of the window, wherever it is, once the app shows it. */
  async shownPage(): Promise<Page> {
    const isShown = async () => (await this.order("state", null)).windows.some(({ visible }) => visible);
    await expect.poll(isShown, { timeout: START_MS, intervals: [25] }).toBe(true);
    const page = this.#pages.find(() => true);
    if (page === undefined) throw new Error("The window's page went away");
    return page;
  }

  /** Waits until it takes records. */
  listening(): Promise<void> {
    return untilListening(this.apiUrl);
  }

  /** Where its windows are opened from now on. */
  showIn(context: BrowserContext): void {
    this.#pages.context = context;
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
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.kill("SIGTERM");
    return this.ended();
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }
}
