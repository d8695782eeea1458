import { type Command, InvalidArgumentError } from "commander";
import { loadEnvironment } from "../api/environment.ts";
import { MessageLogger } from "../ledger/message-logger.ts";
import { exitAtOnce } from "./exit-at-once.ts";
import { EXIT_FAILED } from "./failures.ts";

export type CommonOptions = { dataDir?: string; json?: boolean };

/** What an action gives back as the exit code; nothing is success. */
export type ExitCode = number | undefined;

/** Adds what every command takes. */
export function addDataDir(command: Command): Command {
  return command.option(
    "--data-dir <dir>",
    "where the ledger lives (default: WAYBILL_DATA_DIR, else the user's data folder)",
  );
}

/** Runs an action with the command's options, and makes what it returns the exit code. */
export function act<O extends CommonOptions>(
  command: Command,
  run: (options: O, dataDir: string, ...args: string[]) => Promise<ExitCode>,
): void {
  command.action(async (...given: unknown[]) => {
    const args = given.filter((each): each is string => typeof each === "string");
    const options: O = command.optsWithGlobals();
    const dataDir = loadEnvironment(options.dataDir);
    process.exitCode = (await run(options, dataDir, ...args)) ?? 0;
  });
}

/** Opens the ledger for one command and closes it whatever happens. */
export async function withLedger<T>(dataDir: string, use: (ledger: MessageLogger) => Promise<T>): Promise<T> {
  const ledger = await MessageLogger.open({ dataDir });
  try {
    return await use(ledger);
  } finally {
    await ledger.close();
  }
}

/** An option's value as a whole number of at least `least`. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${least} to ${most}.`);
  };
}

export function positiveNumber(text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && value > 0 && value <= MAX_DAYS) return value;
  throw new InvalidArgumentError(`It must be a number above 0 and at most ${MAX_DAYS}.`);
}

export const MAX_DAYS = 36_500;

/** Aborted by Ctrl-C or a request to end; a second one does not wait for the end. Call `done` to listen no more. */
export function untilStopped(): { signal: AbortSignal; done: () => void } {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) exitAtOnce(EXIT_FAILED);
    controller.abort();
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  return {
    signal: controller.signal,
    done: () => {
      process.off("SIGINT", stop);
      process.off("SIGTERM", stop);
    },
  };
}
