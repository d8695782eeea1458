import type { Output, ParsedInput } from "../../src-shared/contract/index.ts";
import type { Job, Settings } from "../../src-shared/contract/upkeep.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import { newId } from "../../src-shared/new-id.ts";
import { requireQuery } from "../ledger/reader/messages.ts";
import type { ReadName } from "../ledger/reader/serve.ts";
import { requireFormat } from "../transfer/require-format.ts";
import type { Handlers } from "./call-procedure.ts";
import { type DeadName, deadHandlers } from "./dead-handlers.ts";
import type { HostEvents } from "./events.ts";
import { exportTask } from "./export-job.ts";
import type { JobManager } from "./jobs.ts";
import type { ReportFiles } from "./report-files.ts";
import { withoutView, withView } from "./saved-views.ts";
import type { SettingsFile } from "./settings-file.ts";
import type { ReadingStore } from "./store.ts";
import type { SyncSources } from "./sync-config.ts";
import type { TokenFile } from "./token-file.ts";

export type HostDependencies = SyncSources & {
  ledger: ReadingStore;
  jobs: JobManager;
  files: ReportFiles;
  settings: SettingsFile;
  token: TokenFile;
  events: HostEvents;
  /** Where the API answers; known once the host listens. */
  apiUrl: () => string;
};

type HostName =
  | ReadName
  | DeadName
  | "jobs.export"
  | "jobs.list"
  | "jobs.cancel"
  | "settings.get"
  | "views.save"
  | "views.remove"
  | "access.get"
  | "access.rotateToken";

/** What every host does, whatever store it has: reading, reports, and what belongs to the host itself. */
export function hostHandlers(dependencies: HostDependencies): Pick<Handlers, HostName> {
  const { ledger, jobs, settings, token, events, apiUrl } = dependencies;
  const reading =
    <N extends ReadName>(name: N) =>
    (input: ParsedInput<N>, signal?: AbortSignal): Promise<Output<N>> =>
      ledger.read(name, input, signal);

  return {
    "messages.get": reading("messages.get"),
    "messages.search": reading("messages.search"),
    "messages.bySubject": reading("messages.bySubject"),
    "messages.window": reading("messages.window"),
    "messages.count": reading("messages.count"),
    "messages.histogram": reading("messages.histogram"),
    "messages.vocabulary": reading("messages.vocabulary"),
    "messages.types": reading("messages.types"),
    "sessions.list": reading("sessions.list"),
    "sessions.get": reading("sessions.get"),
    "sessions.undelivered": reading("sessions.undelivered"),
    "stats.quick": reading("stats.quick"),
    "stats.overview": reading("stats.overview"),
    "stats.report": reading("stats.report"),
    "stats.fingerprints": reading("stats.fingerprints"),
    "systemLogs.list": reading("systemLogs.list"),
    "sync.outages": reading("sync.outages"),
    "sync.parked": reading("sync.parked"),
    "sync.deliveries": reading("sync.deliveries"),

    ...deadHandlers(dependencies),

    "jobs.export": (input) => startExport(dependencies, input),
    "jobs.list": async () => ({ jobs: jobs.list() }),
    "jobs.cancel": async ({ job_id }) => jobs.cancel(job_id),

    "settings.get": () => settings.get(),
    "views.save": async (input) => {
      requireQuery(input.q);
      const view = { ...input, view_id: input.view_id ?? newId() };
      tellSettings(events, await settings.update(({ views }) => ({ views: withView(views, view) })));
      return view;
    },
    "views.remove": async ({ view_id }) => {
      tellSettings(events, await settings.update(({ views }) => ({ views: withoutView(views, view_id) })));
      return {};
    },
    "access.get": async () => ({ url: apiUrl(), token: await token.current(), data_dir: ledger.dataDir }),
    "access.rotateToken": async () => ({ token: await token.rotate() }),
  };
}

/** Every UI hears of settings that were changed. */
export function tellSettings(events: HostEvents, data: Settings): Settings {
  events.emit({ event: "settings.changed", data });
  return data;
}

/** A filter or session that is not right is told at once, not by a job that fails. */
async function startExport(
  { ledger, jobs, files }: HostDependencies,
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
