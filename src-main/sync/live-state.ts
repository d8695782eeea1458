import type { Queues, SinkState } from "../../src-shared/contract/sync.ts";

/** What a relay tells of itself; times in milliseconds since 1970. */
export type LiveState = {
  state: Exclude<SinkState, "off" | "paused" | "unattended">;
  message: string;
  since: number;
  lastDelivered: number | null;
  lastError: { ts: number; message: string } | null;
  nextTry: number | null;
  rate: number;
};

/** As it is kept beside the positions, for processes that do not run the relay. */
export type SavedLive = { relay: LiveState; queues: Queues | null };
