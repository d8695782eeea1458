// What `import … from "electron"` gives under the double: no more than the app uses, each member checked against
// Electron's own declarations. It behaves as documented; how Electron really behaves only Electron can show.
import { EventEmitter } from "node:events";
import { homedir } from "node:os";
import { join } from "node:path";
import type Electron from "electron";
import type { MenuItemConstructorOptions } from "electron";
import { BrowserWindow as DoubleWindow, windowHooks, windows } from "./browser-window.ts";
import { serveControl } from "./control.ts";
import { Preventable } from "./preventable.ts";
import { requestLock } from "./single-instance.ts";
import { answers, machine, menus, seen } from "./state.ts";
import { ipcHandlers, protocolHandlers } from "./web-page.ts";

/** Members that Electron has too, with its types; `extra` members of the double's own are not let through. */
function standIn<T>() {
  return <K extends keyof T>(members: Pick<T, K>): Pick<T, K> => members;
}
/** Listeners of every event: the declarations have an overload for each. */
function listeners<T extends { on: unknown }>(emitter: EventEmitter): { on: T["on"] } {
  return { on: emitter.on.bind(emitter) as T["on"] };
}

export const appEvents = new EventEmitter();
export const powerEvents = new EventEmitter();
let userData = process.env.ELECTRON_DOUBLE_USER_DATA ?? join(homedir(), ".config", "Waybill");
let quitting = false;

function quit(): void {
  const event = new Preventable();
  appEvents.emit("before-quit", event);
  if (event.prevented) return;
  quitting = true;
  for (const window of [...windows]) window.close();
  if (windows.size > 0) {
    quitting = false;
    return;
  }
  appEvents.emit("will-quit", { preventDefault: () => {} });
  appEvents.emit("quit", {}, 0);
  process.exit(0);
}

export const app = standIn<Electron.App>()({
  ...listeners<Electron.App>(appEvents),
  isPackaged: false,
  enableSandbox: () => {},
  setName: () => {},
  setPath: (name, path) => {
    if (name === "userData") userData = path;
  },
  getPath: (name) => (name === "userData" ? userData : join(homedir(), name === "home" ? "" : name)),
  requestSingleInstanceLock: (data) =>
    requestLock(userData, data ?? {}, (second) =>
      appEvents.emit("second-instance", {}, second.argv, second.workingDirectory, second.data),
    ),
  whenReady: () => new Promise((resolve) => setImmediate(resolve)),
  quit,
  exit: (code = 0) => process.exit(code),
  setAsDefaultProtocolClient: () => true,
  setLoginItemSettings: ({ openAtLogin }) => {
    seen.loginItem = openAtLogin ?? false;
  },
});

windowHooks.onPage = (page) => appEvents.emit("web-contents-created", {}, page);
windowHooks.onLastClosed = () => {
  if (quitting) return;
  if (appEvents.listenerCount("window-all-closed") === 0) quit();
  else appEvents.emit("window-all-closed");
};
// Electron's own: a signal is a wish to quit.
for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, quit);

export const BrowserWindow = DoubleWindow;

export const protocol = standIn<Electron.Protocol>()({
  registerSchemesAsPrivileged: () => {},
  handle: (scheme, handler) => void protocolHandlers.set(scheme, handler),
});

export const ipcMain = standIn<Electron.IpcMain>()({
  handle: (channel, listener) => {
    if (ipcHandlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    ipcHandlers.set(channel, listener as (event: object, ...args: unknown[]) => unknown);
  },
});

function nextAnswer(shown: string): string | number | null {
  seen.dialogs.push(shown);
  return answers.shift() ?? null;
}
const optionsOf = <T>(args: unknown[]): T => args.at(-1) as T;

export const dialog = standIn<Electron.Dialog>()({
  showErrorBox: (title, content) => void seen.errorBoxes.push({ title, content }),
  showMessageBox: async (...args: unknown[]) => {
    const { message, cancelId = 0 } = optionsOf<Electron.MessageBoxOptions>(args);
    const answer = nextAnswer(message);
    return { response: typeof answer === "number" ? answer : cancelId, checkboxChecked: false };
  },
  showSaveDialog: async (...args: unknown[]) => {
    const { defaultPath = "" } = optionsOf<Electron.SaveDialogOptions>(args);
    const answer = nextAnswer(`save ${defaultPath}`);
    return { canceled: typeof answer !== "string", filePath: typeof answer === "string" ? answer : "" };
  },
  showOpenDialog: async (...args: unknown[]) => {
    const { title = "" } = optionsOf<Electron.OpenDialogOptions>(args);
    const answer = nextAnswer(`open ${title}`);
    return { canceled: typeof answer !== "string", filePaths: typeof answer === "string" ? [answer] : [] };
  },
});

export const shell = standIn<Electron.Shell>()({
  openExternal: async (url) => void seen.openedExternally.push(url),
  openPath: async (path) => {
    seen.openedPaths.push(path);
    return "";
  },
  showItemInFolder: (path) => void seen.shownInFolder.push(path),
});

const KEY = 0x5a;
const veil = (bytes: Buffer): Buffer => Buffer.from(bytes.map((byte) => byte ^ KEY));
/** Not encryption: enough to see that nothing is kept as it is. */
export const safeStorage = standIn<Electron.SafeStorage>()({
  isEncryptionAvailable: () => machine.keychain,
  getSelectedStorageBackend: () => (machine.keychain ? "gnome_libsecret" : "basic_text"),
  encryptString: (text) => veil(Buffer.from(text)),
  decryptString: (encrypted) => veil(encrypted).toString("utf8"),
});

export const net = standIn<Electron.Net>()({ isOnline: () => machine.online });
export const powerMonitor = standIn<Electron.PowerMonitor>()(listeners<Electron.PowerMonitor>(powerEvents));

const display = { id: 1, workArea: { x: 0, y: 0, width: 1920, height: 1080 } } as Electron.Display;
export const screen = standIn<Electron.Screen>()({
  getPrimaryDisplay: () => display,
  getAllDisplays: () => [display],
});

type PermissionCheck = Parameters<Electron.Session["setPermissionCheckHandler"]>[0];
export const permissions: { check: PermissionCheck } = { check: null };
export const session = {
  defaultSession: standIn<Electron.Session>()({
    setPermissionRequestHandler: () => {},
    setPermissionCheckHandler: (handler) => {
      permissions.check = handler;
    },
    setDevicePermissionHandler: () => {},
  }),
} satisfies { defaultSession: Partial<Electron.Session> };

type BuiltMenu = { template: MenuItemConstructorOptions[] };
export const Menu = {
  buildFromTemplate: (template: MenuItemConstructorOptions[]): BuiltMenu => ({ template }),
  setApplicationMenu: ({ template }: BuiltMenu) => {
    menus.application = template;
  },
} satisfies { [K in keyof typeof Electron.Menu]?: unknown };

export class Tray extends EventEmitter {
  constructor(_icon: unknown) {
    super();
    seen.hasTray = true;
  }
  setToolTip(_text: string): void {}
  setContextMenu({ template }: BuiltMenu): void {
    menus.tray = template;
  }
  destroy(): void {
    seen.hasTray = false;
  }
}

export class Notification extends EventEmitter {
  static isSupported(): boolean {
    return true;
  }
  readonly #shown: { title: string; body: string };
  constructor({ title = "", body = "" }: Electron.NotificationConstructorOptions) {
    super();
    this.#shown = { title, body };
  }
  show(): void {
    seen.notifications.push(this.#shown);
    shownNotifications.push(this);
  }
}

export const nativeImage = { createFromPath: (path: string) => ({ path }) } satisfies {
  [K in keyof typeof Electron.nativeImage]?: unknown;
};

const shownNotifications: EventEmitter[] = [];
serveControl({ appEvents, powerEvents, permissions, notifications: shownNotifications });
