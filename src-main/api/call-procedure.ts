import {
  type Output,
  type ParsedInput,
  PROCEDURES,
  type ProcedureName,
} from "../../src-shared/contract/index.ts";
import { type ErrorBody, type Reply, toErrorBody } from "../../src-shared/errors.ts";

/** A read may be given up by its `signal`; what changes something goes on to its end. */
export type Handlers = {
  [N in ProcedureName]: (input: ParsedInput<N>, signal?: AbortSignal) => Promise<Output<N>>;
};

export type UnexpectedError = { component: string; error: unknown };

export function isProcedureName(name: string): name is ProcedureName {
  return Object.hasOwn(PROCEDURES, name);
}

/** What is wrong with an input, told by its first fault, with all of them in the details. */
export function invalidBody(issues: readonly { path: readonly PropertyKey[]; message: string }[]): ErrorBody {
  const faults = issues.map(({ path, message }) => ({ field: path.map(String).join("."), message }));
  const [first] = faults;
  const message =
    first === undefined ? "The input is not valid." : `${first.field || "The input"}: ${first.message}`;
  return { code: "invalid", message, details: { field: first?.field ?? "", issues: faults } };
}

/**
 * Runs one procedure for any carrier: checks the input against the contract, and answers
 * failures as replies. Never rejects; an error that is not ours goes to `onUnexpected` only.
 */
export async function callProcedure<N extends ProcedureName>(
  handlers: Handlers,
  name: N,
  rawInput: unknown,
  onUnexpected: (unexpected: UnexpectedError) => void,
  signal?: AbortSignal,
): Promise<Reply<Output<N>>> {
  const parsed = PROCEDURES[name].input.safeParse(rawInput ?? {});
  if (!parsed.success) return { ok: false, error: invalidBody(parsed.error.issues) };
  try {
    return { ok: true, value: await handlers[name](parsed.data as ParsedInput<N>, signal) };
  } catch (error) {
    const body = toErrorBody(error);
    if (body.code === "internal") onUnexpected({ component: name, error });
    return { ok: false, error: body };
  }
}
