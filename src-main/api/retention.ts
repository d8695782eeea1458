import { WaybillError } from "../../src-shared/errors.ts";
import { DAY_MS, MINUTE_MS } from "../../src-shared/time.ts";
import type { MessageLogger } from "../ledger/message-logger.ts";
import type { JobManager } from "./jobs.ts";
import { maintenanceTasks } from "./maintenance.ts";
import type { SettingsFile } from "./settings-file.ts";

/** Not at once, so that a host that just started is quick. */
const FIRST_RUN_MS = MINUTE_MS;

/**
 * Deletes what is older than the settings keep, once a day, as a job that everyone sees. The
 * settings are read each time. Gives the function that ends it.
 */
export function startRetention(ledger: MessageLogger, jobs: JobManager, settings: SettingsFile): () => void {
  let timer: NodeJS.Timeout;
  const run = async (): Promise<void> => {
    timer = setTimeout(() => void run(), DAY_MS).unref();
    const { retention_days: days } = await settings.get();
    if (days === null) return;
    try {
      jobs.start(maintenanceTasks(ledger).prune(days));
    } catch (error) {
      // Someone prunes, restores or repairs right now: tomorrow is early enough.
      if (!(error instanceof WaybillError)) throw error;
    }
  };
  timer = setTimeout(() => void run(), FIRST_RUN_MS).unref();
  return () => clearTimeout(timer);
}
