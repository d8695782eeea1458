import { basename } from "node:path";
import type { BackupSettings, Health } from "../../src-shared/contract/upkeep.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import { plural } from "../../src-shared/plural.ts";
import { fillWithDemo } from "../demo/fill.ts";
import type { MessageLogger } from "../ledger/message-logger.ts";
import type { RetentionPolicy } from "../ledger/retention-plan.ts";
import type { JobTask } from "./jobs.ts";

const count = (value: number): string => value.toLocaleString("en");

/** Such as `1.4 MB`, in the decimal units that the UI shows. */
export function formatBytes(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log10(bytes) / 3));
  const value = bytes / 1000 ** power;
  return `${value.toLocaleString("en", { maximumFractionDigits: power === 0 ? 0 : 1 })} ${units[power]}`;
}

/** Throws `unavailable` with the check's sentence where damage was found, so that the job fails. */
export function assertSound(health: Health): void {
  if (health.last_check_ok !== false) return;
  const message = health.checks.integrity?.message ?? "Damage was found in the database.";
  throw new WaybillError("unavailable", `${message} Repair it: waybill repair`);
}

/** The upkeep of the ledger as jobs, each ending with a sentence for the operator. */
export function maintenanceTasks(ledger: MessageLogger) {
  return {
    check: (): JobTask => ({
      kind: "check",
      unit: "steps",
      run: async (progress) => {
        assertSound(await ledger.getDatabaseHealth({ deep: true, ...progress }));
        return { message: "The whole database was read: no damage was found." };
      },
    }),
    backup: (): JobTask => ({
      kind: "backup",
      unit: "pages",
      run: async (progress) => {
        const { file, size_bytes } = await ledger.backupDatabase(progress);
        return { message: `Backed up and verified: ${basename(file)}, ${formatBytes(size_bytes)}.` };
      },
    }),
    /** A backup of the schedule, and the rotation of those before it. */
    scheduledBackup: (settings: BackupSettings): JobTask => ({
      kind: "backup",
      unit: "pages",
      run: async (progress) => {
        const { file, size_bytes, deleted } = await ledger.backupOnSchedule(settings, progress);
        const rotated = deleted === 0 ? "" : ` ${count(deleted)} older ones were deleted.`;
        return {
          message: `Backed up and verified: ${basename(file)}, ${formatBytes(size_bytes)}.${rotated}`,
        };
      },
    }),
    restore: (file: string): JobTask => ({
      kind: "restore",
      unit: "steps",
      run: async (progress) => {
        const { message } = await ledger.restoreDatabase(file, progress);
        return { message };
      },
    }),
    repair: (): JobTask => ({
      kind: "repair",
      unit: "rows",
      run: (progress) => ledger.repairDatabase(progress),
    }),
    vacuum: (): JobTask => ({
      kind: "vacuum",
      unit: "pages",
      run: async (progress) => {
        const { freed_bytes } = await ledger.vacuumDatabase(progress);
        return { message: `${formatBytes(freed_bytes)} were given back to the disk.` };
      },
    }),
    prune: (days: number, unsent = false): JobTask => ({
      kind: "prune",
      unit: "rows",
      run: async (progress) => {
        const deleted = await ledger.deleteOldData({ days, unsent, ...progress });
        return { message: `Deleted ${plural(deleted, "message")} older than ${plural(days, "day")}.` };
      },
    }),
    /** Deletes what the settings do not keep. */
    retain: (policy: RetentionPolicy): JobTask => ({
      kind: "prune",
      unit: "rows",
      run: async (progress) => {
        const { deleted, system_logs, freed_bytes, files } = await ledger.applyRetention(policy, progress);
        const exported = files.length === 0 ? "" : ` They were exported to ${files.join(", ")} first.`;
        return {
          message: `Deleted ${plural(deleted, "message")} and ${plural(system_logs, "system log")}, ${formatBytes(freed_bytes)} given back.${exported}`,
        };
      },
    }),
    demo: (): JobTask => ({
      kind: "demo",
      unit: "rows",
      run: async (progress) => {
        const { messages, sessions } = await fillWithDemo(ledger, progress);
        return {
          message: `The sample is in: ${plural(messages, "message")} in ${plural(sessions, "session")}.`,
        };
      },
    }),
  };
}
