import { z } from "zod";
import { ingestStateSchema } from "./chat.ts";
import { procedure } from "./define.ts";
import { pageSchema } from "./messages.ts";
import { sinkCountsSchema, sinkSchema } from "./sync-counts.ts";
import { jobSchema } from "./upkeep.ts";

/**
 * `off`: not configured, or switched off. `connecting`: on its way. `delivering`: records go out. `up_to_date`: all
 * are there. `retrying`: out of reach, tried again by itself. `stopped`: needs the operator (a wrong password, a
 * missing table). `blocked`: the broker takes nothing for now (its memory or disk alarm). `paused`: by the operator.
 * `unattended`: no host of this ledger runs, so nothing moves.
 */
export const SINK_STATES = [
  "off",
  "connecting",
  "delivering",
  "up_to_date",
  "retrying",
  "stopped",
  "blocked",
  "paused",
  "unattended",
] as const;
export type SinkState = (typeof SINK_STATES)[number];

export const sinkStatusSchema = z.object({
  sink: sinkSchema,
  state: z.enum(SINK_STATES),
  /** A plain sentence: what it does, or what is wrong and what to do. */
  message: z.string(),
  /** Since when it is in this state. */
  since_ts: z.string().nullable(),
  /** Where to, without secrets; null where it is not configured. */
  target: z.string().nullable(),
  counts: sinkCountsSchema,
  /** Sessions go to Supabase beside the messages; null for a sink that takes none. */
  sessions: sinkCountsSchema.nullable(),
  /** Changes of a period or of a comparison that are still to be sent once more. */
  resending: z.int(),
  /** Changes a second, of late. */
  rate_per_second: z.number(),
  /** When the oldest change that waits was accepted. */
  oldest_pending_ts: z.string().nullable(),
  /** When the last will be there at this rate; null where nothing moves or nothing waits. */
  done_by_ts: z.string().nullable(),
  last_delivered_ts: z.string().nullable(),
  last_error: z.object({ ts: z.string(), message: z.string() }).nullable(),
  next_try_ts: z.string().nullable(),
  /** It fell behind by more than the settings allow before the operator is warned. */
  is_behind: z.boolean(),
});
export type SinkStatus = z.infer<typeof sinkStatusSchema>;

/** The operators' rule: up to 5 waiting is `good`, over 50 is a `warning`, no consumer is an `alarm`. */
export const QUEUE_VERDICTS = ["good", "busy", "warning", "alarm"] as const;
export const queueSchema = z.object({
  queue: z.string(),
  /** Null where it can't be asked now. */
  depth: z.int().nullable(),
  consumers: z.int().nullable(),
  verdict: z.enum(QUEUE_VERDICTS).nullable(),
  /** The last samples, oldest first. */
  history: z.array(z.object({ ts: z.string(), depth: z.int(), consumers: z.int() })),
});
export type QueueStatus = z.infer<typeof queueSchema>;

export const queuesSchema = z.object({
  /** False where RabbitMQ is off or out of reach: what is shown is then the last that was seen. */
  available: z.boolean(),
  message: z.string(),
  queues: z.array(queueSchema),
});
export type Queues = z.infer<typeof queuesSchema>;

const forwardingStatusSchema = z.object({ sinks: z.array(sinkStatusSchema), queues: queuesSchema });
/** As any process can tell it. */
export type ForwardingStatus = z.infer<typeof forwardingStatusSchema>;

export const syncStatusSchema = forwardingStatusSchema.extend({
  /** What this host takes in from Redis. */
  ingests: z.array(ingestStateSchema),
});
export type SyncStatus = z.infer<typeof syncStatusSchema>;

export const outageSchema = z.object({
  sink: sinkSchema,
  since_ts: z.string(),
  /** Null while it lasts. */
  until_ts: z.string().nullable(),
  message: z.string(),
  tries: z.int(),
});
export type Outage = z.infer<typeof outageSchema>;

export const parkedSchema = z.object({
  sink: sinkSchema,
  /** `session` for a session's own row. */
  what: z.enum(["message", "session"]),
  /** Names it together with `sink` and `what`. */
  position: z.int(),
  /** The message's uuid, or the session's id. */
  id: z.string(),
  revision: z.int(),
  reason: z.string(),
  parked_ts: z.string(),
  attempts: z.int(),
  /** It is on its way again. */
  retrying: z.boolean(),
  /** What is sent: the record as JSON, as it was edited where it was. */
  body: z.record(z.string(), z.unknown()),
  edited: z.boolean(),
});
export type Parked = z.infer<typeof parkedSchema>;

const parkedNameSchema = parkedSchema.pick({ sink: true, what: true, position: true });

export const deliverySchema = z.object({
  sink: sinkSchema,
  state: z.enum(["delivered", "pending", "parked"]),
  revision: z.int(),
  /** When the sink confirmed it; null unless delivered, or where that is no longer known. */
  ts: z.string().nullable(),
  /** Why it is parked. */
  reason: z.string().nullable(),
});
export type Delivery = z.infer<typeof deliverySchema>;

export const syncProcedures = {
  "sync.status": procedure({
    input: z.object({}),
    output: syncStatusSchema,
    errors: [],
    summary: "How forwarding to each sink stands",
  }),
  "sync.outages": procedure({
    input: z.object({ limit: z.int().min(1).max(1_000).default(50) }),
    output: z.object({ outages: z.array(outageSchema) }),
    errors: ["unavailable"],
    summary: "When a sink was out of reach, newest first",
  }),
  "sync.parked": procedure({
    input: pageSchema.extend({ sink: sinkSchema.nullish() }),
    output: z.object({ parked: z.array(parkedSchema), next_cursor: z.string().nullable() }),
    errors: ["unavailable"],
    summary: "Records that a sink will not take as they are, newest first",
  }),
  "sync.retry": procedure({
    input: z.object({
      sink: sinkSchema.nullish(),
      /**
       * These, or none; all of the sink, or of all sinks, where left out. A retry also ends the wait of a sink that
       * is out of reach.
       */
      parked: z.array(parkedNameSchema).max(10_000).nullish(),
    }),
    output: z.object({ retried: z.int() }),
    errors: ["unavailable"],
    summary: "Send parked records again, and try sinks that are out of reach at once",
  }),
  "sync.edit": procedure({
    input: parkedNameSchema.extend({ body: z.record(z.string(), z.unknown()) }),
    output: z.object({}),
    errors: ["unavailable", "not_found"],
    summary: "Change what is sent of a parked record, and send it again; the ledger keeps its own",
  }),
  "sync.pause": procedure({
    input: z.object({ sink: sinkSchema }),
    output: syncStatusSchema,
    errors: ["unavailable"],
    summary: "Send nothing to a sink until it is resumed",
  }),
  "sync.resume": procedure({
    input: z.object({ sink: sinkSchema }),
    output: syncStatusSchema,
    errors: ["unavailable"],
    summary: "Go on with a sink that was paused",
  }),
  "sync.resend": procedure({
    input: z.object({ sink: sinkSchema, from: z.string(), to: z.string().nullish() }),
    output: z.object({ changes: z.int() }),
    errors: ["unavailable"],
    summary: "Send what was accepted in a period once more",
  }),
  "sync.test": procedure({
    input: z.object({ sink: sinkSchema }),
    output: z.object({ ok: z.boolean(), message: z.string() }),
    errors: [],
    summary: "Try the connection to a sink, and say what is wrong",
  }),
  "sync.deliveries": procedure({
    input: z.object({ message_uuid: z.uuid() }),
    output: z.object({ deliveries: z.array(deliverySchema) }),
    errors: ["not_found", "unavailable"],
    summary: "When each sink got a message",
  }),
  "jobs.reconcile": procedure({
    input: z.object({}),
    output: jobSchema,
    errors: ["conflict", "unavailable"],
    summary: "Compare the ledger with Supabase, and send what differs",
  }),
} as const;
