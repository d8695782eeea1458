import type { EventData, Output, ParsedInput } from "../../src-shared/contract/index.ts";
import type { Acceptance } from "../../src-shared/contract/messages.ts";
import { DEFAULT_PAGE } from "../../src-shared/contract/messages.ts";
import type { AnalyticsReport, QuickStats } from "../../src-shared/contract/statistics.ts";
import {
  type Backup,
  type BackupSettings,
  type ExportInput,
  exportInputSchema,
  type Health,
} from "../../src-shared/contract/upkeep.ts";
import { type ErrorBody, WaybillError } from "../../src-shared/errors.ts";
import { parseInput } from "../../src-shared/parse-input.ts";
import {
  DEFAULT_USER,
  type MessageInput,
  type MessageRecord,
  type StoredMessage,
  toRecord,
} from "../../src-shared/record.ts";
import type { Session, SessionInput } from "../../src-shared/session.ts";
import type { Status } from "../../src-shared/status.ts";
import type { SystemLogInput } from "../../src-shared/system-log.ts";
import { type ExportResult, writeExport } from "../transfer/export-file.ts";
import { type ImportOptions, type ImportResult, importFile } from "../transfer/import-file.ts";
import { Backups } from "./backups.ts";
import { type LedgerPaths, ledgerPaths, resolveDataDir } from "./data-dir.ts";
import { checkDatabase, describeHealth } from "./health.ts";
import { type Accepted, Intake, type StatusOptions } from "./intake.ts";
import { LiveFeed } from "./live-feed.ts";
import type { DatabaseFacts } from "./reader/facts.ts";
import type { ReadName } from "./reader/serve.ts";
import { ReaderLink } from "./reader-link.ts";
import { Repair } from "./repair.ts";
import { Retention, type RetentionResult } from "./retention.ts";
import type { RetentionPolicy } from "./retention-plan.ts";
import { SessionIntake } from "./session-intake.ts";
import { SyncLedger } from "./sync-ledger.ts";
import type { ExportChunk } from "./task/export.ts";
import type { PlannedCut } from "./task/retention.ts";
import { TaskThreads } from "./task-threads.ts";
import type { Progress } from "./thread-port.ts";
import { UpkeepNotes } from "./upkeep-notes.ts";
import { vacuum } from "./vacuum.ts";
import type { WriterState } from "./writer/writer.ts";
import { WriterLink } from "./writer-link.ts";

const DEFAULT_DAYS = 30;

// This file is what the package exports.
export type { Accepted, StatusOptions };

export type OpenOptions = { dataDir?: string; userId?: string };

type LedgerEvent = "message.changed" | "health.changed";

/**
 * The ledger, to the program that logs. Nothing here blocks its caller: the database lives on
 * threads of its own. What is accepted is on the disk, in the ledger or in the spool.
 */
export class MessageLogger {
  readonly dataDir: string;
  readonly sync: SyncLedger;
  readonly #paths: LedgerPaths;
  readonly #writer: WriterLink;
  readonly #reader: ReaderLink;
  readonly #intake: Intake;
  readonly #sessions: SessionIntake;
  readonly #notes: UpkeepNotes;
  readonly #repair: Repair;
  readonly #backups: Backups;
  readonly #retention: Retention;
  readonly #live: LiveFeed;
  readonly #tasks: TaskThreads;
  readonly #healthListeners = new Set<(data: EventData<"health.changed">) => void>();
  #closing: Promise<void> | null = null;

  private constructor(options: OpenOptions) {
    const userId = options.userId ?? DEFAULT_USER;
    this.dataDir = resolveDataDir(options.dataDir);
    this.#paths = ledgerPaths(this.dataDir);
    this.#tasks = new TaskThreads(this.#paths);
    this.#writer = new WriterLink(this.#paths, {
      onState: (state) => this.#tellHealth(state),
      onDamage: (file) => this.#repair.bringBack(file),
    });
    this.#reader = new ReaderLink(this.#paths);
    this.#intake = new Intake({
      writer: this.#writer,
      userId,
      onAccepted: (spooled) => this.#tellAccepted(spooled),
    });
    this.#sessions = new SessionIntake({
      writer: this.#writer,
      userId,
      read: async (id) => (await this.read("sessions.get", { session_id: id })).session,
    });
    this.sync = new SyncLedger(this.#writer, this.#reader);
    this.#notes = new UpkeepNotes(this.#writer);
    this.#repair = new Repair(this.#paths, this.#writer, this.#tasks, this.#notes);
    this.#backups = new Backups(this.#paths, this.#writer, this.#tasks, this.#notes);
    this.#retention = new Retention(this.#paths, this.#writer, this.#tasks, this.#notes);
    this.#live = new LiveFeed({
      start: () => this.#writer.call("lastChange", undefined),
      last: () => this.#reader.call("lastChange", undefined),
      after: (position) => this.#reader.call("changesAfter", position),
    });
  }

  /**
   * Never rejects for the store's sake: what can't be opened is told by `storeProblem` and in health, and
   * records are spooled. Rejects where this program can't run the ledger's thread, as without SQLite.
   */
  static async open(options: OpenOptions = {}): Promise<MessageLogger> {
    const logger = new MessageLogger(options);
    try {
      await logger.#writer.ready();
    } catch (error) {
      await logger.close();
      throw error;
    }
    return logger;
  }

  /** Where the ledger's database is, or will be. */
  get databaseFile(): string {
    return this.#paths.database;
  }

  /** Why the database does not take records now; null where it does. */
  get storeProblem(): ErrorBody | null {
    const trouble = this.#writer.state()?.trouble ?? null;
    if (trouble === null) return null;
    return { code: trouble.kind === "newer" ? "newer_ledger" : "unavailable", message: trouble.message };
  }

  /** Begins a session and gives its id at once. Throws `invalid` for a wrong description only. */
  startSession(input: SessionInput = {}): string {
    return this.#sessions.start(input);
  }

  /** Begins a session; settles once it is accepted. Rejects with `invalid`, `conflict` or `cannot_accept`. */
  beginSession(input: SessionInput = {}): Promise<Session> {
    return this.#sessions.begin(input);
  }

  /**
   * Ends a session and gives its numbers. Rejects with `not_found` or `cannot_accept`, and with `unavailable`
   * where the end is accepted but the numbers can't be read now; ending it again changes nothing.
   */
  endSession(sessionId: string): Promise<Session> {
    return this.#sessions.end(sessionId);
  }

  /**
   * Queues one record and returns at once; never throws for the store's sake. `accepted` settles when the
   * record is durable; it rejects with `invalid` or `too_large` for a bad record and `cannot_accept` when
   * neither database nor spool takes it. Nobody has to listen to it.
   */
  logMessage(fields: MessageInput): { message_uuid: string; accepted: Promise<Accepted> } {
    return this.#intake.log(fields);
  }

  /**
   * Logs a list; settles once every good record is durable. Bad ones are in `rejected` with their reason.
   * Rejects with `cannot_accept`: some of the list may be in then, and sending it again doubles none. A list comes after
   * those before it, unless it is `urgent`: a few records that do not wait behind a flood of lists.
   */
  logMessages(list: readonly unknown[], { urgent = false } = {}): Promise<Acceptance> {
    return this.#intake.logList(list, urgent);
  }

  /**
   * Reports what became of a message. Gives the record as it is after it, or null where the report is
   * accepted but waits in the spool. Rejects with `not_found`, `invalid` or `cannot_accept`.
   */
  updateMessageStatus(
    uuid: string,
    status: Status,
    options: StatusOptions = {},
  ): Promise<MessageRecord | null> {
    return this.#intake.report(uuid, status, options);
  }

  /** Adds an event to the system log. Rejects with `invalid` or `cannot_accept`. */
  logSystemEvent(input: SystemLogInput): Promise<void> {
    return this.#intake.logEvent(input);
  }

  /** Settles when everything logged so far is accepted or refused. */
  async flush(): Promise<void> {
    await this.#intake.handed();
    await this.#writer.flush();
  }

  /** Runs a reading procedure of the contract on the reader's thread. Rejects with its errors, `cancelled` or `unavailable`. */
  async read<N extends ReadName>(name: N, input: ParsedInput<N>, signal?: AbortSignal): Promise<Output<N>> {
    try {
      return (await this.#reader.call("read", { name, input }, { signal })) as Output<N>;
    } catch (error) {
      this.#repair.meetDamage(error);
      throw error;
    }
  }

  /** The message with its history, or null. */
  async getMessage(uuid: string): Promise<Output<"messages.get"> | null> {
    try {
      return await this.read("messages.get", { message_uuid: uuid.toLowerCase() });
    } catch (error) {
      if (error instanceof WaybillError && error.code === "not_found") return null;
      throw error;
    }
  }

  searchMessages(
    input: { q?: string; limit?: number; cursor?: string | null } = {},
  ): Promise<Output<"messages.search">> {
    return this.read("messages.search", {
      q: input.q ?? "",
      limit: input.limit ?? DEFAULT_PAGE,
      cursor: input.cursor,
    });
  }

  /** Every session begun in the last days, newest first. */
  async getSessionHistory({ days = DEFAULT_DAYS }: { days?: number } = {}): Promise<Session[]> {
    const sessions: Session[] = [];
    for (let cursor: string | null = null; ; ) {
      const page: Output<"sessions.list"> = await this.read("sessions.list", {
        text: "",
        days,
        limit: 1_000,
        cursor,
      });
      sessions.push(...page.sessions);
      if (page.next_cursor === null) return sessions;
      cursor = page.next_cursor;
    }
  }

  getQuickStats({ days = DEFAULT_DAYS }: { days?: number } = {}): Promise<QuickStats> {
    return this.read("stats.quick", { days });
  }

  getAnalyticsReport({ days = DEFAULT_DAYS }: { days?: number } = {}): Promise<AnalyticsReport> {
    return this.read("stats.report", { days });
  }

  /** An export as text, piece by piece as it is taken. Rejects with `invalid`, `not_found` or `unavailable`. */
  async *exportChunks(input: ExportInput, progress: Progress = {}): AsyncGenerator<ExportChunk> {
    const parsed = parseInput(exportInputSchema, input, "The export");
    const { thread, end } = this.#tasks.start(progress.signal);
    try {
      const { total } = await thread.call("exportOpen", parsed);
      let done = 0;
      progress.onProgress?.(done, total);
      for (;;) {
        const chunk = await thread.call("exportNext", null);
        if (chunk === null) return;
        done += chunk.rows;
        progress.onProgress?.(done, total);
        if (chunk.text !== "") yield chunk;
      }
    } catch (error) {
      this.#repair.meetDamage(error);
      throw error;
    } finally {
      await end();
    }
  }

  /**
   * Exports to a file, which gets its name only when it is whole, or without `out` to a text.
   * Rejects with `invalid`, `not_found`, `unavailable`, `cancelled`, or the file's own error.
   */
  exportData({
    out,
    onProgress,
    signal,
    ...input
  }: ExportInput & { out?: string } & Progress): Promise<ExportResult> {
    return writeExport(this.exportChunks(input, { onProgress, signal }), out);
  }

  /** Imports a file of records; see `importFile`. */
  importData(file: string, options: ImportOptions = {}): Promise<ImportResult> {
    return importFile(this, file, options);
  }

  /**
   * Deletes messages that began more than so many days ago; how many went. What a sink has not had yet is kept,
   * unless `unsent` tells to delete that too. Rejects with `invalid`, `unavailable`, `cancelled`. */
  deleteOldData({
    days,
    unsent = false,
    ...progress
  }: { days: number; unsent?: boolean } & Progress): Promise<number> {
    if (!Number.isFinite(days) || days <= 0) {
      return Promise.reject(new WaybillError("invalid", "days must be a number above 0."));
    }
    return this.#retention.prune(days, unsent, progress);
  }

  /**
   * Deletes a record of the type `probe`; false where it stays, as a sink has not had it yet. Rejects with `unavailable`.
   */
  removeProbe(message_uuid: string): Promise<boolean> {
    return this.#writer.call("removeProbe", { message_uuid });
  }

  /** What `applyRetention` would delete now. Rejects with `unavailable` or `cancelled`. */
  planRetention(policy: RetentionPolicy, progress: Progress = {}): Promise<PlannedCut[]> {
    return this.#retention.plan(policy, progress);
  }

  /** Deletes what a policy does not keep. Rejects with `unavailable`, `conflict` or `cancelled`. */
  applyRetention(policy: RetentionPolicy, progress: Progress = {}): Promise<RetentionResult> {
    return this.#retention.apply(policy, progress);
  }

  /**
   * How the ledger is; never rejects for the store's sake. `deep` runs the full integrity check first, and
   * rejects with `unavailable` where the database can't be read through now, or `cancelled`.
   */
  async getDatabaseHealth({
    deep = false,
    ...progress
  }: { deep?: boolean } & Progress = {}): Promise<Health> {
    if (deep) await this.#repair.check(progress);
    const writer = await this.#writer.refreshState();
    if (writer === null) throw new WaybillError("unavailable", "The ledger's thread has not started yet.");
    let facts: DatabaseFacts | null = null;
    try {
      facts = await this.#reader.call("facts", undefined);
    } catch (error) {
      if (!(error instanceof WaybillError)) throw error;
      this.#repair.meetDamage(error);
    }
    return describeHealth(this.#paths, writer, facts);
  }

  repairDatabase(progress: Progress = {}): Promise<{ message: string }> {
    return this.#repair.repair(progress);
  }

  backupDatabase({
    out,
    ...progress
  }: { out?: string } & Progress = {}): Promise<{ file: string; size_bytes: number }> {
    return this.#backups.make(out, progress);
  }

  /** A backup of the schedule, and the rotation of those before it. Rejects as `backupDatabase` does. */
  backupOnSchedule(
    settings: BackupSettings,
    progress: Progress = {},
  ): Promise<{ file: string; size_bytes: number; deleted: number }> {
    return this.#backups.makeOnSchedule(settings, progress);
  }

  /** When the schedule last made one, in milliseconds since 1970; null where there is none. Rejects with the system's error. */
  lastScheduledBackup(directory: string | null): Promise<number | null> {
    return this.#backups.lastScheduled(directory);
  }

  /** How often backups are to be made, so that health knows when one is late; null for never. */
  noteBackupSchedule(everyHours: number | null): Promise<void> {
    return this.#backups.noteSchedule(everyHours);
  }

  restoreDatabase(file: string, progress: Progress = {}): Promise<{ message: string; kept: string }> {
    return this.#backups.restore(file, progress);
  }

  vacuumDatabase(progress: Progress = {}): Promise<{ freed_bytes: number }> {
    return vacuum(this.#writer, this.#notes, progress);
  }

  /** Verified backups, newest first: those of the data folder, and of another one where the schedule keeps its own there. */
  listBackups(directory: string | null = null): Promise<Backup[]> {
    return this.#backups.list(directory);
  }

  /**
   * Changes are looked for only while someone listens; those of other processes too. `onOpen` is told once every message
   * whose change is not told can be read as it is. Gives the way to stop.
   */
  on<N extends LedgerEvent>(
    event: N,
    listener: (data: EventData<N>) => void,
    onOpen?: () => void,
  ): () => void {
    if (event === "message.changed") {
      return this.#live.subscribe(listener as (data: EventData<"message.changed">) => void, onOpen);
    }
    const heard = listener as (data: EventData<"health.changed">) => void;
    this.#healthListeners.add(heard);
    onOpen?.();
    return () => this.#healthListeners.delete(heard);
  }

  /** Settles what is under way, empties the write-ahead log and closes. Calling it again waits for the same. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.#reader.refuse();
    this.#repair.stop();
    this.#live.stop();
    await this.#intake.handed();
    await this.#tasks.close();
    // The reader first: the last connection to close empties the write-ahead log.
    await this.#reader.close();
    await this.#writer.close();
  }

  #tellAccepted(spooled: StoredMessage | null): void {
    if (spooled === null) this.#live.nudge();
    else if (this.#live.wanted) this.#live.tell({ change_id: null, message: toRecord(spooled) });
  }

  #tellHealth(state: WriterState): void {
    const check = checkDatabase(state);
    const status = check.state === "warning" ? "degraded" : check.state;
    for (const listener of this.#healthListeners) listener({ status, message: check.message });
  }
}
