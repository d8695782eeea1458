import type { SinkName } from "../../src-shared/contract/sync-counts.ts";

export const STREAMS = ["message", "session"] as const;
export type Stream = (typeof STREAMS)[number];

/** Names one change of one stream to one sink. */
export type ParkedKey = { sink: SinkName; stream: Stream; position: number };

export type StreamProgress = {
  stream: Stream;
  /** Where the stored position has to be for this to be added to it. */
  from: number;
  position: number;
  /** Positions passed: those confirmed or with nothing to send, and those that the ledger no longer has. */
  delivered: number;
  removed: number;
  parked: readonly { position: number; id: string; revision: number; reason: string }[];
};

/** What became of positions that were parked before. */
export type RetryProgress = {
  stream: Stream;
  position: number;
  /** Null where it was delivered; `removed` where the ledger no longer has it. */
  outcome: { kind: "delivered" } | { kind: "parked"; reason: string } | { kind: "removed" };
};

export type OutageSave = { since: number; until: number | null; message: string; tries: number };

export type SinkSave = {
  sink: SinkName;
  target: string;
  /** What the relay tells of itself, as JSON. */
  live: string;
  progress: readonly StreamProgress[];
  retries: readonly RetryProgress[];
  /** Where each resend goes on; behind its last it is over. */
  resends: readonly { resend_id: number; next: number }[];
  outages: readonly OutageSave[];
};

/** One relay's state, saved in one transaction, as long as no other host holds the lease. */
export type RelaySave = {
  owner: string;
  leaseMs: number;
  /** The file that the positions were read from; null where none was read yet. */
  file: bigint | null;
  sinks: readonly SinkSave[];
};

/** What an operator wants, from any process. */
export type SyncOrder =
  | { order: "pause"; sink: SinkName; paused: boolean }
  /** All of the sink, or of all sinks, where nothing is named. */
  | { order: "retry"; sink: SinkName | null; parked: readonly ParkedKey[] | null }
  | { order: "edit"; parked: ParkedKey; body: string }
  | {
      order: "resend";
      sink: SinkName;
      stream: Stream;
      ranges: readonly (readonly [first: number, last: number])[];
    }
  /** Nobody forwards to it any more: it is not waited for. */
  | { order: "off"; sink: SinkName }
  | { order: "release"; owner: string };
