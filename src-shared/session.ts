import { z } from "zod";
import { timeSchema } from "./record.ts";

export const sessionInputSchema = z.object({
  session_id: z
    .union([z.string().min(1).max(4_096), z.number()])
    .transform((value) => String(value))
    .optional(),
  user_id: z.string().max(4_096).nullish(),
  channel: z.string().max(4_096).default("event"),
  template_id: z.string().max(4_096).nullish(),
  template_name: z.string().max(4_096).nullish(),
  metadata: z.record(z.string(), z.unknown()).nullish(),
  /** For sessions of the past; now where left out. */
  started_ts: timeSchema.nullish(),
  ended_ts: timeSchema.nullish(),
});

export type SessionInput = z.input<typeof sessionInputSchema>;

export const sessionSchema = z.object({
  session_id: z.string(),
  user_id: z.string(),
  channel: z.string(),
  template_id: z.string().nullable(),
  template_name: z.string().nullable(),
  started_ts: z.string(),
  ended_ts: z.string().nullable(),
  metadata: z.record(z.string(), z.unknown()),
  total: z.int(),
  /** `sent`, `delivered` or `read`. */
  successful: z.int(),
  failed: z.int(),
  /** `pending` or `sending`. */
  pending: z.int(),
  cancelled: z.int(),
  /** 0 to 1 of all messages; 0 for an empty session. */
  success_rate: z.number(),
  /** From `origin_ts` to `sent_ts`, over the messages that have both. */
  average_send_seconds: z.number().nullable(),
  errors: z.array(z.object({ text: z.string(), count: z.int() })),
});

export type Session = z.infer<typeof sessionSchema>;
