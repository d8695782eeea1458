import type pg from "pg";
import { WaybillError } from "../../src-shared/errors.ts";
import { ApiKeys } from "../api/api-keys.ts";
import type { Handlers, UnexpectedError } from "../api/call-procedure.ts";
import { HostEvents } from "../api/events.ts";
import { JobManager } from "../api/jobs.ts";
import { ReportFiles } from "../api/report-files.ts";
import { SettingsFile } from "../api/settings-file.ts";
import type { SyncSources } from "../api/sync-config.ts";
import { TokenFile } from "../api/token-file.ts";
import { ChatLog } from "../chat/chat-log.ts";
import { ArchiveStore } from "./archive-store.ts";
import { archiveHandlers } from "./serve-handlers.ts";

export type ArchiveCore = {
  ledger: ArchiveStore;
  jobs: JobManager;
  files: ReportFiles;
  events: HostEvents;
  token: TokenFile;
  keys: ApiKeys;
  handlers: Handlers;
  /** Refuses what is to be logged, as the archive itself does. */
  chat: ChatLog;
  systems: null;
  onUnexpected: (unexpected: UnexpectedError) => void;
  close: () => Promise<void>;
};

export type ArchiveCoreOptions = {
  /** Where the archive is. */
  archive: pg.ClientConfig;
  dataDir: string;
  /** For what the operator should know at once. */
  warn: (sentence: string) => void;
  apiUrl: () => string;
} & SyncSources;

/**
 * What a host runs that shows an archive: the same procedures and routes over PostgreSQL. It starts whether or not the
 * archive is in reach, and its health says so.
 */
export async function openArchiveCore(options: ArchiveCoreOptions): Promise<ArchiveCore> {
  const { archive, dataDir, warn, apiUrl, secrets, environment } = options;
  // There is no system log to write to: what nobody expected goes to stderr.
  const onUnexpected = ({ component, error }: UnexpectedError): void => {
    const cause = error instanceof WaybillError ? (error.cause ?? error) : error;
    warn(`${component}: ${cause instanceof Error ? (cause.stack ?? cause.message) : String(cause)}`);
  };
  const ledger = new ArchiveStore(archive, dataDir);
  const events = new HostEvents();
  const settings = new SettingsFile(dataDir, warn);
  const token = await TokenFile.open(dataDir, warn);
  const keys = new ApiKeys(dataDir, warn);
  const files = new ReportFiles(dataDir, warn);
  await files.start();
  const jobs = new JobManager({
    onChange: (data) => events.emit({ event: "job.changed", data }),
    onUnexpected: (error, kind) => onUnexpected({ component: `job ${kind}`, error }),
  });
  const handlers = archiveHandlers({
    ledger,
    jobs,
    files,
    settings,
    token,
    events,
    apiUrl,
    secrets,
    environment,
  });
  await settings.get();
  return {
    ledger,
    jobs,
    files,
    events,
    token,
    keys,
    handlers,
    chat: new ChatLog({ ledger, context: async () => null, sinksOn: async () => [] }),
    systems: null,
    onUnexpected,
    async close() {
      await files.close();
      await keys.close();
      await ledger.close();
    },
  };
}
