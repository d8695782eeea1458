import { z } from "zod";
import { procedure } from "./define.ts";

export const MAX_VIEWS = 100;
export const MAX_VIEW_NAME = 80;

export const viewNameSchema = z
  .string()
  .trim()
  .min(1, "give the view a name")
  .max(MAX_VIEW_NAME, `a name has at most ${MAX_VIEW_NAME} characters`);

/** A query that is kept under a name. */
export const viewSchema = z.object({
  view_id: z.string().min(1).max(100),
  name: viewNameSchema,
  /** The query language; empty for all messages. */
  q: z.string().max(4_096),
  /** Keys of the table's columns that belong to the view; null leaves them as they are. */
  columns: z.array(z.string().max(100)).max(100).nullable().default(null),
});
export type View = z.infer<typeof viewSchema>;

export const viewProcedures = {
  "views.save": procedure({
    /** Without an id a new view; with the id of one that is gone, that one again. */
    input: viewSchema.partial({ view_id: true }),
    output: viewSchema,
    errors: ["conflict", "cannot_accept"],
    summary: "Keep a query under a name, or change one that is kept",
  }),
  "views.remove": procedure({
    input: viewSchema.pick({ view_id: true }),
    output: z.object({}),
    errors: ["not_found", "cannot_accept"],
    summary: "Forget a saved view",
  }),
} as const;
