import { EventEmitter } from "node:events";
import type { BrowserWindowConstructorOptions, Rectangle } from "electron";
import { Preventable } from "./preventable.ts";
import { WebPage } from "./web-page.ts";

export const windows = new Set<BrowserWindow>();
/** Called when the last one is gone, and with each page that comes up. */
export const windowHooks = { onLastClosed: () => {}, onPage: (_page: WebPage) => {} };

/** Electron's `BrowserWindow`; what the app uses of it. */
export class BrowserWindow extends EventEmitter {
  readonly options: BrowserWindowConstructorOptions;
  readonly webContents: WebPage;
  visible: boolean;
  #bounds: Rectangle;
  #maximized = false;

  constructor(options: BrowserWindowConstructorOptions = {}) {
    super();
    this.options = options;
    const { x = 100, y = 100, width = 800, height = 600 } = options;
    this.#bounds = { x, y, width, height };
    this.visible = options.show ?? true;
    this.webContents = new WebPage(options.webPreferences ?? {});
    this.webContents.on("ready", () => this.emit("ready-to-show"));
    windows.add(this);
    windowHooks.onPage(this.webContents);
  }

  show(): void {
    this.visible = true;
  }
  hide(): void {
    this.visible = false;
  }
  focus(): void {}
  restore(): void {}
  isMinimized = (): boolean => false;
  isMaximized = (): boolean => this.#maximized;
  maximize(): void {
    this.#maximized = true;
  }
  getNormalBounds = (): Rectangle => this.#bounds;

  /** As by its button: the app may prevent it. */
  close(): void {
    const event = new Preventable();
    this.emit("close", event);
    if (!event.prevented) this.destroy();
  }

  destroy(): void {
    if (!windows.delete(this)) return;
    this.webContents.destroy();
    this.emit("closed");
    if (windows.size === 0) windowHooks.onLastClosed();
  }
}
