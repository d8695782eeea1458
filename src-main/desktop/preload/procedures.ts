import { ipcRenderer } from "electron";
import type { Input, Output, ProcedureName } from "../../../src-shared/contract/index.ts";
import type { BridgeProcedures } from "../../../src-shared/desktop-bridge.ts";
import type { Reply } from "../../../src-shared/errors.ts";
import { procedureChannel } from "../ipc/channels.ts";

function procedure<N extends ProcedureName>(
  name: N,
): (input: Input<N>, callId: number) => Promise<Reply<Output<N>>> {
  const channel = procedureChannel(name);
  return (input, call_id) => ipcRenderer.invoke(channel, { call_id, input });
}

/** By name and one by one: what is not in this list the page can't ask for. The compiler holds it to the contract. */
export const procedures = {
  "messages.log": procedure("messages.log"),
  "messages.updateStatus": procedure("messages.updateStatus"),
  "messages.get": procedure("messages.get"),
  "messages.search": procedure("messages.search"),
  "messages.bySubject": procedure("messages.bySubject"),
  "messages.window": procedure("messages.window"),
  "messages.count": procedure("messages.count"),
  "messages.histogram": procedure("messages.histogram"),
  "messages.vocabulary": procedure("messages.vocabulary"),
  "messages.types": procedure("messages.types"),
  "sessions.start": procedure("sessions.start"),
  "sessions.end": procedure("sessions.end"),
  "sessions.list": procedure("sessions.list"),
  "sessions.get": procedure("sessions.get"),
  "sessions.undelivered": procedure("sessions.undelivered"),
  "stats.quick": procedure("stats.quick"),
  "stats.overview": procedure("stats.overview"),
  "stats.report": procedure("stats.report"),
  "stats.fingerprints": procedure("stats.fingerprints"),
  "health.get": procedure("health.get"),
  "systemLogs.list": procedure("systemLogs.list"),
  "systemLogs.add": procedure("systemLogs.add"),
  "backups.list": procedure("backups.list"),
  "jobs.check": procedure("jobs.check"),
  "jobs.backup": procedure("jobs.backup"),
  "jobs.restore": procedure("jobs.restore"),
  "jobs.repair": procedure("jobs.repair"),
  "jobs.vacuum": procedure("jobs.vacuum"),
  "jobs.prune": procedure("jobs.prune"),
  "jobs.export": procedure("jobs.export"),
  "jobs.demo": procedure("jobs.demo"),
  "jobs.list": procedure("jobs.list"),
  "jobs.cancel": procedure("jobs.cancel"),
  "settings.get": procedure("settings.get"),
  "settings.set": procedure("settings.set"),
  "access.get": procedure("access.get"),
  "access.rotateToken": procedure("access.rotateToken"),
  "views.save": procedure("views.save"),
  "views.remove": procedure("views.remove"),
  "sync.status": procedure("sync.status"),
  "sync.outages": procedure("sync.outages"),
  "sync.parked": procedure("sync.parked"),
  "sync.retry": procedure("sync.retry"),
  "sync.edit": procedure("sync.edit"),
  "sync.pause": procedure("sync.pause"),
  "sync.resume": procedure("sync.resume"),
  "sync.resend": procedure("sync.resend"),
  "sync.test": procedure("sync.test"),
  "sync.deliveries": procedure("sync.deliveries"),
  "dead.queues": procedure("dead.queues"),
  "dead.list": procedure("dead.list"),
  "dead.get": procedure("dead.get"),
  "dead.retry": procedure("dead.retry"),
  "dead.drop": procedure("dead.drop"),
  "jobs.reconcile": procedure("jobs.reconcile"),
} satisfies BridgeProcedures;
