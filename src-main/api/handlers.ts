import { stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Backup } from "../../src-shared/contract/upkeep.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import type { MessageLogger } from "../ledger/message-logger.ts";
import type { Handlers } from "./call-procedure.ts";
import { type HostDependencies, hostHandlers, tellSettings } from "./host-handlers.ts";
import { maintenanceTasks } from "./maintenance.ts";
import { reconcileTask } from "./reconcile-job.ts";
import { requirePolicy } from "./retention.ts";
import { syncHandlers } from "./sync-handlers.ts";
import type { SyncHost } from "./sync-host.ts";

export type HandlerDependencies = HostDependencies & { ledger: MessageLogger; sync: SyncHost };

/** What each procedure of the contract does, whichever carrier brings the call. */
export function createHandlers(dependencies: HandlerDependencies): Handlers {
  const { ledger, jobs, settings, events, sync } = dependencies;
  const tasks = maintenanceTasks(ledger);

  return {
    ...hostHandlers(dependencies),
    "messages.log": ({ records }) => ledger.logMessages(records),
    "messages.updateStatus": ({ message_uuid, status, ...report }) =>
      ledger.updateMessageStatus(message_uuid, status, report),
    "sessions.start": (input) => ledger.beginSession(input),
    "sessions.end": ({ session_id }) => ledger.endSession(session_id),

    "health.get": () => ledger.getDatabaseHealth(),
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

    "settings.set": async (changes) => {
      const data = tellSettings(events, await settings.set(changes));
      if (changes.sync !== undefined) await sync.apply();
      return data;
    },
    ...syncHandlers(ledger, sync),
  };
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
