import { z } from "zod";
import { sessionInputSchema, sessionSchema } from "../session.ts";
import { STATUSES } from "../status.ts";
import { procedure } from "./define.ts";
import { histogramSchema, pageSchema } from "./messages.ts";

const sessionId = z.object({ session_id: z.string().min(1).max(4_096) });

export const recipientOutcomeSchema = z.object({
  recipient: z.string(),
  /** Of the recipient's last message in the session. */
  message_uuid: z.string(),
  status: z.enum(STATUSES),
  error_message: z.string().nullable(),
  attempts: z.int(),
  last_ts: z.string(),
});
export type RecipientOutcome = z.infer<typeof recipientOutcomeSchema>;

export const sessionProcedures = {
  "sessions.start": procedure({
    input: sessionInputSchema,
    output: sessionSchema,
    errors: ["cannot_accept", "conflict"],
    summary: "Begin a session",
  }),
  "sessions.end": procedure({
    input: sessionId,
    output: sessionSchema,
    errors: ["not_found", "cannot_accept"],
    summary: "End a session and get its numbers",
  }),
  "sessions.list": procedure({
    input: pageSchema.extend({
      /** Part of an id, template or channel. */
      text: z.string().max(1_000).default(""),
      days: z.number().positive().max(36_500).nullish(),
    }),
    output: z.object({ sessions: z.array(sessionSchema), next_cursor: z.string().nullable() }),
    errors: ["unavailable"],
    summary: "Sessions, newest first",
  }),
  "sessions.get": procedure({
    input: sessionId,
    output: z.object({
      session: sessionSchema,
      /** How many messages reached each step or went past it, by their times and status. */
      funnel: z.array(z.object({ status: z.enum(STATUSES), count: z.int() })),
      timeline: histogramSchema,
      /** Recipients without a success. */
      undelivered: z.int(),
      recipients: z.int(),
    }),
    errors: ["not_found", "unavailable"],
    summary: "One session in full",
  }),
  "sessions.undelivered": procedure({
    input: sessionId.extend(pageSchema.shape),
    output: z.object({ recipients: z.array(recipientOutcomeSchema), next_cursor: z.string().nullable() }),
    errors: ["not_found", "unavailable"],
    summary: "Who did not get it: the recipients without success",
  }),
} as const;
