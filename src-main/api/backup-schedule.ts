import { WaybillError } from "../../src-shared/errors.ts";
import { HOUR_MS, MINUTE_MS } from "../../src-shared/time.ts";
import type { MessageLogger } from "../ledger/message-logger.ts";
import type { JobManager } from "./jobs.ts";
import { maintenanceTasks } from "./maintenance.ts";
import type { SettingsFile } from "./settings-file.ts";

/** The first look comes after as long, so that a host that just started is quick. */
const LOOK_MS = 2 * MINUTE_MS;
/** One that failed is tried again after this long. */
const RETRY_MS = HOUR_MS;

/**
 * Makes backups as often as the settings say, as jobs that everyone sees. What is due is told by the backups that
 * are there, so neither a restart nor a second host makes one too many. Gives the function that ends it.
 */
export function startBackups(
  ledger: MessageLogger,
  jobs: JobManager,
  settings: SettingsFile,
  onTrouble: (sentence: string) => void,
): () => void {
  let timer: NodeJS.Timeout;
  let triedAt = Number.NEGATIVE_INFINITY;
  let told = "";
  const look = async (): Promise<void> => {
    const { backups } = await settings.get();
    await ledger.noteBackupSchedule(backups.enabled ? backups.every_hours : null);
    if (!backups.enabled || Date.now() - triedAt < Math.min(RETRY_MS, backups.every_hours * HOUR_MS)) return;
    const last = await ledger.lastScheduledBackup(backups.directory);
    if (last !== null && last <= Date.now() && Date.now() - last < backups.every_hours * HOUR_MS) return;
    jobs.start(maintenanceTasks(ledger).scheduledBackup(backups));
    triedAt = Date.now();
  };
  const run = (): void => {
    timer = setTimeout(run, LOOK_MS).unref();
    look().catch((error: unknown) => {
      // Someone restores or repairs right now: the next look is early enough.
      if (error instanceof WaybillError && error.code === "conflict") return;
      const message = `Backups can't be made: ${error instanceof Error ? error.message : String(error)}`;
      if (message !== told) onTrouble(message);
      told = message;
    });
  };
  timer = setTimeout(run, LOOK_MS).unref();
  return () => clearTimeout(timer);
}
