import { z } from "zod";
import { procedure } from "./define.ts";

export const deadLetterSchema = z.object({
  /** Names it among the dead; null for one that something else than Waybill put there. */
  id: z.string().nullable(),
  reason: z.string().nullable(),
  /** How often it died. */
  count: z.int(),
  /** The queue that it came from, and goes back to. */
  queue: z.string().nullable(),
  exchange: z.string().nullable(),
  routing_key: z.string().nullable(),
  first_death_ts: z.string().nullable(),
  last_death_ts: z.string().nullable(),
  message_id: z.string().nullable(),
  content_type: z.string().nullable(),
  bytes: z.int(),
});
export type DeadLetter = z.infer<typeof deadLetterSchema>;

/** With how its body begins. */
export const listedLetterSchema = deadLetterSchema.extend({ preview: z.string() });
export type ListedLetter = z.infer<typeof listedLetterSchema>;

/** With its body as text. */
export const shownLetterSchema = deadLetterSchema.extend({
  body: z.string(),
  /** There is more of the body than is shown. */
  is_cut: z.boolean(),
});
export type ShownLetter = z.infer<typeof shownLetterSchema>;

export const MAX_LISTED_LETTERS = 1_000;

/** The queue that they came from; they lie in `<queue>.dead`. */
const queueSchema = z.string().min(1).max(250);

const settledSchema = z.object({
  queue: queueSchema,
  /** Null for all of the queue. */
  ids: z.array(z.string().min(1)).min(1).max(MAX_LISTED_LETTERS).nullable(),
});

const errors = ["unavailable"] as const;

export const deadProcedures = {
  "dead.queues": procedure({
    input: z.object({
      /** Queues to be looked at besides those that this host knows of. */
      also: z.array(queueSchema).max(20).default([]),
      /** These alone, such as those that were found before: the broker notes in its log each that it is asked for in vain. */
      only: z.array(queueSchema).max(50).nullable().default(null),
    }),
    output: z.object({
      /** False where this host knows no broker, or is not to use it. */
      configured: z.boolean(),
      /** Those of which messages died at some time, and how many lie there now. */
      queues: z.array(z.object({ queue: z.string(), dead: z.int() })),
    }),
    errors,
    summary: "How many messages consumers could not store, by their queue",
  }),
  "dead.list": procedure({
    input: z.object({ queue: queueSchema, limit: z.int().min(1).max(MAX_LISTED_LETTERS).default(50) }),
    output: z.object({ total: z.int(), letters: z.array(listedLetterSchema) }),
    errors,
    summary: "The oldest dead messages of a queue, and why they died",
  }),
  "dead.get": procedure({
    input: z.object({ queue: queueSchema, id: z.string().min(1) }),
    output: shownLetterSchema,
    errors: ["unavailable", "not_found"],
    summary: "A dead message with its body",
  }),
  "dead.retry": procedure({
    input: settledSchema,
    output: z.object({ retried: z.int() }),
    errors,
    summary: "Put dead messages back into the queue that they came from",
  }),
  "dead.drop": procedure({
    input: settledSchema,
    output: z.object({ dropped: z.int() }),
    errors,
    summary: "Delete dead messages for good",
  }),
} as const;
