import { WaybillError } from "../../src-shared/errors.ts";
import type { SystemLogInput } from "../../src-shared/system-log.ts";
import { ChatLog } from "../chat/chat-log.ts";
import type { CheckedSystems } from "../chat/system-checks.ts";
import { MessageLogger } from "../ledger/message-logger.ts";
import { RedisHost } from "../redis/redis-host.ts";
import type { SecretStore } from "../sync/secrets.ts";
import { ApiKeys } from "./api-keys.ts";
import { startBackups } from "./backup-schedule.ts";
import type { Handlers, UnexpectedError } from "./call-procedure.ts";
import { HostEvents } from "./events.ts";
import { createHandlers } from "./handlers.ts";
import { JobManager } from "./jobs.ts";
import { startReconciling } from "./reconcile-job.ts";
import { ReportFiles } from "./report-files.ts";
import { startRetention } from "./retention.ts";
import { SettingsFile } from "./settings-file.ts";
import { SyncHost } from "./sync-host.ts";
import { TokenFile } from "./token-file.ts";

/** The limits of a system log's fields. */
const MAX_COMPONENT = 200;
const MAX_MESSAGE = 10_000;

export type Core = {
  ledger: MessageLogger;
  jobs: JobManager;
  files: ReportFiles;
  events: HostEvents;
  token: TokenFile;
  keys: ApiKeys;
  handlers: Handlers;
  sync: SyncHost;
  chat: ChatLog;
  systems: CheckedSystems;
  onUnexpected: (unexpected: UnexpectedError) => void;
  /** Checkpoints and closes the ledger. Jobs and calls must have ended before, or are given up. */
  close: () => Promise<void>;
};

export type CoreOptions = {
  dataDir?: string;
  /** For what the operator should know at once; it lands in the system log as well. */
  warn: (sentence: string) => void;
  apiUrl: () => string;
  secrets: SecretStore;
  environment: Readonly<Record<string, string | undefined>>;
};

/** What every host runs: the ledger with its upkeep, settings, jobs and procedures. */
export async function openCore({ dataDir, warn, apiUrl, secrets, environment }: CoreOptions): Promise<Core> {
  const ledger = await MessageLogger.open(dataDir === undefined ? {} : { dataDir });
  if (ledger.storeProblem !== null) warn(ledger.storeProblem.message);

  const report = (event: SystemLogInput): void => {
    ledger.logSystemEvent(event).catch((error: unknown) => {
      warn(`${event.message} (The system log did not take this: ${describe(error)})`);
    });
  };
  const onTrouble = (message: string): void => {
    warn(message);
    report({ level: "warning", component: "host", message });
  };
  const onUnexpected = ({ component, error }: UnexpectedError): void => {
    const cause = error instanceof WaybillError ? (error.cause ?? error) : error;
    report({
      level: "error",
      component: component.slice(0, MAX_COMPONENT),
      message: describe(cause).slice(0, MAX_MESSAGE) || "Unknown error",
      details: { stack: cause instanceof Error ? (cause.stack ?? null) : null },
    });
  };

  const events = new HostEvents();
  const stopHealth = ledger.on("health.changed", (data) => events.emit({ event: "health.changed", data }));
  const settings = new SettingsFile(ledger.dataDir, onTrouble);
  const token = await TokenFile.open(ledger.dataDir, onTrouble);
  const keys = new ApiKeys(ledger.dataDir, onTrouble);
  const files = new ReportFiles(ledger.dataDir, onTrouble);
  await files.start();
  const jobs = new JobManager({
    onChange: (data) => events.emit({ event: "job.changed", data }),
    onUnexpected: (error, kind) => onUnexpected({ component: `job ${kind}`, error }),
  });
  const redis = new RedisHost({
    ledger,
    environment,
    log: (level, message) => report({ level, component: "redis", message }),
  });
  const ingests = () => redis.ingests;
  const sync = new SyncHost({ ledger, settings, events, onTrouble, secrets, environment, ingests });
  const chat = new ChatLog({ ledger, context: () => redis.context(), sinksOn: () => sync.sinksOn() });
  const handlers = createHandlers({
    ledger,
    jobs,
    files,
    settings,
    token,
    events,
    sync,
    apiUrl,
    secrets,
    environment,
  });
  const stopRetention = startRetention(ledger, jobs, settings);
  const stopReconciling = startReconciling(sync, jobs, settings);
  const stopBackups = startBackups(ledger, jobs, settings, onTrouble);
  // A file that is not right is told at the start, not when someone opens the settings.
  await settings.get();
  // Not waited for: the host serves before the first sink is connected.
  void sync.start();
  void redis.start();

  return {
    ledger,
    jobs,
    files,
    events,
    token,
    keys,
    handlers,
    sync,
    chat,
    systems: { ledger, redis, sync },
    onUnexpected,
    async close() {
      stopRetention();
      stopBackups();
      stopReconciling();
      stopHealth();
      await redis.close();
      await sync.close();
      await files.close();
      await keys.close();
      await ledger.close();
    },
  };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
