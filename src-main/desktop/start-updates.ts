import { existsSync } from "node:fs";
import { join } from "node:path";
import { app } from "electron";
import electronUpdater from "electron-updater";
import { HOUR_MS } from "../../src-shared/time.ts";
import { Updates } from "./updates.ts";

const EVERY_MS = 6 * HOUR_MS;

/** Null where nothing can be updated: a development run, a package without a feed, a portable Windows program. */
export function startUpdates(listeners: {
  onReady: (version: string) => void;
  onTrouble: (message: string) => void;
}): Updates | null {
  const isPortable = process.env.PORTABLE_EXECUTABLE_DIR !== undefined;
  if (!app.isPackaged || isPortable) return null;
  if (!existsSync(join(process.resourcesPath, "app-update.yml"))) return null;
  const updates = new Updates({ updater: electronUpdater.autoUpdater, everyMs: EVERY_MS, ...listeners });
  updates.check();
  return updates;
}
