import { z } from "zod";
import { MAX_ERROR, messageRecordSchema, uuidSchema } from "../record.ts";
import { STATUSES } from "../status.ts";
import { procedure } from "./define.ts";

export const MAX_PAGE = 1_000;
export const DEFAULT_PAGE = 100;

/** A place in the chain of commit groups: kept elsewhere, it proves later that nothing before it was altered. */
export const receiptSchema = z.object({ group: z.int(), sha256: z.string() });
export type Receipt = z.infer<typeof receiptSchema>;

export const acceptanceSchema = z.object({
  /** New and duplicate records that are durable now. */
  accepted: z.int(),
  /** Of the accepted, those whose `message_uuid` was there before. */
  duplicates: z.int(),
  rejected: z.array(z.object({ index: z.int(), error: z.string() })),
  /** One for each accepted record, in the order sent. */
  message_uuids: z.array(z.string()),
  /** Where the chain of the ledger stood with the last of them; null where they wait in the spool. */
  receipt: receiptSchema.nullable(),
});
export type Acceptance = z.infer<typeof acceptanceSchema>;

export const statusUpdateSchema = z.object({
  status: z.enum(STATUSES),
  external_id: z.string().max(4_096).nullish(),
  error_message: z.string().max(MAX_ERROR).nullish(),
  /** When it happened; now where left out. */
  ts: z.union([z.string(), z.number()]).nullish(),
});
export type StatusUpdate = z.infer<typeof statusUpdateSchema>;

export const messageEventSchema = z.object({
  event_id: z.int(),
  status: z.enum(STATUSES),
  ts: z.string(),
  recorded_ts: z.string(),
  /** False for a late report that is only history. */
  applied: z.boolean(),
  external_id: z.string().nullable(),
  error_message: z.string().nullable(),
});
export type MessageEvent = z.infer<typeof messageEventSchema>;

const query = z.string().max(4_096).default("");
const limit = z.int().min(1).max(MAX_PAGE).default(DEFAULT_PAGE);
export const pageSchema = z.object({ limit, cursor: z.string().max(1_024).nullish() });

export const searchInputSchema = pageSchema.extend({
  /** The query language; empty for all. */
  q: query,
});

export const messagePageSchema = z.object({
  messages: z.array(messageRecordSchema),
  next_cursor: z.string().nullable(),
});
export type MessagePage = z.infer<typeof messagePageSchema>;

export const histogramSchema = z.object({
  from: z.string(),
  to: z.string(),
  bucket_seconds: z.number(),
  /** Every bucket from `from` to `to`, also the empty ones. */
  buckets: z.array(z.object({ ts: z.string(), counts: z.partialRecord(z.enum(STATUSES), z.int()) })),
});
export type Histogram = z.infer<typeof histogramSchema>;

export const messageProcedures = {
  "messages.log": procedure({
    input: z.object({ records: z.array(z.unknown()).max(100_000) }),
    output: acceptanceSchema,
    errors: ["cannot_accept", "too_large"],
    summary: "Log records; answers once each is durable",
  }),
  "messages.updateStatus": procedure({
    input: statusUpdateSchema.extend({ message_uuid: uuidSchema }),
    /** Null where the report is accepted but waits in the spool, so that the record can't be shown yet. */
    output: messageRecordSchema.nullable(),
    errors: ["not_found", "cannot_accept"],
    summary: "Report what became of a message",
  }),
  "messages.get": procedure({
    input: z.object({ message_uuid: uuidSchema }),
    output: z.object({ message: messageRecordSchema, events: z.array(messageEventSchema) }),
    errors: ["not_found", "unavailable"],
    summary: "One message with its life",
  }),
  "messages.search": procedure({
    input: searchInputSchema,
    output: messagePageSchema,
    errors: ["unavailable"],
    summary: "Messages that match, newest first, page by page",
  }),
  "messages.bySubject": procedure({
    input: pageSchema.extend({ subject_id: z.string().min(1).max(4_096) }),
    output: messagePageSchema,
    errors: ["unavailable"],
    summary: "Messages from or to one subject, newest first",
  }),
  "messages.window": procedure({
    input: z.object({
      q: query,
      offset: z.int().min(0).default(0),
      limit,
      /** Only rows up to this ledger position, so that a table does not move while it is scrolled. */
      until: z.int().nullish(),
    }),
    output: z.object({ messages: z.array(messageRecordSchema), until: z.int() }),
    errors: ["unavailable"],
    summary: "A slice of the matches by offset, for a scrolled table",
  }),
  "messages.count": procedure({
    input: z.object({ q: query, until: z.int().nullish() }),
    output: z.object({ count: z.int(), until: z.int() }),
    errors: ["unavailable"],
    summary: "How many messages match",
  }),
  "messages.histogram": procedure({
    input: z.object({ q: query, buckets: z.int().min(1).max(400).default(80) }),
    output: histogramSchema,
    errors: ["unavailable"],
    summary: "Matches over time by status",
  }),
  "messages.vocabulary": procedure({
    input: z.object({}),
    output: z.object({
      channels: z.array(z.string()),
      templates: z.array(z.string()),
      topics: z.array(z.string()),
      types: z.array(z.string()),
      sessions: z.array(z.string()),
    }),
    errors: ["unavailable"],
    summary: "Values worth offering while a query is typed",
  }),
  "messages.types": procedure({
    input: z.object({ q: query }),
    /** Of more types than a page has, the most frequent. */
    output: z.object({ types: z.array(z.object({ message_type: z.string(), count: z.int() })) }),
    errors: ["unavailable"],
    summary: "How many matches there are of each type, the most frequent first",
  }),
} as const;
