import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Output, ParsedInput } from "../../src-shared/contract/index.ts";
import type { Backup, Job, Settings } from "../../src-shared/contract/upkeep.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import { newId } from "../../src-shared/new-id.ts";
import type { MessageLogger } from "../ledger/message-logger.ts";
import { requireQuery } from "../ledger/reader/messages.ts";
import type { ReadName } from "../ledger/reader/serve.ts";
import { requireFormat } from "../transfer/require-format.ts";
import type { Handlers } from "./call-procedure.ts";
import type { HostEvents } from "./events.ts";
import { exportTask } from "./export-job.ts";
import type { JobManager } from "./jobs.ts";
import { maintenanceTasks } from "./maintenance.ts";
import { reconcileTask } from "./reconcile-job.ts";
import type { ReportFiles } from "./report-files.ts";
import { requirePolicy } from "./retention.ts";
import { withoutView, withView } from "./saved-views.ts";
import type { SettingsFile } from "./settings-file.ts";
import { syncHandlers } from "./sync-handlers.ts";
import type { SyncHost } from "./sync-host.ts";
import type { TokenFile } from "./token-file.ts";

export type HandlerDependencies = {
  ledger: MessageLogger;
  jobs: JobManager;
  files: ReportFiles;
  settings: SettingsFile;
  token: TokenFile;
  events: HostEvents;
  sync: SyncHost;
  /** Where the API answers; known once the host listens. */
  apiUrl: () => string;
};

/** What each procedure of the contract does, whichever carrier brings the call. */
export function createHandlers(dependencies: HandlerDependencies): Handlers {
  const { ledger, jobs, settings, token, events, sync, apiUrl } = dependencies;
  const tasks = maintenanceTasks(ledger);

  const reading =
    <N extends ReadName>(name: N) =>
    (input: ParsedInput<N>): Promise<Output<N>> =>
      ledger.read(name, input);
  const changed = (data: Settings): Settings => {
    events.emit({ event: "settings.changed", data });
    return data;
  };

  return {
    "messages.log": ({ records }) => ledger.logMessages(records),
    "messages.updateStatus": ({ message_uuid, status, ...report }) =>
      ledger.updateMessageStatus(message_uuid, status, report),
    "messages.get": reading("messages.get"),
    "messages.search": reading("messages.search"),
    "messages.bySubject": reading("messages.bySubject"),
    "messages.window": reading("messages.window"),
    "messages.count": reading("messages.count"),
    "messages.histogram": reading("messages.histogram"),
    "messages.vocabulary": reading("messages.vocabulary"),

    "sessions.start": (input) => ledger.beginSession(input),
    "sessions.end": ({ session_id }) => ledger.endSession(session_id),
    "sessions.list": reading("sessions.list"),
    "sessions.get": reading("sessions.get"),
    "sessions.undelivered": reading("sessions.undelivered"),

    "stats.quick": reading("stats.quick"),
    "stats.overview": reading("stats.overview"),
    "stats.report": reading("stats.report"),
    "stats.fingerprints": reading("stats.fingerprints"),

    "health.get": () => ledger.getDatabaseHealth(),
    "systemLogs.list": reading("systemLogs.list"),
    "systemLogs.add": async (input) => {
      await ledger.logSystemEvent(input);
      return {};
    },
    "backups.list": async () => ({ backups: await listBackups(dependencies) }),

    "jobs.check": async () => jobs.start(tasks.check()),
    "jobs.backup": async () => jobs.start(tasks.backup()),
    "jobs.restore": async ({ file }) => jobs.start(tasks.restore(await findBackup(dependencies, file))),
    "jobs.repair": async () => jobs.start(tasks.repair()),
    "jobs.vacuum": async () => jobs.start(tasks.vacuum()),
    "jobs.prune": async ({ days }) =>
      jobs.start(days ? tasks.prune(days) : tasks.retain(requirePolicy(await settings.get()))),
    "jobs.reconcile": async () => jobs.start(reconcileTask(sync)),
    "jobs.demo": async () => jobs.start(tasks.demo()),
    "jobs.export": (input) => startExport(dependencies, input),
    "jobs.list": async () => ({ jobs: jobs.list() }),
    "jobs.cancel": async ({ job_id }) => jobs.cancel(job_id),

    "settings.get": () => settings.get(),
    "settings.set": async (changes) => {
      const data = changed(await settings.set(changes));
      if (changes.sync !== undefined) await sync.apply();
      return data;
    },
    "views.save": async (input) => {
      requireQuery(input.q);
      const view = { ...input, view_id: input.view_id ?? newId() };
      changed(await settings.update(({ views }) => ({ views: withView(views, view) })));
      return view;
    },
    "views.remove": async ({ view_id }) => {
      changed(await settings.update(({ views }) => ({ views: withoutView(views, view_id) })));
      return {};
    },
    ...syncHandlers(ledger, sync),
    "access.get": async () => ({ url: apiUrl(), token: await token.current(), data_dir: ledger.dataDir }),
    "access.rotateToken": async () => ({ token: await token.rotate() }),
  };
}

/** A filter or session that is not right is told at once, not by a job that fails. */
async function startExport(
  { ledger, jobs, files }: HandlerDependencies,
  input: ParsedInput<"jobs.export">,
): Promise<Job> {
  if (input.what === "undelivered") {
    if (!input.session_id)
      throw new WaybillError("invalid", "session_id: name the session whose recipients are meant.");
    await ledger.read("sessions.get", { session_id: input.session_id });
  }
  requireQuery(input.filter);
  requireFormat(input);
  return jobs.start(exportTask(ledger, files, input));
}

/** Those of the data folder and of the folder that the schedule keeps its own in. */
async function listBackups({ ledger, settings }: HandlerDependencies): Promise<Backup[]> {
  const { backups } = await settings.get();
  return ledger.listBackups(backups.directory);
}

/** The UI names a backup of the list; a path to anything else is the CLI's to give. */
async function findBackup(dependencies: HandlerDependencies, file: string): Promise<string> {
  const wanted = join(dependencies.ledger.dataDir, "backups", basename(file));
  const backups = await listBackups(dependencies);
  const listed = backups.find((backup) => backup.file === file || backup.file === wanted);
  if (listed === undefined || (await stat(listed.file).catch(() => null)) === null) {
    throw new WaybillError("not_found", `There is no backup ${basename(file)}. Choose one of the list.`);
  }
  return listed.file;
}
