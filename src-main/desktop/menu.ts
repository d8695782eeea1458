import type { MenuItemConstructorOptions } from "electron";
import type { ApiState, DesktopState, Preferences, UpdateState } from "../../src-shared/desktop-bridge.ts";

export type MenuActions = {
  importFile: () => void;
  backUp: () => void;
  restore: () => void;
  savePdf: () => void;
  print: () => void;
  showDataFolder: () => void;
  navigate: (route: string) => void;
  setPreference: (changes: Partial<Preferences>) => void;
  checkForUpdates: () => void;
  downloadUpdate: () => void;
  installUpdate: () => void;
  showWindow: () => void;
  quit: () => void;
};

export type MenuState = Pick<DesktopState, "preferences" | "api" | "update"> & {
  platform: NodeJS.Platform;
  isPackaged: boolean;
};

type Items = MenuItemConstructorOptions[];

/** The menu of the window, or of the whole program on macOS. */
export function menuTemplate(state: MenuState, actions: MenuActions): Items {
  const { preferences } = state;
  const isMac = state.platform === "darwin";
  const settings: MenuItemConstructorOptions = {
    id: "settings",
    label: "Settings…",
    accelerator: "CommandOrControl+,",
    click: () => actions.navigate("/settings"),
  };
  const updates = updateItems(state.update, actions);
  const program: MenuItemConstructorOptions = {
    role: "appMenu",
    submenu: [
      { role: "about" },
      ...updates,
      { type: "separator" },
      settings,
      { type: "separator" },
      { role: "hide" },
      { role: "hideOthers" },
      { role: "unhide" },
      { type: "separator" },
      { role: "quit" },
    ],
  };
  const file: MenuItemConstructorOptions = {
    label: "&File",
    submenu: [
      {
        id: "import",
        label: "Import…",
        accelerator: "CommandOrControl+O",
        click: actions.importFile,
      },
      { type: "separator" },
      { id: "save-pdf", label: "Save Report as PDF…", click: actions.savePdf },
      { id: "print", label: "Print…", accelerator: "CommandOrControl+P", click: actions.print },
      { type: "separator" },
      { id: "back-up", label: "Back Up to…", click: actions.backUp },
      { id: "restore", label: "Restore from…", click: actions.restore },
      { id: "data-folder", label: "Show Data Folder", click: actions.showDataFolder },
      { type: "separator" },
      ...(isMac ? [{ role: "close" } as const] : [settings, { type: "separator" } as const]),
      ...(isMac ? [] : [{ id: "quit", label: "Quit", accelerator: "Control+Q", click: actions.quit }]),
    ],
  };
  const logging: MenuItemConstructorOptions = {
    label: "&Logging",
    submenu: [
      { id: "api-state", label: apiLine(state.api), enabled: false },
      {
        id: "http-api",
        label: "Take Records over HTTP",
        type: "checkbox",
        checked: preferences.http_api,
        click: ({ checked }) => actions.setPreference({ http_api: checked }),
      },
      { type: "separator" },
      {
        id: "keep-in-tray",
        label: "Keep Logging When the Window Is Closed",
        type: "checkbox",
        checked: preferences.on_close !== "quit",
        click: ({ checked }) => actions.setPreference({ on_close: checked ? "tray" : "quit" }),
      },
      {
        id: "start-at-login",
        label: "Start at Login",
        type: "checkbox",
        checked: preferences.start_at_login,
        click: ({ checked }) => actions.setPreference({ start_at_login: checked }),
      },
    ],
  };
  const view: MenuItemConstructorOptions = {
    label: "&View",
    submenu: [
      { role: "resetZoom" },
      { role: "zoomIn" },
      { role: "zoomOut" },
      { type: "separator" },
      { role: "togglefullscreen" },
      ...(state.isPackaged ? [] : [{ role: "reload" } as const, { role: "toggleDevTools" } as const]),
    ],
  };
  return [
    ...(isMac ? [program] : []),
    file,
    { role: "editMenu" },
    view,
    logging,
    { role: "windowMenu" },
    ...(isMac || updates.length === 0 ? [] : [{ label: "&Help", submenu: updates }]),
  ];
}

/** The menu of the tray: what is needed while there is no window. */
export function trayTemplate(state: MenuState, actions: MenuActions): Items {
  const waits = state.update.state === "available" || state.update.state === "ready";
  return [
    { id: "open", label: "Open Waybill", click: actions.showWindow },
    { id: "api-state", label: apiLine(state.api), enabled: false },
    { type: "separator" },
    ...(waits ? updateItems(state.update, actions) : []),
    { id: "quit", label: "Quit", click: actions.quit },
  ];
}

function apiLine(api: ApiState): string {
  return api.on ? `Takes records at ${api.url}` : (api.problem ?? "The HTTP API is off");
}

/** The one thing that can be done about updates now. */
function updateItems(update: UpdateState, actions: MenuActions): Items {
  switch (update.state) {
    case "unavailable":
      return [];
    case "ready":
      return [
        {
          id: "install-update",
          label: `Restart to Update to ${update.version}`,
          click: actions.installUpdate,
        },
      ];
    case "available":
    case "deferred":
      return [
        {
          id: "download-update",
          label: `Download Update to ${update.version}`,
          click: actions.downloadUpdate,
        },
      ];
    case "downloading":
      return [{ id: "downloading", label: `Downloading Update to ${update.version}…`, enabled: false }];
    case "current":
    case "checking":
    case "failed":
      return [
        {
          id: "check-updates",
          label: "Check for Updates",
          enabled: update.state !== "checking",
          click: actions.checkForUpdates,
        },
      ];
  }
}
