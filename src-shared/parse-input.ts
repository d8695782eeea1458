import { WaybillError } from "./errors.ts";

type Issue = { path: readonly PropertyKey[]; message: string };

type Schema<T> = {
  safeParse(
    input: unknown,
  ): { success: true; data: T } | { success: false; error: { issues: readonly Issue[] } };
};

/** Throws `invalid` with the field and what is wrong with it; `whole` names the input where that is no field's fault. */
export function parseInput<T>(schema: Schema<T>, input: unknown, whole: string): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join(".") || whole;
  throw new WaybillError("invalid", `${field}: ${issue?.message ?? "is not valid"}`);
}
