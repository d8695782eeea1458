import { EventEmitter } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, type CDPSession, chromium, type Page, type Route } from "@playwright/test";
import type { WebPreferences } from "electron";
import { findChromium } from "../../../scripts/lib/test-tools.mjs";
import { toAppAddress, toPageAddress } from "./addresses.ts";
import { mainWorld, preloadWorld } from "./page-worlds.ts";
import { Preventable } from "./preventable.ts";
import { seen } from "./state.ts";

const WORLD = "electron-preload";
const SEND = "__electronSend";
const RECEIVE = "__electronReceive";

type Handler = (request: Request) => Response | Promise<Response>;
export const protocolHandlers = new Map<string, Handler>();
export const ipcHandlers = new Map<string, (event: object, ...args: unknown[]) => unknown>();

type WindowOpenHandler = (details: { url: string }) => { action: "deny" | "allow" };
let context: Promise<BrowserContext> | null = null;
let profile = "";

function chromiumContext(): Promise<BrowserContext> {
  context ??= launch();
  return context;
}

async function launch(): Promise<BrowserContext> {
  profile = await mkdtemp(join(tmpdir(), "electron-double-"));
  const launched = await chromium.launchPersistentContext(profile, {
    executablePath: findChromium() ?? "/usr/bin/chromium",
    viewport: { width: 1280, height: 840 },
    args: [
      `--remote-debugging-port=${process.env.ELECTRON_DOUBLE_PORT ?? 0}`,
      ...["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"],
      ...["--disable-background-networking", "--disable-component-update", "--disable-sync"],
    ],
  });
  await launched.route("**/*", (route) => answer(route));
  return launched;
}

export async function closeChromium(): Promise<void> {
  await (await context)?.close();
  if (profile !== "") await rm(profile, { recursive: true, force: true, maxRetries: 5 });
}

/** A page that is not in here was opened by another page: the app is asked whether it may be. */
const contentsOf = new Map<Page, WebPage>();

/** All that any page asks of the network comes through here: only the app's own schemes are answered. */
async function answer(route: Route): Promise<void> {
  const request = route.request();
  const address = toAppAddress(request.url());
  let page: Page | null = null;
  try {
    page = request.frame().page();
  } catch {
    // A page that is just being opened has no frame yet.
  }
  const contents = page === null ? undefined : contentsOf.get(page);
  if (request.isNavigationRequest() && contents === undefined) {
    // Electron never makes the window; here it is there for a moment and closed.
    for (const opener of contentsOf.values()) opener.askForWindow(address);
    await route.abort("aborted");
    await page?.close();
    return;
  }
  if (request.isNavigationRequest() && contents?.refuses(address, page?.mainFrame() === request.frame())) {
    seen.blockedNavigations.push(address);
    return route.abort("aborted");
  }
  const handler = protocolHandlers.get(new URL(address).protocol.slice(0, -1));
  if (handler === undefined) return route.abort("blockedbyclient");
  const init = { method: request.method(), headers: request.headers() };
  const response = await handler(new Request(address, init));
  await route.fulfill({
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: Buffer.from(await response.arrayBuffer()),
  });
}

/** Electron's `WebContents` over a page of the system's Chromium; what the app uses of it. */
export class WebPage extends EventEmitter {
  readonly #preferences: WebPreferences;
  readonly mainFrame = { url: "", parent: null };
  #page: Promise<Page>;
  #session: CDPSession | null = null;
  #contextId: number | null = null;
  #address = "";
  #loads = 0;
  #crashed = false;
  #destroyed = false;
  #windowOpenHandler: WindowOpenHandler = () => ({ action: "allow" });

  constructor(preferences: WebPreferences) {
    super();
    this.#preferences = preferences;
    this.#page = this.#open();
  }

  async loadURL(address: string): Promise<void> {
    this.#address = address;
    const page = await this.#page;
    this.#loads += 1;
    try {
      await page.goto(toPageAddress(address), { waitUntil: "domcontentloaded" });
    } finally {
      this.#loads -= 1;
    }
    this.emit("ready");
  }

  reload(): void {
    if (!this.#crashed) {
      void this.#page.then((page) => page.reload());
      return;
    }
    const old = this.#page;
    this.#crashed = false;
    this.#page = this.#open();
    void old.then((page) => page.close()).catch(() => undefined);
    void this.loadURL(this.#address);
  }

  getURL = (): string => this.#address;
  isCrashed = (): boolean => this.#crashed;
  isDestroyed = (): boolean => this.#destroyed;

  setWindowOpenHandler(handler: WindowOpenHandler): void {
    this.#windowOpenHandler = handler;
  }

  send(channel: string, value: unknown): void {
    this.#tellPreload({ channel, value: toWire(structuredClone(value)) });
  }

  async printToPDF(): Promise<Buffer> {
    return (await this.#page).pdf({ format: "A4", printBackground: true });
  }

  print(): void {
    seen.prints += 1;
  }

  /** Gives the path that a file of this name has, as if it had been chosen from the disk. */
  notePath(name: string, path: string): void {
    this.#tellPreload({ path: [name, path] });
  }

  /** Says whether the app keeps the page from going there. */
  refuses(address: string, isMainFrame: boolean): boolean {
    if (this.#loads > 0 && isMainFrame) return false;
    const event = Object.assign(new Preventable(), { url: address, isMainFrame });
    if (isMainFrame) this.emit("will-navigate", event);
    this.emit("will-frame-navigate", event);
    return event.prevented;
  }

  askForWindow(address: string): void {
    const { action } = this.#windowOpenHandler({ url: address });
    if (action !== "deny") throw new Error("The double knows no windows that a page opens");
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    void this.#page.then((page) => page.close()).catch(() => undefined);
  }

  async #open(): Promise<Page> {
    const page = await (await chromiumContext()).newPage();
    contentsOf.set(page, this);
    const session = await page.context().newCDPSession(page);
    this.#session = session;
    session.on("Runtime.executionContextCreated", ({ context: made }) => {
      if (made.name === WORLD) this.#contextId = made.id;
    });
    session.on("Runtime.bindingCalled", ({ name, payload }) => {
      if (name === SEND) void this.#answerInvoke(JSON.parse(payload));
    });
    page.on("crash", () => {
      this.#crashed = true;
      this.#contextId = null;
      this.emit("render-process-gone", {}, { reason: "crashed", exitCode: 5 });
    });
    page.on("framenavigated", (frame) => {
      if (frame === page.mainFrame()) this.#address = toAppAddress(frame.url());
    });
    page.on("request", (request) => {
      if (request.isNavigationRequest() && request.frame() === page.mainFrame()) {
        this.emit("did-start-navigation", { isMainFrame: true, isSameDocument: false, url: request.url() });
      }
    });
    await session.send("Page.enable");
    await session.send("Runtime.enable");
    await session.send("Runtime.addBinding", { name: SEND, executionContextName: WORLD });
    const { preload } = this.#preferences;
    if (preload !== undefined) {
      await addScript(session, `(${mainWorld})()`);
      const source = `(require, module, exports) => {${readFileSync(preload, "utf8")}\n}`;
      await addScript(session, `(${preloadWorld})(${source}, "${SEND}", "${RECEIVE}")`, WORLD);
    }
    return page;
  }

  async #answerInvoke(message: { id: number; channel: string; args: unknown[] }): Promise<void> {
    const { id, channel, args } = message;
    // The main frame's: Chromium gives the binding to the preload's world alone, which is in no other.
    const frame = { url: this.#address, parent: null };
    try {
      const value = await invoke(channel, { sender: this, senderFrame: frame }, args);
      this.#tellPreload({ id, value: toWire(value) });
    } catch (error) {
      this.#tellPreload({ id, error: `Error invoking remote method '${channel}': ${String(error)}` });
    }
  }

  #tellPreload(message: object): void {
    if (this.#contextId === null || this.#session === null) return;
    const expression = `${RECEIVE}(${JSON.stringify(message)})`;
    // The page may have gone on to its next document meanwhile.
    this.#session.send("Runtime.evaluate", { expression, contextId: this.#contextId }).catch(() => undefined);
  }
}

async function addScript(session: CDPSession, source: string, worldName = ""): Promise<void> {
  await session.send("Page.addScriptToEvaluateOnNewDocument", { source, worldName });
}

/** As Electron's `ipcMain` answers: what it gives and takes is cloned. Rejects for a channel that no one handles. */
export async function invoke(channel: string, event: object, args: unknown[]): Promise<unknown> {
  const handler = ipcHandlers.get(channel);
  if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
  return structuredClone(await handler(event, ...structuredClone(args)));
}

/** JSON with bytes, which are at the top of a value or of a reply's value. */
function toWire(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString("base64") };
  const reply = value as { ok?: boolean; value?: unknown } | null;
  return reply?.value instanceof Uint8Array ? { ...reply, value: toWire(reply.value) } : value;
}
