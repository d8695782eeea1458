import { existsSync } from "node:fs";
import { join } from "node:path";
import { app } from "electron";
import electronUpdater from "electron-updater";
import { HOUR_MS } from "../../src-shared/time.ts";
import { noUpdates, type UpdateOptions, type UpdateService, Updates } from "./updates.ts";

const EVERY_MS = 6 * HOUR_MS;

/** What can be updated is, and where nothing can it says why. */
export function findUpdates(options: Omit<UpdateOptions, "updater" | "everyMs">): UpdateService {
  if (!app.isPackaged) return noUpdates("This runs from a checkout: update it with git.");
  if (process.env.PORTABLE_EXECUTABLE_DIR !== undefined)
    return noUpdates(
      "The portable program is replaced by hand: download the new one where you got this one.",
    );
  if (!existsSync(join(process.resourcesPath, "app-update.yml")))
    return noUpdates("This package names no place to look for updates: whoever gave it to you updates it.");
  return new Updates({ ...options, updater: electronUpdater.autoUpdater, everyMs: EVERY_MS });
}
