import type { ChildProcess } from "node:child_process";
import type { BrowserContext, CDPSession, Page } from "@playwright/test";
import type {
  BrowserEvent,
  BrowserReply,
  BrowserRequest,
} from "../../support/electron-double/browser-link.ts";

/** What the double wants to hear of. */
const EVENTS = new Set([
  "Runtime.executionContextCreated",
  "Runtime.bindingCalled",
  "Page.frameNavigated",
  "Page.navigatedWithinDocument",
  "Page.loadEventFired",
  "Page.windowOpen",
  "Fetch.requestPaused",
]);

type Send = (method: string, params: object) => Promise<unknown>;

/** The pages of the windows of one app on the double, made in a browser context of the test's. */
export class WindowPages {
  readonly #child: ChildProcess;
  readonly #pages = new Map<number, { page: Page; session: CDPSession }>();
  /** Where windows are opened from now on. */
  context: BrowserContext | null;

  constructor(child: ChildProcess, context: BrowserContext | null) {
    this.#child = child;
    this.context = context;
    child.on("message", (message: BrowserRequest | { browser?: undefined }) => {
      if (message.browser === "request") void this.#answer(message);
    });
    child.once("exit", () => this.close());
  }

  find(isWanted: (page: Page) => boolean): Page | undefined {
    return [...this.#pages.values()].find(({ page }) => !page.isClosed() && isWanted(page))?.page;
  }

  close(): void {
    for (const { page } of this.#pages.values()) page.close().catch(() => undefined);
    this.#pages.clear();
  }

  async #answer(request: BrowserRequest): Promise<void> {
    const { id } = request;
    try {
      const result = await this.#do(request);
      this.#tell({ browser: "reply", id, result });
    } catch (error) {
      this.#tell({ browser: "reply", id, error: String(error) });
    }
  }

  async #do(request: BrowserRequest): Promise<unknown> {
    if (request.ask === "open") return this.#open(request.page);
    const found = this.#pages.get(request.page);
    if (found === undefined) throw new Error("The page is gone");
    if (request.ask === "send") {
      const { session } = found;
      return (session.send as Send).call(session, request.method, request.params);
    }
    this.#pages.delete(request.page);
    await found.page.close();
    return null;
  }

  async #open(id: number): Promise<null> {
    if (this.context === null) throw new Error("The test has no browser for a window");
    const page = await this.context.newPage();
    const session = await this.context.newCDPSession(page);
    session.on("event", ({ method, params = {} }) => {
      if (EVENTS.has(method)) this.#tell({ browser: "event", page: id, method, params });
    });
    page.on("crash", () => this.#tell({ browser: "event", page: id, method: "crash", params: {} }));
    this.#pages.set(id, { page, session });
    return null;
  }

  #tell(message: BrowserReply | BrowserEvent): void {
    // It may be about to end.
    if (this.#child.connected) this.#child.send(message, () => {});
  }
}
