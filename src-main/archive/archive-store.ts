import type pg from "pg";
import type { EventData, Output, ParsedInput } from "../../src-shared/contract/index.ts";
import type { Acceptance } from "../../src-shared/contract/messages.ts";
import type { ExportInput, Health } from "../../src-shared/contract/upkeep.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import type { HostStore } from "../api/store.ts";
import type { ReadName } from "../ledger/reader/serve.ts";
import type { ExportChunk } from "../ledger/task/export.ts";
import type { Progress } from "../ledger/thread-port.ts";
import { type ExportResult, writeExport } from "../transfer/export-file.ts";
import { ArchiveDatabase } from "./read/archive-database.ts";
import { ArchiveFeed } from "./read/archive-feed.ts";
import { exportChunks } from "./read/export.ts";
import { describeArchive } from "./read/health.ts";
import { readArchive } from "./read/read-archive.ts";

/** For all that an archive does not do. */
export function readsOnly(what: string): WaybillError {
  return new WaybillError(
    "forbidden",
    `${what} is not done here. This host shows an archive, which \`waybill consume\` writes. Log to a host with a ledger (waybill serve), whose records reach the archive through RabbitMQ.`,
  );
}

/** A team's archive in PostgreSQL, to the procedures and routes that read the ledger elsewhere. */
export class ArchiveStore implements HostStore {
  /** The host's own folder: its token, settings and the exports that are to be fetched. */
  readonly dataDir: string;
  readonly #options: pg.ClientConfig;
  readonly #database: ArchiveDatabase;
  readonly #feed: ArchiveFeed;

  /** Connects when it is first asked, and again whenever that is needed. */
  constructor(options: pg.ClientConfig, dataDir: string) {
    this.dataDir = dataDir;
    this.#options = options;
    this.#database = new ArchiveDatabase(options);
    this.#feed = new ArchiveFeed(this.#database, options);
  }

  /** Rejects with the procedure's errors, or `unavailable`. */
  read<N extends ReadName>(name: N, input: ParsedInput<N>): Promise<Output<N>> {
    return readArchive(this.#database, name, input);
  }

  async *exportChunks(input: ExportInput, progress: Progress = {}): AsyncGenerator<ExportChunk> {
    let done = 0;
    for await (const chunk of exportChunks(this.#database, input)) {
      if (progress.signal?.aborted) throw new WaybillError("cancelled", "The export was cancelled.");
      done += chunk.rows;
      progress.onProgress?.(done, null);
      if (chunk.text !== "") yield chunk;
    }
  }

  exportData({
    out,
    onProgress,
    signal,
    ...input
  }: ExportInput & { out?: string } & Progress): Promise<ExportResult> {
    return writeExport(this.exportChunks(input, { onProgress, signal }), out);
  }

  /** Never rejects for the archive's sake. */
  health(): Promise<Health> {
    return describeArchive(this.#database, this.#options, this.dataDir);
  }

  on(
    _event: "message.changed",
    listener: (change: EventData<"message.changed">) => void,
    onOpen?: () => void,
  ): () => void {
    return this.#feed.subscribe(listener, onOpen);
  }

  logMessage(): never {
    throw readsOnly("Logging");
  }

  async logMessages(): Promise<Acceptance> {
    throw readsOnly("Logging");
  }

  async close(): Promise<void> {
    this.#feed.stop();
    await this.#database.close();
  }
}
