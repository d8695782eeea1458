import type { MenuItemConstructorOptions } from "electron";

/** What the app did that an operator would see, for the tests to look at. */
export type Seen = {
  openedExternally: string[];
  shownInFolder: string[];
  openedPaths: string[];
  notifications: { title: string; body: string }[];
  errorBoxes: { title: string; content: string }[];
  /** Dialogs that were shown, by their message or title. */
  dialogs: string[];
  loginItem: boolean;
  hasTray: boolean;
  windows: { visible: boolean; address: string; width: number; height: number }[];
  blockedNavigations: string[];
  prints: number;
};

export const seen: Omit<Seen, "windows"> = {
  openedExternally: [],
  shownInFolder: [],
  openedPaths: [],
  notifications: [],
  errorBoxes: [],
  dialogs: [],
  loginItem: false,
  hasTray: false,
  blockedNavigations: [],
  prints: 0,
};

/** What the user will answer, in order: a path, a button's index, or null for giving up. */
export const answers: (string | number | null)[] = [];

export const menus: { application: MenuItemConstructorOptions[]; tray: MenuItemConstructorOptions[] } = {
  application: [],
  tray: [],
};

export const machine = { online: true, keychain: true };
