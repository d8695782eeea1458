import { z } from "zod";
import { DEFAULT_PAGE, MAX_PAGE } from "../../../src-shared/contract/messages.ts";
import { exportInputSchema } from "../../../src-shared/contract/upkeep.ts";
import { LEVELS } from "../../../src-shared/system-log.ts";

/**
 * The contract's inputs as an address writes them: numbers are text there, and a parameter that
 * nobody knows is a mistake worth telling rather than a filter quietly left out.
 */
const page = {
  limit: z.coerce.number().int().min(1).max(MAX_PAGE).default(DEFAULT_PAGE),
  cursor: z.string().max(1_024).optional(),
};
const days = z.coerce.number().positive().max(36_500);
const text = z.string().max(1_000).default("");

export const pageQuery = z.strictObject(page);

export const searchQuery = z.strictObject({ q: z.string().max(4_096).default(""), ...page });

export const sessionsQuery = z.strictObject({ ...page, text, days: days.optional() });

export const systemLogsQuery = z.strictObject({ ...page, text, level: z.enum(LEVELS).optional() });

export const statsQuery = z.strictObject({ days: days.default(30) });

/** `q` is another name for `filter`. */
export const exportQuery = z
  .strictObject({
    ...exportInputSchema.shape,
    days: days.optional(),
    q: z.string().max(4_096).optional(),
  })
  .transform(({ q, ...input }) => ({ ...input, filter: input.filter || (q ?? "") }));

export const liveQuery = z.strictObject({ q: z.string().max(4_096).default("") });
