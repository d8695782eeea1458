import { z } from "zod";
import { sessionSchema } from "../session.ts";
import { STATUSES } from "../status.ts";
import { procedure } from "./define.ts";

const count = z.int();
const seconds = z.number().nullable();
export const statusCountsSchema = z.record(z.enum(STATUSES), count);
export type StatusCounts = z.infer<typeof statusCountsSchema>;

export const quickStatsSchema = z.object({
  days: z.number(),
  total: count,
  successful: count,
  failed: count,
  pending: count,
  cancelled: count,
  /** 0 to 1 of all messages; null where there are none. */
  success_rate: z.number().nullable(),
  by_status: statusCountsSchema,
  by_channel: z.record(z.string(), count),
  most_used_channel: z.string().nullable(),
  sessions: count,
});
export type QuickStats = z.infer<typeof quickStatsSchema>;

export const latencySchema = z.object({ count, p50_seconds: seconds, p95_seconds: seconds });

const totals = z.object({
  total: count,
  successful: count,
  failed: count,
  success_rate: z.number().nullable(),
  to_sent: latencySchema,
  to_delivered: latencySchema,
});
export type Totals = z.infer<typeof totals>;

export const breakdownSchema = z.object({
  key: z.string(),
  total: count,
  successful: count,
  failed: count,
  pending: count,
  cancelled: count,
  success_rate: z.number().nullable(),
});
export type Breakdown = z.infer<typeof breakdownSchema>;

export const failureReasonSchema = z.object({
  /** For the filter `reason:ID`. */
  id: count,
  template: z.string(),
  sample: z.string(),
  count,
  first_seen_ts: z.string(),
  last_seen_ts: z.string(),
});
export type FailureReason = z.infer<typeof failureReasonSchema>;

/** `from` inclusive, `to` exclusive; or the last `days`, up to now; or all there is. */
export const periodInputSchema = z.object({
  days: z.number().positive().max(36_500).nullish(),
  from: z.string().nullish(),
  to: z.string().nullish(),
});
export type PeriodInput = z.input<typeof periodInputSchema>;

const period = { from: z.string(), to: z.string() };

export const overviewSchema = z.object({
  ...period,
  current: totals,
  /** The period of the same length just before. */
  previous: totals,
  bucket_seconds: z.number(),
  volume: z.array(z.object({ ts: z.string(), counts: statusCountsSchema })),
  channels: z.array(breakdownSchema),
  /** Pending to read: how many reached each step or went past it. */
  funnel: z.array(z.object({ status: z.enum(STATUSES), count })),
  failures: z.array(failureReasonSchema),
  /** Messages by weekday (0 = Monday) and hour (UTC shifted by `utc_offset_minutes`); 7 x 24. */
  busiest: z.array(z.array(count)),
  sessions: z.array(sessionSchema),
});
export type Overview = z.infer<typeof overviewSchema>;

const seriesPoint = z.object({ ts: z.string(), total: count, successful: count, failed: count });

export const analyticsReportSchema = z.object({
  ...period,
  generated_ts: z.string(),
  totals,
  by_status: statusCountsSchema,
  by_day: z.array(seriesPoint),
  /** Hour of the day in UTC, 24 entries. */
  by_hour: z.array(z.object({ hour: count, total: count, successful: count, failed: count })),
  by_channel: z.array(breakdownSchema),
  by_template: z.array(breakdownSchema),
  /** Domains of the recipients' e-mail addresses, each message once for each, by whole days. */
  by_domain: z.array(breakdownSchema),
  top_errors: z.array(failureReasonSchema),
  /** The busiest single hours of the period. */
  busiest_hours: z.array(z.object({ ts: z.string(), total: count })),
  sessions: count,
});
export type AnalyticsReport = z.infer<typeof analyticsReportSchema>;

export const MOST_SESSIONS_COUNTED = 1_000;

export const fingerprintSchema = failureReasonSchema.extend({
  /** In the period of the same length just before. */
  previous_count: count,
  /** Failures over time, in steps of `bucket_seconds`. */
  trend: z.array(count),
  /** Sessions that ever met it; `MOST_SESSIONS_COUNTED` stands for so many or more. */
  sessions: count,
  /** Of its newest messages in the period. */
  channels: z.array(z.string()),
  /** First seen within the period. */
  is_new: z.boolean(),
});
export type Fingerprint = z.infer<typeof fingerprintSchema>;

export const fingerprintsSchema = z.object({
  ...period,
  bucket_seconds: z.number(),
  /** Messages with an error in the period. */
  total: count,
  /** Of them, those of reasons that are too many to be counted each by itself. */
  other: count,
  /** Reasons that match the text; the list may end before. */
  found: count,
  fingerprints: z.array(fingerprintSchema),
});
export type Fingerprints = z.infer<typeof fingerprintsSchema>;

export const statisticsProcedures = {
  "stats.quick": procedure({
    input: z.object({ days: z.number().positive().max(36_500).default(30) }),
    output: quickStatsSchema,
    errors: ["unavailable"],
    summary: "The figures that fit on one line",
  }),
  "stats.overview": procedure({
    input: periodInputSchema.extend({ utc_offset_minutes: z.int().min(-840).max(840).default(0) }),
    output: overviewSchema,
    errors: ["unavailable"],
    summary: "All figures of the Overview page",
  }),
  "stats.report": procedure({
    input: periodInputSchema,
    output: analyticsReportSchema,
    errors: ["unavailable"],
    summary: "The full analytics report",
  }),
  "stats.fingerprints": procedure({
    input: periodInputSchema.extend({
      /** Part of the reason or of its sample. */
      text: z.string().max(1_000).default(""),
      limit: z.int().min(1).max(500).default(50),
    }),
    output: fingerprintsSchema,
    errors: ["unavailable"],
    summary: "Why messages failed: error texts clustered into reasons",
  }),
} as const;
