// The pages of the double's windows are pages of a browser that the tests hold: this process asks for them over the
// channel that it was forked with, and speaks Chromium's own protocol to them.
import { EventEmitter } from "node:events";

/** What this process asks of the tests' process, each answered by a `BrowserReply` of the same id. */
export type BrowserRequest = { browser: "request"; id: number; page: number } & (
  | { ask: "open" }
  | { ask: "close" }
  | { ask: "send"; method: string; params: object }
);
export type BrowserReply = { browser: "reply"; id: number; result?: unknown; error?: string };
/** An event of Chromium's protocol, or `crash`. */
export type BrowserEvent = { browser: "event"; page: number; method: string; params: object };

const waiting = new Map<number, PromiseWithResolvers<unknown>>();
const sessions = new Map<number, BrowserPage>();
let lastId = 0;

type Ask = { ask: "open" } | { ask: "close" } | { ask: "send"; method: string; params: object };

function request(page: number, ask: Ask): Promise<unknown> {
  lastId += 1;
  const answer = Promise.withResolvers<unknown>();
  waiting.set(lastId, answer);
  process.send?.({ browser: "request", id: lastId, page, ...ask } satisfies BrowserRequest);
  return answer.promise;
}

process.on("message", (message: BrowserReply | BrowserEvent | { browser?: undefined }) => {
  if (message.browser === "event") sessions.get(message.page)?.emit(message.method, message.params);
  if (message.browser !== "reply") return;
  const answer = waiting.get(message.id);
  waiting.delete(message.id);
  if (message.error === undefined) answer?.resolve(message.result);
  else answer?.reject(new Error(message.error));
});

/** A page of the tests' browser. Emits the events of Chromium's protocol by their names. */
export class BrowserPage extends EventEmitter {
  readonly #id: number;

  static async open(): Promise<BrowserPage> {
    const page = new BrowserPage();
    await request(page.#id, { ask: "open" });
    return page;
  }

  private constructor() {
    super();
    lastId += 1;
    this.#id = lastId;
    sessions.set(this.#id, this);
  }

  /** Rejects where the page is gone. */
  send(method: string, params: object = {}): Promise<unknown> {
    return request(this.#id, { ask: "send", method, params });
  }

  async close(): Promise<void> {
    sessions.delete(this.#id);
    await request(this.#id, { ask: "close" });
  }
}
