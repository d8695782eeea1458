import { fileURLToPath } from "node:url";
import { app, BrowserWindow, screen, type WebContents } from "electron";
import type { LastPlace } from "./preferences-file.ts";
import { APP_ORIGIN } from "./rules/app-address.ts";
import { CrashWatch } from "./rules/crash.ts";
import { pagePreferences } from "./rules/page-preferences.ts";
import { MIN_HEIGHT, MIN_WIDTH, placeWindow } from "./rules/window-bounds.ts";

/** Beside the built main process: `dist/main` and `dist/preload`. */
const PRELOAD = fileURLToPath(new URL("../preload/preload.cjs", import.meta.url));

export type MainWindowOptions = {
  lastPlace: () => LastPlace | null;
  onMoved: (place: LastPlace) => void;
  /** Whether it may close; where not, what else is to be done has been. */
  mayClose: () => boolean;
  /** The page is about to go away. */
  onPageGone: () => void;
  onReloaded: () => void;
  onCrashLoop: () => void;
  /** The system ends the session. */
  onSessionEnd: () => void;
};

/** The one window. It is made when it is first shown: one that starts in the tray needs none. */
export class MainWindow {
  readonly #options: MainWindowOptions;
  readonly #crashes = new CrashWatch();
  #window: BrowserWindow | null = null;

  constructor(options: MainWindowOptions) {
    this.#options = options;
  }

  get browserWindow(): BrowserWindow | null {
    return this.#window;
  }

  /** The address of its page; empty while there is none. */
  get address(): string {
    return this.#window?.webContents.getURL() ?? "";
  }

  owns(contents: WebContents): boolean {
    return this.#window !== null && this.#window.webContents === contents;
  }

  /** Brings it to the front, made anew where it is gone. */
  show(): void {
    if (this.#window === null) {
      this.#window = this.#create();
      return;
    }
    if (this.#window.isMinimized()) this.#window.restore();
    this.#window.show();
    this.#window.focus();
  }

  hide(): void {
    this.#window?.hide();
  }

  reload(): void {
    void this.#window?.webContents.loadURL(`${APP_ORIGIN}/`);
  }

  send(channel: string, value: unknown): void {
    const contents = this.#window?.webContents;
    if (contents === undefined || contents.isDestroyed() || contents.isCrashed()) return;
    contents.send(channel, value);
  }

  #create(): BrowserWindow {
    const last = this.#options.lastPlace();
    const primary = screen.getPrimaryDisplay();
    const others = screen.getAllDisplays().filter(({ id }) => id !== primary.id);
    const window = new BrowserWindow({
      ...placeWindow(
        last,
        [primary, ...others].map(({ workArea }) => workArea),
      ),
      minWidth: MIN_WIDTH,
      minHeight: MIN_HEIGHT,
      title: "Waybill",
      show: false,
      backgroundColor: "#0e0f11",
      webPreferences: pagePreferences(PRELOAD, app.isPackaged),
    });
    if (last?.maximized === true) window.maximize();
    window.once("ready-to-show", () => window.show());
    this.#follow(window);
    // What fails is shown by the page's own error; the window stays and can be reloaded.
    window.webContents.loadURL(`${APP_ORIGIN}/`).catch(() => undefined);
    return window;
  }

  #follow(window: BrowserWindow): void {
    const { webContents } = window;
    window.on("close", (event) => {
      this.#options.onMoved({ ...window.getNormalBounds(), maximized: window.isMaximized() });
      if (!this.#options.mayClose()) event.preventDefault();
    });
    window.on("closed", () => {
      this.#window = null;
      this.#options.onPageGone();
    });
    window.on("session-end", () => this.#options.onSessionEnd());
    webContents.on("did-start-navigation", ({ isMainFrame, isSameDocument }) => {
      if (isMainFrame && !isSameDocument) this.#options.onPageGone();
    });
    webContents.on("render-process-gone", (_event, { reason }) => {
      this.#options.onPageGone();
      if (reason === "clean-exit") return;
      if (!this.#crashes.mayReload(Date.now())) {
        this.#options.onCrashLoop();
        return;
      }
      webContents.reload();
      this.#options.onReloaded();
    });
  }
}
