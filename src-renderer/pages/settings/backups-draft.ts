import type { BackupSettings } from "../../../src-shared/contract/upkeep.ts";
import { plural } from "../../../src-shared/plural.ts";
import { formatNumber } from "../../ui/format.ts";

const MAX_HOURS = 720;
const MAX_KEPT = 1_000;
const KEPT = ["keep_hourly", "keep_daily", "keep_weekly"] as const;
const NUMBERS = ["every_hours", ...KEPT] as const;

type NumberField = (typeof NUMBERS)[number];
/** The settings while they are edited: numbers as they are typed. */
export type BackupsDraft = { enabled: boolean; directory: string } & Record<NumberField, string>;
export type BackupsErrors = Record<NumberField | "directory", string | null>;

export function toDraft(saved: BackupSettings): BackupsDraft {
  return {
    enabled: saved.enabled,
    directory: saved.directory ?? "",
    every_hours: String(saved.every_hours),
    keep_hourly: String(saved.keep_hourly),
    keep_daily: String(saved.keep_daily),
    keep_weekly: String(saved.keep_weekly),
  };
}

/** What the draft stands for, or a sentence for each field that is wrong. */
export function readDraft(
  draft: BackupsDraft,
): { backups: BackupSettings; errors: null } | { backups: null; errors: BackupsErrors } {
  const directory = draft.directory.trim();
  const errors: BackupsErrors = {
    every_hours: rangeError(draft.every_hours, 1, MAX_HOURS, "hours"),
    keep_hourly: rangeError(draft.keep_hourly, 0, MAX_KEPT, "backups"),
    keep_daily: rangeError(draft.keep_daily, 0, MAX_KEPT, "backups"),
    keep_weekly: rangeError(draft.keep_weekly, 0, MAX_KEPT, "backups"),
    directory:
      directory === "" || /^(\/|\\\\|[A-Za-z]:[\\/])/.test(directory)
        ? null
        : "Write the whole path, from its root on, or leave it empty.",
  };
  if (Object.values(errors).some((error) => error !== null)) return { backups: null, errors };
  if (draft.enabled && KEPT.every((field) => Number(draft[field]) === 0)) {
    return { backups: null, errors: { ...errors, keep_daily: "Keep at least one backup." } };
  }
  return {
    backups: {
      enabled: draft.enabled,
      directory: directory === "" ? null : directory,
      every_hours: Number(draft.every_hours),
      keep_hourly: Number(draft.keep_hourly),
      keep_daily: Number(draft.keep_daily),
      keep_weekly: Number(draft.keep_weekly),
    },
    errors: null,
  };
}

/** "Every 24 hours a backup is written to …, and verified. The newest of each of the last 7 days … is kept." */
export function describeBackups(settings: BackupSettings): string {
  if (!settings.enabled) return "No backup is made by itself.";
  const { every_hours, keep_hourly, keep_daily, keep_weekly, directory } = settings;
  const often = every_hours === 1 ? "Every hour" : `Every ${formatNumber(every_hours)} hours`;
  const kept = [
    keep_hourly === 0 ? "" : plural(keep_hourly, "hour"),
    keep_daily === 0 ? "" : plural(keep_daily, "day"),
    keep_weekly === 0 ? "" : plural(keep_weekly, "week"),
  ].filter((part) => part !== "");
  const last = kept.pop() ?? "";
  const spans = kept.length === 0 ? last : `${kept.join(", ")} and ${last}`;
  return `${often} a backup is written to ${directory ?? "the data folder"}, and verified. The newest of each of the last ${spans} is kept; older ones are removed.`;
}

function rangeError(text: string, least: number, most: number, unit: string): string | null {
  const value = Number(text.trim());
  if (/^\d+$/.test(text.trim()) && value >= least && value <= most) return null;
  return `Write a whole number of ${unit} from ${least} to ${formatNumber(most)}.`;
}
