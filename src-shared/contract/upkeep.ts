import { z } from "zod";
import { STATUSES } from "../status.ts";
import { LEVELS, systemLogInputSchema, systemLogSchema } from "../system-log.ts";
import { procedure } from "./define.ts";
import { pageSchema } from "./messages.ts";
import { periodInputSchema } from "./statistics.ts";
import { sinkConservationSchema } from "./sync-counts.ts";
import { syncSettingsSchema } from "./sync-settings.ts";
import { MAX_VIEWS, viewSchema } from "./views.ts";

export const CHECK_STATES = ["ok", "warning", "failing"] as const;

export const checkSchema = z.object({
  state: z.enum(CHECK_STATES),
  /** A plain sentence for the operator, with what to do where something is to be done. */
  message: z.string(),
  /** The figure behind it, in the unit that `unit` names. */
  value: z.number().nullable(),
  unit: z.enum(["bytes", "records", "groups", "milliseconds", "percent", "version"]).nullable(),
});
export type HealthCheck = z.infer<typeof checkSchema>;

/** `ok`; `degraded`: accepts, but not the way it should; `failing`: can't accept or keep records. */
export const healthSchema = z.object({
  /** What the host shows: the ledger of its machine, or an archive, which has no spool, chain or upkeep of its own. */
  store: z.enum(["ledger", "archive"]),
  status: z.enum(["ok", "degraded", "failing"]),
  /** database, spool, disk, wal, integrity, backup, search_index; more may come. */
  checks: z.record(z.string(), checkSchema),
  data_dir: z.string(),
  database: z.object({
    available: z.boolean(),
    path: z.string(),
    size_bytes: z.int(),
    wal_bytes: z.int(),
    free_bytes: z.int(),
    /** With the name before it where it is another database's. */
    sqlite_version: z.string(),
    schema_version: z.int(),
    tables: z.record(z.string(), z.int()),
  }),
  disk: z.object({ free_bytes: z.int(), total_bytes: z.int() }).nullable(),
  spool: z.object({ records: z.int(), files: z.int(), bytes: z.int(), directory: z.string() }),
  /** The chain of hashes over all records; `state` is what the last deep check found. */
  chain: z.object({
    state: z.enum(["unverified", "intact", "broken"]),
    groups: z.int(),
    head: z.object({ group: z.int(), sha256: z.string(), ts: z.string() }).nullable(),
    first_broken: z.object({ group: z.int(), message: z.string() }).nullable(),
    verified_ts: z.string().nullable(),
  }),
  /** Accepted messages are stored, removed by retention, or wait in the spool: nothing else may become of them. */
  conservation: z.object({
    accepted: z.int(),
    stored: z.int(),
    removed: z.int(),
    spooled: z.int(),
    balanced: z.boolean(),
    /** Messages in excess, and commit groups that lack some. */
    mismatch_ids: z.array(z.string()),
  }),
  /** For each sink that is on: every accepted change is delivered, pending, parked, or was removed before it was sent. */
  sinks: z.array(sinkConservationSchema),
  last_check_ts: z.string().nullable(),
  last_check_ok: z.boolean().nullable(),
  last_backup_ts: z.string().nullable(),
  last_vacuum_ts: z.string().nullable(),
  uptime_seconds: z.number(),
  version: z.string(),
});
export type Health = z.infer<typeof healthSchema>;

export const JOB_KINDS = [
  "check",
  "backup",
  "restore",
  "repair",
  "vacuum",
  "prune",
  "export",
  "import",
  "demo",
  "reconcile",
] as const;
export type JobKind = (typeof JOB_KINDS)[number];

export const jobSchema = z.object({
  job_id: z.string(),
  kind: z.enum(JOB_KINDS),
  state: z.enum(["running", "done", "failed", "cancelled"]),
  started_ts: z.string(),
  ended_ts: z.string().nullable(),
  /** What is counted (rows, bytes, pages) says `unit`; `total` is null where it can't be known. */
  done: z.int(),
  total: z.int().nullable(),
  unit: z.enum(["rows", "bytes", "pages", "steps"]),
  /** A sentence about the result or the failure; null while it runs. */
  message: z.string().nullable(),
  /** The name to offer for an export's file; null until there is one to fetch. */
  file_name: z.string().nullable(),
});
export type Job = z.infer<typeof jobSchema>;

export const EXPORT_FORMATS = ["csv", "json", "ndjson"] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
/** The report alone is also a page to read and to print. */
export const REPORT_FORMATS = [...EXPORT_FORMATS, "html"] as const;
export type ReportFormat = (typeof REPORT_FORMATS)[number];

export const exportInputSchema = periodInputSchema.extend({
  /** `html` for the report only. */
  format: z.enum(REPORT_FORMATS).default("csv"),
  what: z.enum(["messages", "sessions", "undelivered", "system_logs", "report"]).default("messages"),
  /** The query language, for messages. */
  filter: z.string().max(4_096).default(""),
  /** For `undelivered`. */
  session_id: z.string().max(4_096).nullish(),
  /** Part of the text, for sessions and system logs. */
  text: z.string().max(1_000).nullish(),
  level: z.enum(LEVELS).nullish(),
});
export type ExportInput = z.input<typeof exportInputSchema>;

const daysSchema = z.int().min(1).max(36_500).nullable().default(null);

/** Messages of a channel and a status, or of any where null, are kept so long and so many of the newest. */
export const retentionRuleSchema = z
  .object({
    channel: z.string().min(1).max(200).nullable().default(null),
    status: z.enum(STATUSES).nullable().default(null),
    max_age_days: daysSchema,
    max_records: z.int().min(1).nullable().default(null),
  })
  .refine(({ max_age_days, max_records }) => max_age_days !== null || max_records !== null, {
    message: "a rule needs max_age_days or max_records: without one it deletes nothing",
  });
export type RetentionRuleSettings = z.infer<typeof retentionRuleSchema>;

export const retentionSchema = z.object({
  enabled: z.boolean().default(false),
  rules: z.array(retentionRuleSchema).max(50).default([]),
  /** In millions of bytes: the oldest messages go until the database is no larger. */
  max_size_mb: z.int().min(1).nullable().default(null),
  system_log_days: daysSchema,
  /** Messages are written to a CSV file in the data folder's exports/ before they are deleted. */
  export_before_delete: z.boolean().default(false),
});
export type RetentionSettings = z.infer<typeof retentionSchema>;

export const backupsSchema = z.object({
  enabled: z.boolean().default(false),
  every_hours: z.int().min(1).max(720).default(24),
  /** The newest backup of each of the last so many hours, days and weeks that have one is kept. */
  keep_hourly: z.int().min(0).max(1_000).default(0),
  keep_daily: z.int().min(0).max(1_000).default(7),
  keep_weekly: z.int().min(0).max(1_000).default(4),
  /** Where to; null is the data folder's backups/. */
  directory: z.string().min(1).max(4_096).nullable().default(null),
});
export type BackupSettings = z.infer<typeof backupsSchema>;

export const settingsSchema = z.object({
  theme: z.enum(["system", "light", "dark"]).default("system"),
  /** The age of the rule for all messages, where retention is on: the short way to read and to write it. */
  retention_days: daysSchema,
  retention: retentionSchema.prefault({}),
  backups: backupsSchema.prefault({}),
  sync: syncSettingsSchema.prefault({}),
  /** Saved views by name; `views.save` and `views.remove` change them. */
  views: z.array(viewSchema).max(MAX_VIEWS).default([]),
});
export type Settings = z.infer<typeof settingsSchema>;

/** Without the defaults, which would take the place of what is left out. */
const settingsChangesSchema = z.object({
  theme: settingsSchema.shape.theme.unwrap().optional(),
  retention_days: settingsSchema.shape.retention_days.unwrap().optional(),
  retention: retentionSchema.optional(),
  backups: backupsSchema.optional(),
  sync: syncSettingsSchema.optional(),
});

export const backupSchema = z.object({ file: z.string(), created_ts: z.string(), size_bytes: z.int() });
export type Backup = z.infer<typeof backupSchema>;

export const upkeepProcedures = {
  "health.get": procedure({
    input: z.object({}),
    output: healthSchema,
    errors: [],
    summary: "How Waybill is",
  }),
  "systemLogs.list": procedure({
    input: pageSchema.extend({
      /** This level and the graver ones. */
      level: z.enum(LEVELS).nullish(),
      text: z.string().max(1_000).default(""),
    }),
    output: z.object({ logs: z.array(systemLogSchema), next_cursor: z.string().nullable() }),
    errors: ["unavailable"],
    summary: "Waybill's own events and those of its callers, newest first",
  }),
  "systemLogs.add": procedure({
    input: systemLogInputSchema,
    output: z.object({}),
    errors: ["cannot_accept"],
    summary: "Add an event to the system log",
  }),
  "backups.list": procedure({
    input: z.object({}),
    output: z.object({ backups: z.array(backupSchema) }),
    errors: [],
    summary: "Verified backups, newest first",
  }),
  "jobs.check": procedure({
    input: z.object({}),
    output: jobSchema,
    errors: ["conflict"],
    summary: "Start the full integrity check",
  }),
  "jobs.backup": procedure({
    input: z.object({}),
    output: jobSchema,
    errors: ["conflict"],
    summary: "Start a backup",
  }),
  "jobs.restore": procedure({
    input: z.object({ file: z.string().min(1) }),
    output: jobSchema,
    errors: ["conflict", "not_found"],
    summary: "Restore a backup; the state before it is kept",
  }),
  "jobs.repair": procedure({
    input: z.object({}),
    output: jobSchema,
    errors: ["conflict"],
    summary: "Start a repair",
  }),
  "jobs.vacuum": procedure({
    input: z.object({}),
    output: jobSchema,
    errors: ["conflict"],
    summary: "Give free space back to the disk",
  }),
  "jobs.prune": procedure({
    input: z.object({ days: z.int().min(1).max(36_500).nullish() }),
    output: jobSchema,
    errors: ["conflict"],
    summary: "Delete what the settings do not keep, or messages older than so many days",
  }),
  "jobs.export": procedure({
    input: exportInputSchema,
    output: jobSchema,
    errors: ["not_found"],
    summary: "Write a report file; it is fetched when the job is done",
  }),
  "jobs.demo": procedure({
    input: z.object({}),
    output: jobSchema,
    errors: ["conflict"],
    summary: "Fill an empty ledger with the sample",
  }),
  "jobs.list": procedure({
    input: z.object({}),
    output: z.object({ jobs: z.array(jobSchema) }),
    errors: [],
    summary: "Jobs that run, and the last ones that ended",
  }),
  "jobs.cancel": procedure({
    input: z.object({ job_id: z.string() }),
    output: jobSchema,
    errors: ["not_found", "conflict"],
    summary: "Stop a job that can be stopped",
  }),
  "settings.get": procedure({
    input: z.object({}),
    output: settingsSchema,
    errors: [],
    summary: "The settings",
  }),
  "settings.set": procedure({
    input: settingsChangesSchema,
    output: settingsSchema,
    errors: ["cannot_accept"],
    summary: "Change settings; what is left out stays",
  }),
  "access.get": procedure({
    input: z.object({}),
    output: z.object({ url: z.string(), token: z.string(), data_dir: z.string() }),
    errors: [],
    summary: "Where the API is and the token it takes",
  }),
  "access.rotateToken": procedure({
    input: z.object({}),
    output: z.object({ token: z.string() }),
    errors: ["cannot_accept"],
    summary: "Make a new token; the old one ends at once",
  }),
} as const;
