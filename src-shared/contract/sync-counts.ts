import { z } from "zod";

export const SINKS = ["rabbitmq", "supabase"] as const;
export type SinkName = (typeof SINKS)[number];
export const sinkSchema = z.enum(SINKS);
export const SINK_TITLES: Readonly<Record<SinkName, string>> = { rabbitmq: "RabbitMQ", supabase: "Supabase" };

/** Every change accepted for a sink is delivered, pending, parked, or was removed before it was sent. */
export const sinkCountsSchema = z.object({
  accepted: z.int(),
  delivered: z.int(),
  pending: z.int(),
  parked: z.int(),
  /** Deleted from the ledger before the sink had it, which retention does only when told to. */
  removed: z.int(),
  balanced: z.boolean(),
});
export type SinkCounts = z.infer<typeof sinkCountsSchema>;

/** The counts as health shows them, with ids where they do not agree. */
export const sinkConservationSchema = sinkCountsSchema.extend({
  sink: sinkSchema,
  stream: z.enum(["message", "session"]),
  mismatch_ids: z.array(z.string()),
});
export type SinkConservation = z.infer<typeof sinkConservationSchema>;
