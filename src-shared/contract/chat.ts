import { z } from "zod";
import { uuidSchema } from "../record.ts";

const idText = z.union([z.string().min(1), z.number()]).transform((value) => String(value));

/** One turn of a chat, by the names of the Weather News Agent. What else is sent is kept with it. */
export const chatTurnSchema = z.looseObject({
  /** `email:bot_id` there; any name of the user will do. */
  user_id: idText.pipe(z.string().max(4_096)),
  user_input: z.string(),
  bot_reply: z.string(),
  bot_id: z.string().max(4_096),
  email: z.string().max(4_096),
  platform: z.string().max(4_096),
  /** When the user wrote; now where left out. */
  requested_time: z.union([z.string(), z.number()]).nullish(),
  memory: z.record(z.string(), z.unknown()).nullish(),
  mem_id: z.union([z.string(), z.number()]).nullish(),
  /** The same uuid twice is one turn. */
  message_uuid: uuidSchema.nullish(),
});
export type ChatTurn = z.output<typeof chatTurnSchema>;
export type ChatTurnInput = z.input<typeof chatTurnSchema>;

/**
 * `stored`: it is there, for good in the ledger, and in Redis for its time. `queued`: it is accepted, and goes there
 * by itself. `off`: not configured. `failed`: see `errors`. `unknown`: whether it is on can't be told now.
 */
export const CHAT_OUTCOMES = ["stored", "queued", "off", "failed", "unknown"] as const;
const outcomeSchema = z.enum(CHAT_OUTCOMES);
export type ChatOutcome = z.infer<typeof outcomeSchema>;

export const chatResultSchema = z.object({
  /** Whether the ledger accepted it, so that it can't be lost. */
  success: z.boolean(),
  /** Null without `success`. */
  message_uuid: z.string().nullable(),
  ledger: outcomeSchema,
  redis: outcomeSchema,
  rabbitmq: outcomeSchema,
  supabase: outcomeSchema,
  errors: z.array(z.string()),
});
export type ChatResult = z.infer<typeof chatResultSchema>;

export const SYSTEMS = ["ledger", "redis", "rabbitmq", "supabase"] as const;
const systemSchema = z.enum(SYSTEMS);
export type SystemName = z.infer<typeof systemSchema>;

/** `waiting`: Redis or the ledger can't be used now, which is tried again by itself. `stopped`: not set up rightly. */
export const INGEST_STATES = ["connecting", "running", "waiting", "stopped"] as const;

/** How the intake from a list or a stream of Redis stands; the counts are those since the host started. */
export const ingestStateSchema = z.object({
  /** Its name. */
  source: z.string(),
  kind: z.enum(["list", "stream"]),
  state: z.enum(INGEST_STATES),
  /** Why nothing is taken in; null where it is. */
  problem: z.string().nullable(),
  accepted: z.int(),
  /** How many of those the ledger had already. */
  duplicates: z.int(),
  /** Put aside, in the list `<source>:dead`, as they can't be logged. */
  dead: z.int(),
  /** How many wait in Redis, as of a few seconds ago; null where that can't be told. */
  depth: z.int().nullable(),
  last_error: z.object({ ts: z.string(), message: z.string() }).nullable(),
});
export type IngestState = z.infer<typeof ingestStateSchema>;

export const systemCheckSchema = z.object({
  system: systemSchema,
  status: z.enum(["ok", "off", "failed"]),
  /** What was done, or what is wrong and what to do. */
  message: z.string(),
  ms: z.int(),
});
export type SystemCheck = z.infer<typeof systemCheckSchema>;

export const redisCheckSchema = systemCheckSchema.extend({ ingest: z.array(ingestStateSchema) });

export const loggingStatusSchema = z.object({
  status: z.enum(["healthy", "unhealthy"]),
  /** What is set; never to what. */
  environment_config: z.object({
    redis_url: z.boolean(),
    rabbitmq_url: z.boolean(),
    supabase_url: z.boolean(),
    supabase_key: z.boolean(),
  }),
  systems: z.array(systemCheckSchema),
  recommendations: z.array(z.string()),
});
export type LoggingStatus = z.infer<typeof loggingStatusSchema>;

/** As the Weather News Agent's clients send it; all of it may be left out. */
export const probeInputSchema = z.looseObject({
  message: z.string().max(10_000).nullish(),
  email: z.string().max(4_096).nullish(),
  bot_id: z.string().max(4_096).nullish(),
});

export const probeStepSchema = z.object({
  system: systemSchema,
  step: z.enum(["log", "store", "deliver", "cancel", "remove"]),
  /** `left`: it stays there, for the reason that is told, and nothing is wrong with that. */
  outcome: z.enum(["done", "off", "left", "failed"]),
  ms: z.int(),
  message: z.string(),
});
export type ProbeStep = z.infer<typeof probeStepSchema>;

export const probeReportSchema = z.object({
  success: z.boolean(),
  message_uuid: z.string(),
  ms: z.int(),
  steps: z.array(probeStepSchema),
});
export type ProbeReport = z.infer<typeof probeReportSchema>;

export const cleanupSchema = z.object({
  success: z.boolean(),
  redis: z.enum(["renewed", "off", "failed"]),
  rabbitmq: z.enum(["renewed", "off", "failed"]),
  supabase: z.enum(["renewed", "off", "failed"]),
  errors: z.array(z.string()),
});
export type Cleanup = z.infer<typeof cleanupSchema>;
