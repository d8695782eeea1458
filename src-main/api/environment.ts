import { join } from "node:path";
import { config } from "dotenv";
import { resolveDataDir } from "../ledger/data-dir.ts";

/** Pino's names for the levels that Waybill and other programs use. */
const LOG_LEVELS: Readonly<Record<string, string>> = {
  trace: "trace",
  debug: "debug",
  info: "info",
  warn: "warn",
  warning: "warn",
  error: "error",
  fatal: "fatal",
  silent: "silent",
  off: "silent",
};
const DEFAULT_LOG_LEVEL = "warn";

/**
 * Reads `.env` of the working directory and then of the data directory, which the first may
 * name. What the environment holds already stays. Gives the data directory.
 */
export function loadEnvironment(dataDirFlag: string | undefined): string {
  config({ path: join(process.cwd(), ".env"), quiet: true });
  const dataDir = resolveDataDir(dataDirFlag);
  config({ path: join(dataDir, ".env"), quiet: true });
  return dataDir;
}

/** `warn` is told of a level that is none; then the default is used. */
export function logLevel(warn: (sentence: string) => void): string {
  const wanted = process.env.LOG_LEVEL?.toLowerCase() || DEFAULT_LOG_LEVEL;
  const level = LOG_LEVELS[wanted];
  if (level !== undefined) return level;
  warn(`LOG_LEVEL=${wanted} is none of debug, info, warning, error, silent: ${DEFAULT_LOG_LEVEL} is used.`);
  return DEFAULT_LOG_LEVEL;
}
