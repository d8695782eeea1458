import { setTimeout as pause } from "node:timers/promises";
import type { MessageLogger } from "../../src-main/ledger/message-logger.ts";

/** Seldom: where there is much to count, asking is work too. */
const ASK_MS = 100;

/** Waits until every record is in the search index; the milliseconds, or null where the health does not tell. */
export async function untilIndexed(ledger: MessageLogger): Promise<number | null> {
  const started = performance.now();
  for (;;) {
    const lag = (await ledger.getDatabaseHealth()).checks.search_index?.value;
    if (lag === undefined || lag === null) return null;
    if (lag === 0) return performance.now() - started;
    await pause(ASK_MS);
  }
}
