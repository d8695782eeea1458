import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { MessageLogger } from "../../src-main/ledger/message-logger.ts";

const ROOT = resolve(import.meta.dirname, "../..");
/** What is measured is what is shipped, not its sources. */
const DIST = resolve(ROOT, process.env.WAYBILL_DIST ?? "dist");

export const CLI = resolve(DIST, "main/cli.js");

/** Opens the ledger of a data directory in this process, by the built library. */
export async function openLedger(dataDir: string): Promise<MessageLogger> {
  const library = pathToFileURL(resolve(DIST, "main/message-logger.js")).href;
  const built = (await import(library)) as { MessageLogger: typeof MessageLogger };
  const ledger = await built.MessageLogger.open({ dataDir });
  if (ledger.storeProblem !== null) throw ledger.storeProblem;
  return ledger;
}
