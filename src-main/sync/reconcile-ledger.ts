import type { MessageLogger } from "../ledger/message-logger.ts";
import { STREAMS } from "../ledger/sync-save.ts";
import { type Progress, ThreadClient } from "../ledger/thread-port.ts";
import type { Compared, ComparingMethods } from "./compare.ts";
import type { SupabaseOptions } from "./sink.ts";
import { startSyncThread } from "./start-thread.ts";

/**
 * Compares the ledger with Supabase, and has what differs sent once more by the host that forwards. Rejects with
 * `unavailable` where one of the two can't be read now, or `cancelled`.
 */
export async function reconcileLedger(
  ledger: MessageLogger,
  supabase: SupabaseOptions,
  progress: Progress,
): Promise<Compared> {
  const thread = new ThreadClient<ComparingMethods>(startSyncThread("comparing", ledger));
  try {
    const compared = await thread.call("compare", supabase, progress);
    for (const stream of STREAMS) {
      const ranges = compared.ranges[stream];
      if (ranges.length > 0) await ledger.sync.order({ order: "resend", sink: "supabase", stream, ranges });
    }
    return compared;
  } finally {
    await thread.terminate();
  }
}
