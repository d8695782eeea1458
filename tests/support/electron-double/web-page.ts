import { EventEmitter, once } from "node:events";
import { readFileSync } from "node:fs";
import type { WebPreferences } from "electron";
import { toAppAddress, toPageAddress } from "./addresses.ts";
import { BrowserPage } from "./browser-link.ts";
import { mainWorld, preloadWorld } from "./page-worlds.ts";
import { Preventable } from "./preventable.ts";
import { seen } from "./state.ts";

const WORLD = "electron-preload";
const SEND = "__electronSend";
const RECEIVE = "__electronReceive";
/** In inches. */
const A4 = { paperWidth: 8.27, paperHeight: 11.69 };

type Handler = (request: Request) => Response | Promise<Response>;
export const protocolHandlers = new Map<string, Handler>();
export const ipcHandlers = new Map<string, (event: object, ...args: unknown[]) => unknown>();

/** What pages were answered and told; null while nobody wants to know. */
export const sentToPages: { texts: string[] | null } = { texts: null };

/** Where the app's own loads lead instead, for tests that go to a page of their own at once. */
export const landing: { address: string | null } = { address: null };

type WindowOpenHandler = (details: { url: string }) => { action: "deny" | "allow" };

/** What is used of the events of Chromium's protocol. */
type Frame = { id: string; parentId?: string; url: string };
type World = { id: number; name: string; auxData: { frameId: string } };
type Paused = {
  requestId: string;
  frameId: string;
  resourceType: string;
  request: { url: string; method: string; headers: Record<string, string> };
};

/** Electron's `WebContents` over a page of the tests' browser; what the app uses of it. */
export class WebPage extends EventEmitter {
  readonly #preferences: WebPreferences;
  readonly mainFrame = { url: "", parent: null };
  #page: Promise<BrowserPage>;
  #mainFrameId = "";
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
    if (this.#crashed) this.#openAnew();
    const page = await this.#page;
    this.#loads += 1;
    const target = landing.address ?? toPageAddress(address);
    try {
      const loaded = once(page, "Page.loadEventFired");
      const { errorText } = (await page.send("Page.navigate", { url: target })) as { errorText?: string };
      if (errorText !== undefined) throw new Error(`${errorText} loading '${address}'`);
      await loaded;
    } finally {
      this.#loads -= 1;
    }
    this.emit("ready");
  }

  reload(): void {
    if (this.#crashed) this.loadURL(this.#address).catch(() => undefined);
    else void this.#page.then((page) => page.send("Page.reload"));
  }

  /** Chromium's page does not come back from a crash. */
  #openAnew(): void {
    const old = this.#page;
    this.#crashed = false;
    this.#page = this.#open();
    void old.then((page) => page.close()).catch(() => undefined);
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
    const page = await this.#page;
    const { data } = (await page.send("Page.printToPDF", { ...A4, printBackground: true })) as {
      data: string;
    };
    return Buffer.from(data, "base64");
  }

  print(): void {
    seen.prints += 1;
  }

  /** Gives the path that a file of this name has, as if it had been chosen from the disk. */
  notePath(name: string, path: string): void {
    this.#tellPreload({ path: [name, path] });
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#contextId = null;
    void this.#page.then((page) => page.close()).catch(() => undefined);
  }

  async #open(): Promise<BrowserPage> {
    const page = await BrowserPage.open();
    const { frameTree } = (await page.send("Page.getFrameTree")) as { frameTree: { frame: Frame } };
    this.#mainFrameId = frameTree.frame.id;
    page.on("Runtime.executionContextCreated", ({ context }: { context: World }) => {
      if (context.name === WORLD && context.auxData.frameId === this.#mainFrameId)
        this.#contextId = context.id;
    });
    page.on("Runtime.bindingCalled", ({ name, payload }: { name: string; payload: string }) => {
      if (name === SEND) void this.#answerInvoke(page, JSON.parse(payload));
    });
    page.on("Page.frameNavigated", ({ frame }: { frame: Frame }) => {
      if (frame.parentId === undefined) this.#address = toAppAddress(frame.url);
    });
    page.on("Page.navigatedWithinDocument", ({ frameId, url }: { frameId: string; url: string }) => {
      if (frameId === this.#mainFrameId) this.#address = toAppAddress(url);
    });
    page.on("Page.windowOpen", ({ url }: { url: string }) => this.#askForWindow(toAppAddress(url)));
    page.on("Fetch.requestPaused", (paused: Paused) => {
      // The page may have gone away before its answer.
      this.#answerRequest(page, paused).catch(() => undefined);
    });
    page.on("crash", () => {
      this.#crashed = true;
      this.#contextId = null;
      this.emit("render-process-gone", {}, { reason: "crashed", exitCode: 5 });
    });
    await page.send("Page.enable");
    await page.send("Runtime.enable");
    await page.send("Fetch.enable", { patterns: [{ urlPattern: "*" }] });
    await page.send("Runtime.addBinding", { name: SEND, executionContextName: WORLD });
    const { preload } = this.#preferences;
    if (preload !== undefined) {
      await addScript(page, `(${mainWorld})()`);
      const source = `(require, module, exports) => {${readFileSync(preload, "utf8")}\n}`;
      await addScript(page, `(${preloadWorld})(${source}, "${SEND}", "${RECEIVE}")`, WORLD);
    }
    return page;
  }

  /** All that the page asks of the network comes through here: only the app's own schemes are answered. */
  async #answerRequest(
    page: BrowserPage,
    { requestId, frameId, resourceType, request }: Paused,
  ): Promise<void> {
    const address = toAppAddress(request.url);
    const fail = (errorReason: "Aborted" | "BlockedByClient") =>
      page.send("Fetch.failRequest", { requestId, errorReason });
    if (resourceType === "Document") {
      const isMainFrame = frameId === this.#mainFrameId;
      if (this.#refuses(address, isMainFrame)) {
        seen.blockedNavigations.push(address);
        await fail("Aborted");
        return;
      }
      if (isMainFrame) {
        this.emit("did-start-navigation", { isMainFrame, isSameDocument: false, url: request.url });
      }
    }
    const handler = protocolHandlers.get(new URL(address).protocol.slice(0, -1));
    if (handler === undefined) {
      await fail("BlockedByClient");
      return;
    }
    const { method, headers } = request;
    const response = await handler(new Request(address, { method, headers }));
    await page.send("Fetch.fulfillRequest", {
      requestId,
      responseCode: response.status,
      responseHeaders: [...response.headers].map(([name, value]) => ({ name, value })),
      body: Buffer.from(await response.arrayBuffer()).toString("base64"),
    });
  }

  /** Says whether the app keeps the page from going there. */
  #refuses(address: string, isMainFrame: boolean): boolean {
    if (this.#loads > 0 && isMainFrame) return false;
    const event = Object.assign(new Preventable(), { url: address, isMainFrame });
    if (isMainFrame) this.emit("will-navigate", event);
    this.emit("will-frame-navigate", event);
    return event.prevented;
  }

  #askForWindow(address: string): void {
    const { action } = this.#windowOpenHandler({ url: address });
    if (action !== "deny") throw new Error("The double knows no windows that a page opens");
  }

  async #answerInvoke(
    page: BrowserPage,
    { id, channel, args }: { id: number; channel: string; args: unknown[] },
  ): Promise<void> {
    const contextId = this.#contextId;
    // The main frame's: Chromium gives the binding to the preload's world alone, which is in no other.
    const frame = { url: this.#address, parent: null };
    let reply: object;
    try {
      reply = { id, value: toWire(await invoke(channel, { sender: this, senderFrame: frame }, args)) };
    } catch (error) {
      reply = { id, error: `Error invoking remote method '${channel}': ${String(error)}` };
    }
    // Another document numbers its calls anew.
    if (contextId === this.#contextId && page === (await this.#page)) this.#tellPreload(reply);
  }

  #tellPreload(message: object): void {
    const contextId = this.#contextId;
    if (contextId === null) return;
    const text = JSON.stringify(message);
    sentToPages.texts?.push(text);
    const expression = `${RECEIVE}(${text})`;
    // The page may have gone on to its next document meanwhile.
    void this.#page
      .then((page) => page.send("Runtime.evaluate", { expression, contextId }))
      .catch(() => undefined);
  }
}

async function addScript(page: BrowserPage, source: string, worldName = ""): Promise<void> {
  await page.send("Page.addScriptToEvaluateOnNewDocument", { source, worldName });
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
