import { CommanderError } from "commander";
import { WaybillError } from "../../src-shared/errors.ts";
import { OutputClosed, tell } from "./output.ts";

export const EXIT_OK = 0;
export const EXIT_FAILED = 1;
export const EXIT_USAGE = 2;

/** A command line that can't be carried out as it stands: one line, exit 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Runs what reads an argument: an `invalid` one is the command line's mistake. */
export function readArgument<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof WaybillError && error.code === "invalid") throw new UsageError(error.message);
    throw error;
  }
}

/** Tells the operator what went wrong and gives the exit code. */
export function reportFailure(error: unknown): number {
  if (error instanceof OutputClosed) return EXIT_OK;
  if (error instanceof CommanderError) return reportUsage(error);
  if (error instanceof UsageError) {
    tell(`waybill: ${error.message}`);
    return EXIT_USAGE;
  }
  if (error instanceof WaybillError) {
    const shown = caret(error.details);
    tell(`waybill: ${error.message}${shown}`);
    return shown === "" ? EXIT_FAILED : EXIT_USAGE;
  }
  tell(`waybill: ${error instanceof Error ? error.message : String(error)}`);
  if (process.env.LOG_LEVEL === "debug" && error instanceof Error && error.stack) tell(error.stack);
  return EXIT_FAILED;
}

function reportUsage({ code, exitCode, message }: CommanderError): number {
  // Help and version were asked for, and are printed already.
  if (exitCode === EXIT_OK) return EXIT_OK;
  const text = code === "commander.help" ? "name a command; --help lists them." : message;
  tell(`waybill: ${text.replace(/^error: /, "").replace(/\s*\n\s*/g, " ")}`);
  return EXIT_USAGE;
}

/** A query's mistake is shown under the very character; empty for any other. */
function caret(details: unknown): string {
  const { q, position, length } = (details ?? {}) as { q?: unknown; position?: unknown; length?: unknown };
  if (typeof q !== "string" || typeof position !== "number" || q === "") return "";
  const before = [...q.slice(0, position)].length;
  const marked = [...q.slice(position, position + (typeof length === "number" ? length : 1))].length;
  return `\n  ${q.replace(/\s/g, " ")}\n  ${" ".repeat(before)}${"^".repeat(Math.max(1, marked))}`;
}
