import { WaybillError } from "../../src-shared/errors.ts";
import { plural } from "../../src-shared/plural.ts";
import type { Compared } from "../sync/compare.ts";
import { daily } from "./daily.ts";
import type { JobManager, JobTask } from "./jobs.ts";
import type { SettingsFile } from "./settings-file.ts";
import type { SyncHost } from "./sync-host.ts";

/** When few log and fewer look. */
const HOUR = 3;

/** Compares the ledger with Supabase and sends what differs, as a job that everyone sees. */
export function reconcileTask(sync: Pick<SyncHost, "reconcile">): JobTask {
  return {
    kind: "reconcile",
    unit: "rows",
    run: async (progress) => ({ message: describeComparison(await sync.reconcile(progress)) }),
  };
}

/** A sentence for the operator. */
export function describeComparison({ comparison: { message, session } }: Compared): string {
  const again = [message, session].map(({ missing, older, altered }) => missing + older + altered);
  const [messages = 0, sessions = 0] = again;
  const sum = `Compared ${plural(message.compared, "message")} and ${plural(session.compared, "session")}`;
  const notes: string[] = [];
  if (messages + sessions === 0) notes.push(`${sum}: Supabase has all of them as they are here.`);
  else
    notes.push(
      `${sum}. What was missing or different there is sent again: ${plural(messages, "message")} and ${plural(sessions, "session")}.`,
    );
  const extra = message.extra + session.extra;
  if (extra > 0) notes.push(`Only in Supabase, where it stays: ${plural(extra, "row")}.`);
  const newer = message.newer + session.newer;
  if (newer > 0)
    notes.push(`Newer in Supabase, as after a restore, and left as it is: ${plural(newer, "row")}.`);
  return notes.join(" ");
}

/** Compares every night, where Supabase is on and the settings say so. Gives the function that ends it. */
export function startReconciling(sync: SyncHost, jobs: JobManager, settings: SettingsFile): () => void {
  return daily(HOUR, async () => {
    const { supabase } = (await settings.get()).sync;
    const { sinks } = await sync.status();
    const isOn = sinks.some(
      ({ sink, state }) => sink === "supabase" && state !== "off" && state !== "paused",
    );
    if (!isOn || !supabase.reconcile_nightly) return;
    try {
      jobs.start(reconcileTask(sync));
    } catch (error) {
      // Someone restores or repairs right now: tomorrow is early enough.
      if (!(error instanceof WaybillError)) throw error;
    }
  });
}
