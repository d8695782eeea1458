import type { WebPreferences } from "electron";

/** For the window's page: the UI, which reaches the host by the preload's methods alone. */
export function pagePreferences(preload: string, isPackaged: boolean): WebPreferences {
  return {
    preload,
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    webviewTag: false,
    devTools: !isPackaged,
    spellcheck: false,
  };
}

/** For the page that a report is printed from: no preload, and no script runs in it. */
export const PRINT_PREFERENCES: Readonly<WebPreferences> = {
  sandbox: true,
  contextIsolation: true,
  nodeIntegration: false,
  javascript: false,
};
