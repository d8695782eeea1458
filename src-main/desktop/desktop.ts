import { join } from "node:path";
import { app, Menu, Notification, protocol, safeStorage, session, shell, type Tray } from "electron";
import type { DesktopState } from "../../src-shared/desktop-bridge.ts";
import { toErrorBody } from "../../src-shared/errors.ts";
import { type Core, openCore } from "../api/core.ts";
import { UI_ROOT } from "../http/ui.ts";
import { VERSION } from "../ledger/version.ts";
import { watchForAlerts } from "./alert-watch.ts";
import { ApiServer } from "./api-server.ts";
import { DesktopFiles } from "./desktop-files.ts";
import { DesktopSettings } from "./desktop-settings.ts";
import { askWhereToSave, fileCommands } from "./file-commands.ts";
import { findUpdates } from "./find-updates.ts";
import { denyPermissions, guardPages } from "./guards.ts";
import { TOLD } from "./ipc/channels.ts";
import { type PageServer, servePage } from "./ipc/serve-page.ts";
import { keychainSecrets } from "./keychain.ts";
import { setLoginItem } from "./login-item.ts";
import { MainWindow } from "./main-window.ts";
import { type MenuActions, type MenuState, menuTemplate, trayTemplate } from "./menu.ts";
import { PreferencesFile } from "./preferences-file.ts";
import { askAfterCrashes, askToKeepLogging } from "./questions.ts";
import { ReportPages } from "./report-pdf.ts";
import { APP_SCHEME } from "./rules/app-address.ts";
import { closeAction } from "./rules/closing.ts";
import type { LaunchRequest } from "./rules/launch.ts";
import { settle } from "./settle.ts";
import { Signals } from "./signals.ts";
import { createTray } from "./tray.ts";
import { serveUi } from "./ui-protocol.ts";
import type { UpdateService } from "./updates.ts";
import { watchSystem } from "./watch-system.ts";

export type DesktopOptions = {
  dataDir: string;
  /** The program's own files: preferences, secrets, Chromium's profile. */
  ownDir: string;
  logLevel: string;
  /** What it takes, at login, to start this program on this data folder. */
  loginArguments: readonly string[];
  /** For what the operator should know at once. */
  warn: (sentence: string) => void;
};

/** The desktop host: the core, its window, and what the system has to say to them. */
export class Desktop {
  readonly #core: Core;
  readonly #settings: DesktopSettings;
  readonly #api: ApiServer;
  readonly #page: PageServer;
  readonly #files: DesktopFiles;
  readonly #window: MainWindow;
  readonly #signals: Signals;
  readonly #updates: UpdateService;
  readonly #actions: MenuActions;
  readonly #stops: (() => void)[] = [];
  readonly #warn: (sentence: string) => void;
  #tray: Tray | null = null;
  #asking = false;
  #quitting = false;
  #installsUpdate = false;
  #ended = false;

  /** To be called when Electron is ready. Rejects where the core can't be opened. */
  static async open(options: DesktopOptions): Promise<Desktop> {
    const { dataDir, ownDir, logLevel, loginArguments, warn } = options;
    const file = await PreferencesFile.open(join(ownDir, "preferences.json"));
    let core: Core | null = null;
    const api = new ApiServer(() => required(core), logLevel);
    const secrets = keychainSecrets({
      path: join(ownDir, "secrets.json"),
      storage: safeStorage,
      environment: process.env,
    });
    core = await openCore({ dataDir, warn, apiUrl: () => api.url, secrets, environment: process.env });
    const { http_api, http_port } = file.preferences;
    await api.apply({ on: http_api, port: http_port });
    const desktop = new Desktop(core, file, api, loginArguments, warn);
    desktop.#start();
    return desktop;
  }

  private constructor(
    core: Core,
    file: PreferencesFile,
    api: ApiServer,
    loginArguments: readonly string[],
    warn: (sentence: string) => void,
  ) {
    this.#core = core;
    this.#settings = new DesktopSettings({
      file,
      api,
      setLoginItem: (startAtLogin) =>
        setLoginItem(startAtLogin, {
          platform: process.platform,
          setLoginItemSettings: (settings) => app.setLoginItemSettings(settings),
          executable: process.env.APPIMAGE ?? process.execPath,
          args: loginArguments,
          configHome: process.env.XDG_CONFIG_HOME || join(app.getPath("home"), ".config"),
        }),
      onChange: () => this.#showState(),
    });
    this.#api = api;
    this.#warn = warn;
    this.#window = new MainWindow({
      lastPlace: () => file.lastPlace,
      onMoved: (place) => void file.setLastPlace(place).catch((error) => this.#tellTrouble(error)),
      mayClose: () => this.#mayClose(),
      onPageGone: () => this.#page.pageGone(),
      onReloaded: () => this.#noteReload(),
      onCrashLoop: () => void this.#endCrashLoop(),
      onSessionEnd: () => app.quit(),
    });
    this.#signals = new Signals((signal) => this.#window.send(TOLD.signal, signal));
    this.#files = new DesktopFiles(core, {
      askWhereToSave: (name) => askWhereToSave(this.#window.browserWindow, name),
      showInFolder: (path) => shell.showItemInFolder(path),
    });
    this.#updates = findUpdates({
      deferral: file.deferral,
      keepDeferral: (deferral) => file.setDeferral(deferral),
      onNews: (news) => this.#signals.tell(news),
      onChange: () => this.#showState(),
      onProgress: () => this.#signals.tell({ kind: "desktop-changed" }),
      onTrouble: warn,
    });
    this.#page = servePage({
      core,
      files: this.#files,
      signals: this.#signals,
      isOwnWindow: (contents) => this.#window.owns(contents),
      send: (channel, value) => this.#window.send(channel, value),
      getDesktop: () => this.#state,
      setPreferences: (changes) => this.#settings.change(changes),
      updates: this.#updates,
      installUpdate: () => this.#installUpdate(),
    });
    const reports = new ReportPages();
    protocol.handle(APP_SCHEME, (request) => reports.answer(request) ?? serveUi(UI_ROOT, request));
    this.#actions = {
      ...fileCommands({
        core,
        files: this.#files,
        reports,
        window: () => this.#window.browserWindow,
        address: () => this.#window.address,
        tell: (signal) => {
          this.#window.show();
          this.#signals.tell(signal);
        },
      }),
      navigate: (route) => this.open({ route, files: [], hidden: false, dataDir: "" }),
      setPreference: (changes) => this.#attempt(() => this.#settings.change(changes)),
      checkForUpdates: () => this.#attempt(() => this.#updates.check()),
      downloadUpdate: () => this.#attempt(() => this.#updates.download()),
      installUpdate: () => this.#attempt(() => this.#installUpdate()),
      showWindow: () => this.#window.show(),
      quit: () => app.quit(),
    };
  }

  /** Shows what a start of the program asks for, the first one or a later one. */
  open({ route, files, hidden }: LaunchRequest): void {
    if (hidden && route === null && files.length === 0) return;
    this.#window.show();
    if (route !== null) this.#signals.tell({ kind: "navigate", path: route });
    for (const path of files) this.#signals.tell({ kind: "file-opened", ...this.#files.offer(path) });
  }

  /** Whether Electron may go on and end. Where not, the desktop settles its work and quits again. */
  mayQuit(): boolean {
    if (this.#ended) return true;
    if (!this.#quitting) {
      this.#quitting = true;
      this.#window.hide();
      void this.#end();
    }
    return false;
  }

  #start(): void {
    guardPages(() => this.#api.url);
    denyPermissions(session.defaultSession);
    this.#tray = createTray(() => this.#window.show());
    this.#showState();
    if (this.#updates.state.state !== "unavailable") this.#updates.check();

    this.#stops.push(
      watchSystem(this.#core.sync),
      watchForAlerts(
        this.#core,
        () => this.#settings.preferences,
        ({ title, body, route }) => this.#notify(title, body, route),
      ),
    );
    const { state } = this.#api;
    if (!state.on && state.problem !== null)
      this.#notify("Waybill can't be reached over HTTP", state.problem, "/settings");
  }

  #notify(title: string, body: string, route: string): void {
    if (!Notification.isSupported()) return;
    const notification = new Notification({ title, body });
    notification.on("click", () => this.#actions.navigate(route));
    notification.show();
  }

  get #state(): DesktopState {
    const { preferences } = this.#settings;
    return { version: VERSION, preferences, api: this.#api.state, update: this.#updates.state };
  }

  /** In the menus, and in the settings where they are open. */
  #showState(): void {
    const shown: MenuState = { ...this.#state, platform: process.platform, isPackaged: app.isPackaged };
    Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(shown, this.#actions)));
    this.#tray?.setContextMenu(Menu.buildFromTemplate(trayTemplate(shown, this.#actions)));
    this.#signals.tell({ kind: "desktop-changed" });
  }

  #mayClose(): boolean {
    const { on_close: choice } = this.#settings.preferences;
    switch (closeAction({ quitting: this.#quitting, choice })) {
      case "close":
        return true;
      case "hide":
        this.#window.hide();
        return false;
      case "ask":
        void this.#askOnClose();
        return false;
      case "quit":
        app.quit();
        return false;
    }
  }

  async #askOnClose(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    const on_close = await askToKeepLogging(this.#window.browserWindow);
    this.#asking = false;
    if (on_close === null) return;
    await this.#settings.change({ on_close }).catch((error: unknown) => this.#tellTrouble(error));
    if (on_close === "tray") this.#window.hide();
    else app.quit();
  }

  #noteReload(): void {
    const description = "Logging went on meanwhile: nothing was lost.";
    this.#signals.tell({
      kind: "notice",
      tone: "warning",
      title: "The window stopped working and was loaded anew",
      description,
    });
    this.#core.onUnexpected({ component: "window", error: new Error("The window's process ended.") });
  }

  async #endCrashLoop(): Promise<void> {
    switch (await askAfterCrashes()) {
      case "reload":
        this.#window.reload();
        return;
      case "tray":
        this.#window.hide();
        return;
      case "quit":
        app.quit();
    }
  }

  #tellTrouble(error: unknown): void {
    const { code, message } = toErrorBody(error);
    if (code === "internal") this.#core.onUnexpected({ component: "desktop", error });
    this.#signals.tell({ kind: "notice", tone: "danger", title: "That did not work", description: message });
  }

  /** For what a menu does: how it fails is told in the window. */
  #attempt(act: () => Promise<void> | void): void {
    Promise.resolve()
      .then(act)
      .catch((error: unknown) => {
        this.#tellTrouble(error);
        // A box that was clicked is ticked until it is said not to be.
        this.#showState();
      });
  }

  /** Throws `conflict` where none was downloaded. */
  #installUpdate(): void {
    this.#updates.requireReady();
    this.#installsUpdate = true;
    app.quit();
  }

  async #end(): Promise<void> {
    for (const stop of this.#stops) stop();
    this.#updates.close();
    let inTime = false;
    try {
      inTime = await settle({ core: this.#core, api: this.#api, page: this.#page });
    } catch (error) {
      this.#warn(`Waybill did not end in order: ${error instanceof Error ? error.message : String(error)}`);
    }
    this.#tray?.destroy();
    this.#ended = true;
    if (!inTime) app.exit(1);
    else if (this.#installsUpdate) this.#updates.install();
    else app.quit();
  }
}

function required<T>(value: T | null): T {
  if (value === null) throw new Error("The core is not open yet");
  return value;
}
