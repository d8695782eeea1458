import { z } from "zod";
import type { EventData, EventEnvelope, Input, Output, ProcedureName } from "./contract/index.ts";
import { EXPORT_FORMATS, type Job } from "./contract/upkeep.ts";
import type { Reply } from "./errors.ts";

/** How the program behaves on this machine; in `desktop/preferences.json` of the data folder. */
export const preferencesSchema = z.object({
  /** What closing the window does; `ask` until it was answered once. */
  on_close: z.enum(["ask", "tray", "quit"]).default("ask"),
  start_at_login: z.boolean().default(false),
  /** Whether other programs may log over HTTP, on loopback. */
  http_api: z.boolean().default(true),
  http_port: z.int().min(1).max(65_535).default(8001),
  /** Which notifications of the system there are. */
  notify_sink_down: z.boolean().default(true),
  notify_disk_low: z.boolean().default(true),
  notify_failure_rate: z.boolean().default(true),
  /** Notify above so many per cent failed messages of the last hour. */
  failure_percent: z.int().min(1).max(100).default(20),
});
export type Preferences = z.infer<typeof preferencesSchema>;

export const preferenceChangesSchema = z.strictObject({
  on_close: preferencesSchema.shape.on_close.unwrap().optional(),
  start_at_login: z.boolean().optional(),
  http_api: z.boolean().optional(),
  http_port: preferencesSchema.shape.http_port.unwrap().optional(),
  notify_sink_down: z.boolean().optional(),
  notify_disk_low: z.boolean().optional(),
  notify_failure_rate: z.boolean().optional(),
  failure_percent: preferencesSchema.shape.failure_percent.unwrap().optional(),
});
export type PreferenceChanges = z.infer<typeof preferenceChangesSchema>;

/** The HTTP API inside of the desktop app; `problem` says why it does not answer though it should. */
export type ApiState = { on: false; problem: string | null } | { on: true; url: string };

/** Nothing is downloaded unasked; what was downloaded goes in when Waybill quits. */
export type UpdateState =
  | { state: "unavailable"; reason: string }
  /** `checked_ts` is null until the feed has answered once. */
  | { state: "current"; checked_ts: string | null }
  | { state: "checking" }
  | { state: "failed"; message: string }
  | { state: "available"; version: string }
  /** Not spoken of again before `until_ts`. */
  | { state: "deferred"; version: string; until_ts: string }
  | { state: "downloading"; version: string; percent: number }
  | { state: "ready"; version: string };

export type DesktopState = {
  version: string;
  preferences: Preferences;
  api: ApiState;
  update: UpdateState;
};

export const bridgeImportSchema = z.strictObject({
  format: z.enum(EXPORT_FORMATS),
  /** Such as `text=content_preview`; empty for none. */
  map: z.string().max(16_384),
  channel: z.string().max(4_096),
});
export type BridgeImport = z.infer<typeof bridgeImportSchema>;

/** A file that Waybill wrote, or was asked to import: the page knows it by a number, never by its path. */
export type NamedFile = { file_id: string; name: string };

/** What the desktop tells its page unasked. */
export type DesktopSignal =
  | { kind: "navigate"; path: string }
  | ({ kind: "file-opened" } & NamedFile)
  | ({ kind: "file-saved" } & NamedFile)
  | { kind: "notice"; tone: "neutral" | "warning" | "danger"; title: string; description: string }
  /** `DesktopState` is another one now. */
  | { kind: "desktop-changed" }
  | { kind: "update-available"; version: string }
  | { kind: "update-ready"; version: string };

/**
 * Changes of one tail; `missed` says that some before them were left out: there were too many, or it is the batch, maybe an
 * empty one, with which the tail begins to hear.
 */
export type TailBatch = { changes: EventData<"message.changed">[]; missed: boolean };

/** `callId` is a number that the document has given to no other call. */
export type BridgeProcedures = {
  [N in ProcedureName]: (input: Input<N>, callId: number) => Promise<Reply<Output<N>>>;
};

/**
 * The one object that the preload gives to the page, as `window.waybill`. `File` is the browser's,
 * which this folder does not know. Every promise resolves, also for failures.
 */
export type WaybillBridge<File = unknown> = {
  procedures: BridgeProcedures;
  /** A read that nobody waits for is not made to its end; what changes something is. */
  giveUp(callId: number): void;
  /** Every event but `message.changed`. Gives the unsubscribe. */
  onEvent(listener: (envelope: EventEnvelope) => void): () => void;
  /** Gives the unsubscribe. What was signalled before anyone listened is told to the first listener. */
  onSignal(listener: (signal: DesktopSignal) => void): () => void;
  /** Gives the function that ends it. */
  tail(q: string, listener: (batch: TailBatch) => void): () => void;
  /** For a file that the user chose or dropped on the page. */
  importFile(file: File, options: BridgeImport): Promise<Reply<Job>>;
  /** For a file of the signal `file-opened`. */
  importOpenedFile(fileId: string, options: BridgeImport): Promise<Reply<Job>>;
  /** Its first bytes, to show its columns. */
  readOpenedFile(fileId: string): Promise<Reply<Uint8Array>>;
  /** Asks where to, and writes a finished job's file there. Null where the user gave up. */
  saveJobFile(jobId: string): Promise<Reply<NamedFile | null>>;
  /** Shows a file of the signal `file-saved` in its folder. */
  showSavedFile(fileId: string): Promise<Reply<null>>;
  getDesktop(): Promise<Reply<DesktopState>>;
  /** They hold from now on, also where the reply says that they could not be kept. */
  setPreferences(changes: PreferenceChanges): Promise<Reply<DesktopState>>;
  /** Asks the feed; how it goes is in the state. */
  checkForUpdates(): Promise<Reply<null>>;
  /** Downloads the version that is available; it goes in when Waybill quits. */
  downloadUpdate(): Promise<Reply<null>>;
  /** Leaves the version that is available alone for a week. */
  deferUpdate(): Promise<Reply<null>>;
  /** Ends Waybill in order and starts the new version, which was downloaded. */
  installUpdate(): Promise<Reply<null>>;
};
