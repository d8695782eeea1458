import type { z } from "zod";
import type { ErrorCode } from "../errors.ts";

export type Procedure<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> = {
  input: I;
  output: O;
  /** Codes it may answer besides `invalid`, `internal`, `unauthorized` and `forbidden`. */
  errors: readonly ErrorCode[];
  summary: string;
};

/** Keeps each procedure's own types, where a plain annotation would widen them. */
export function procedure<I extends z.ZodType, O extends z.ZodType>(
  definition: Procedure<I, O>,
): Procedure<I, O> {
  return definition;
}

type Merged<Groups extends readonly Record<string, unknown>[]> = Groups extends readonly [
  infer Head,
  ...infer Tail extends readonly Record<string, unknown>[],
]
  ? Head & Merged<Tail>
  : unknown;

/** Joins groups of names into one table. A name given twice would hide one of them: it throws. */
export function register<const Groups extends readonly Record<string, unknown>[]>(
  ...groups: Groups
): Merged<Groups> {
  const table = new Map<string, unknown>();
  for (const group of groups) {
    for (const [name, definition] of Object.entries(group)) {
      if (table.has(name)) throw new Error(`The name ${name} is registered twice in the contract`);
      table.set(name, definition);
    }
  }
  return Object.fromEntries(table) as Merged<Groups>;
}
