import type { Settings } from "../../src-shared/contract/upkeep.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import { DAY_MS, MINUTE_MS } from "../../src-shared/time.ts";
import type { MessageLogger } from "../ledger/message-logger.ts";
import type { RetentionPolicy } from "../ledger/retention-plan.ts";
import type { JobManager } from "./jobs.ts";
import { maintenanceTasks } from "./maintenance.ts";
import type { SettingsFile } from "./settings-file.ts";

/** Not at once, so that a host that just started is quick. */
const FIRST_RUN_MS = MINUTE_MS;

/** What the settings keep; null where they keep everything. */
export function retentionPolicy({
  retention: { enabled, ...policy },
  sync: { delete_unsent },
}: Pick<Settings, "retention" | "sync">): RetentionPolicy | null {
  const { rules, max_size_mb, system_log_days } = policy;
  const keepsAll = rules.length === 0 && max_size_mb === null && system_log_days === null;
  return enabled && !keepsAll ? { ...policy, delete_unsent } : null;
}

/** The same for who asks to delete now. Throws `invalid` where everything is kept. */
export function requirePolicy(settings: Pick<Settings, "retention" | "sync">): RetentionPolicy {
  const policy = retentionPolicy(settings);
  if (policy !== null) return policy;
  const message =
    "The settings keep everything, so nothing was deleted. Add a rule, or name the days to keep.";
  throw new WaybillError("invalid", message);
}

/**
 * Deletes what the settings do not keep, once a day, as a job that everyone sees. The
 * settings are read each time. Gives the function that ends it.
 */
export function startRetention(ledger: MessageLogger, jobs: JobManager, settings: SettingsFile): () => void {
  let timer: NodeJS.Timeout;
  const run = async (): Promise<void> => {
    timer = setTimeout(() => void run(), DAY_MS).unref();
    const policy = retentionPolicy(await settings.get());
    if (policy === null) return;
    try {
      jobs.start(maintenanceTasks(ledger).retain(policy));
    } catch (error) {
      // Someone prunes, restores or repairs right now: tomorrow is early enough.
      if (!(error instanceof WaybillError)) throw error;
    }
  };
  timer = setTimeout(() => void run(), FIRST_RUN_MS).unref();
  return () => clearTimeout(timer);
}
