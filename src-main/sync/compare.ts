import type { MessagePort } from "node:worker_threads";
import { WaybillError } from "../../src-shared/errors.ts";
import { STREAMS, type Stream } from "../ledger/sync-save.ts";
import { type CallContext, serveThread } from "../ledger/thread-port.ts";
import { type LedgerEntry, LedgerSide } from "./ledger-side.ts";
import { type Comparison, reconcile } from "./reconcile.ts";
import { SinkFailure, type SupabaseOptions } from "./sink.ts";
import { SupabaseRemote } from "./supabase/supabase-remote.ts";

type Range = [first: number, last: number];

/** What differs, and the positions that have to be sent once more. */
export type Compared = { comparison: Comparison; ranges: Record<Stream, Range[]> };

function comparingMethods(database: string) {
  return {
    /** Rejects with `unavailable` where one of the two can't be read now, or `cancelled`. */
    compare: async (options: SupabaseOptions, { progress, signal }: CallContext): Promise<Compared> => {
      const ledger = new LedgerSide(database);
      let remote: SupabaseRemote | null = null;
      const positions: Record<Stream, number[]> = { message: [], session: [] };
      try {
        const reached = { message: ledger.reached("message"), session: ledger.reached("session") };
        remote = new SupabaseRemote(options);
        const comparison = await reconcile<LedgerEntry>({
          ledger,
          remote,
          resend: (stream, entries) => {
            for (const { position } of entries)
              if (position <= reached[stream]) positions[stream].push(position);
          },
          onProgress: progress,
          signal,
        });
        const [message, session] = STREAMS.map((stream) => toRanges(positions[stream]));
        return { comparison, ranges: { message: message ?? [], session: session ?? [] } };
      } catch (error) {
        if (signal.aborted) throw new WaybillError("cancelled", "It was cancelled; nothing was sent again.");
        if (error instanceof SinkFailure)
          throw new WaybillError("unavailable", error.message, { cause: error });
        throw error;
      } finally {
        remote?.close();
        ledger.close();
      }
    },
  };
}

export type ComparingMethods = ReturnType<typeof comparingMethods>;

export function serveComparing(port: MessagePort, database: string): void {
  serveThread(port, comparingMethods(database));
}

/** Positions next to each other as one range. */
export function toRanges(positions: readonly number[]): Range[] {
  const ranges: Range[] = [];
  for (const position of positions.toSorted((one, other) => one - other)) {
    const last = ranges.at(-1);
    if (last !== undefined && position <= last[1] + 1) last[1] = position;
    else ranges.push([position, position]);
  }
  return ranges;
}
