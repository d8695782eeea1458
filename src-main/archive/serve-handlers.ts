import { PROCEDURES } from "../../src-shared/contract/index.ts";
import type { SyncStatus } from "../../src-shared/contract/sync.ts";
import { SINKS } from "../../src-shared/contract/sync-counts.ts";
import type { Handlers } from "../api/call-procedure.ts";
import { type HostDependencies, hostHandlers, tellSettings } from "../api/host-handlers.ts";
import { type ArchiveStore, readsOnly } from "./archive-store.ts";

/** The procedures of a host that shows an archive: it reads, and refuses whatever would write one. */
export function archiveHandlers(dependencies: HostDependencies & { ledger: ArchiveStore }): Handlers {
  const { ledger, settings, events } = dependencies;
  return {
    ...refuseAll(),
    ...hostHandlers(dependencies),
    "health.get": () => ledger.health(),
    "backups.list": async () => ({ backups: [] }),
    "sync.status": async () => FORWARDS_NOTHING,
    "settings.set": async ({ theme, ...others }) => {
      if (Object.values(others).some((value) => value !== undefined))
        throw readsOnly("Retention, backups and forwarding");
      return theme === undefined ? settings.get() : tellSettings(events, await settings.set({ theme }));
    },
  };
}

function refuseAll(): Handlers {
  const refusals = Object.entries(PROCEDURES).map(([name, { summary }]) => [
    name,
    async () => {
      throw readsOnly(`"${summary}"`);
    },
  ]);
  return Object.fromEntries(refusals) as Handlers;
}

const NOTHING = { accepted: 0, delivered: 0, pending: 0, parked: 0, removed: 0, balanced: true };

const FORWARDS_NOTHING: SyncStatus = {
  sinks: SINKS.map((sink) => ({
    sink,
    state: "off",
    message: "An archive forwards nothing: records arrive here.",
    since_ts: null,
    target: null,
    counts: NOTHING,
    sessions: null,
    resending: 0,
    rate_per_second: 0,
    oldest_pending_ts: null,
    done_by_ts: null,
    last_delivered_ts: null,
    last_error: null,
    next_try_ts: null,
    is_behind: false,
  })),
  queues: { available: false, message: "The queues belong to the consumers of this archive.", queues: [] },
  ingests: [],
};
