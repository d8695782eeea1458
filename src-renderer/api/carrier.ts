import { createContext, useContext } from "react";
import type { EventEnvelope, ProcedureName } from "../../src-shared/contract/index.ts";
import type { ExportFormat, Job } from "../../src-shared/contract/upkeep.ts";
import type { Reply } from "../../src-shared/errors.ts";

/** `unauthorized`: the host is there but does not know this browser. */
export type ConnectionState = "connecting" | "open" | "lost" | "unauthorized";

export type ImportOptions = {
  format: ExportFormat;
  /** Column to field, such as `text=content_preview,category=topic`; CSV only. */
  map: string;
  channel: string;
};

/** What brings a call to the core and its events back: a browser's HTTP or a window's IPC. */
export type Carrier = {
  /** Resolves to the reply, also for failures; an aborted call gives `cancelled`. */
  call(name: ProcedureName, input: unknown, signal?: AbortSignal): Promise<Reply<unknown>>;
  /** Every event but `message.changed`. Returns the unsubscribe. */
  subscribe(listener: (envelope: EventEnvelope) => void): () => void;
  /**
   * `message.changed` for what matches the query `q`. `onOpen` is told whenever it begins to hear:
   * what changed before, it has missed. Returns the unsubscribe.
   */
  tail(q: string, listener: (envelope: EventEnvelope) => void, onOpen?: () => void): () => void;
  connection(): ConnectionState;
  onConnection(listener: () => void): () => void;
  importFile(file: File, options: ImportOptions): Promise<Reply<Job>>;
  /** Brings the file of a finished job to the user; the host gives each out once. */
  download(job: Job): void;
  /** Shows the token to the host; resolves to whether it was right. */
  signIn(token: string): Promise<Reply<null>>;
};

export const CarrierContext = createContext<Carrier | null>(null);

/** The carrier of this window. Throws outside of `ApiProvider`. */
export function useCarrier(): Carrier {
  const carrier = useContext(CarrierContext);
  if (carrier === null) throw new Error("useCarrier needs an ApiProvider above it");
  return carrier;
}
