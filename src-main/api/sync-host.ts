import type { IngestState } from "../../src-shared/contract/chat.ts";
import type { SyncStatus } from "../../src-shared/contract/sync.ts";
import { SINKS, type SinkName } from "../../src-shared/contract/sync-counts.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import { SECOND_MS } from "../../src-shared/time.ts";
import type { MessageLogger } from "../ledger/message-logger.ts";
import type { Progress } from "../ledger/thread-port.ts";
import type { Compared } from "../sync/compare.ts";
import { type Configured, Forwarding } from "../sync/forwarding.ts";
import type { HostEvents } from "./events.ts";
import type { SettingsFile } from "./settings-file.ts";
import { type SyncSources, syncConfig } from "./sync-config.ts";

const TELL_MS = SECOND_MS;
/** Settings may be changed by another process. */
const SETTINGS_MS = 5 * SECOND_MS;

export type SyncHostOptions = {
  ledger: MessageLogger;
  settings: SettingsFile;
  events: HostEvents;
  /** Told of what is wrong with how a sink is configured. */
  onTrouble: (message: string) => void;
  /** What the host takes in now. */
  ingests: () => IngestState[];
} & SyncSources;

/** Forwarding with the settings, environment and secrets of a host. */
export class SyncHost {
  readonly #options: SyncHostOptions;
  readonly #forwarding: Forwarding;
  #applied = "";
  /** Null until the settings were first looked at. */
  #on: readonly SinkName[] | null = null;
  #closed = false;
  #applying: Promise<void> = Promise.resolve();
  #telling: NodeJS.Timeout | null = null;
  #watching: NodeJS.Timeout | null = null;

  constructor(options: SyncHostOptions) {
    this.#options = options;
    this.#forwarding = new Forwarding(options.ledger, {
      onChange: () => this.#tellSoon(),
      log: (level, message, details) => {
        // Where not even that can be logged the ledger is closing, or health says what is wrong.
        options.ledger.logSystemEvent({ level, component: "sync", message, details }).catch(() => {});
      },
    });
  }

  /** Begins to forward. Never rejects: what is wrong is in the status. */
  async start(): Promise<void> {
    await this.apply();
    if (this.#closed) return;
    this.#watching = setInterval(() => void this.apply(), SETTINGS_MS);
    this.#watching.unref();
  }

  /** Takes up what the settings are now, where they changed. Never rejects. */
  apply(): Promise<void> {
    this.#applying = this.#applying.then(() => this.#apply());
    return this.#applying;
  }

  async status(): Promise<SyncStatus> {
    const { sync } = await this.#options.settings.get();
    return { ...(await this.#forwarding.status(sync)), ingests: this.#options.ingests() };
  }

  /** The sinks that are configured and switched on, be it with a mistake. */
  async sinksOn(): Promise<readonly SinkName[]> {
    // Not by `apply`, which may wait for a sink that does not answer.
    if (this.#on === null) await this.#configuration();
    return this.#on ?? [];
  }

  /** Ends the connections to the sinks and makes new ones; what is not confirmed is sent again. Never rejects. */
  renew(): Promise<void> {
    this.#applying = this.#applying.then(() => {
      this.#applied = "";
      return this.#apply();
    });
    return this.#applying;
  }

  /** Rejects with `unavailable` where the thread just died. */
  urge(sink: SinkName | null): Promise<void> {
    return this.#forwarding.urge(sink);
  }

  /** See `Forwarding.save`. */
  save(): Promise<void> {
    return this.#forwarding.save();
  }

  async test(sink: SinkName): Promise<{ ok: boolean; message: string }> {
    const { sync } = await this.#options.settings.get();
    const { faults, ...configured } = await syncConfig(this.#options, sync, true);
    const fault = faults[sink];
    if (fault !== undefined) return { ok: false, message: fault };
    // Loaded when asked for: the two clients take 50 ms, which every start of a host would pay.
    if (sink === "rabbitmq") {
      if (configured.rabbitmq === null) return missing("RABBITMQ_URL");
      const { testRabbitMq } = await import("../sync/rabbitmq/test-connection.ts");
      return testRabbitMq(configured.rabbitmq);
    }
    if (configured.supabase === null) return missing("SUPABASE_URL and SUPABASE_KEY");
    const { testSupabase } = await import("../sync/supabase/test-connection.ts");
    return testSupabase(configured.supabase);
  }

  /** Deletes a message's row from Supabase. Rejects with `SinkFailure`, or `unavailable` where Supabase is not connected. */
  async deleteFromSupabase(message_uuid: string): Promise<void> {
    const { supabase } = await this.#configuration();
    if (supabase === null) throw new WaybillError("unavailable", "Supabase is not connected.");
    const { deleteMessage } = await import("../sync/supabase/delete-message.ts");
    await deleteMessage(supabase, message_uuid);
  }

  /** See `Forwarding.reconcile`. */
  reconcile(progress: Progress): Promise<Compared> {
    return this.#forwarding.reconcile(progress);
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#watching !== null) clearInterval(this.#watching);
    if (this.#telling !== null) clearTimeout(this.#telling);
    await this.#applying;
    await this.#forwarding.close();
  }

  async #apply(): Promise<void> {
    const configured = await this.#configuration();
    if (this.#closed) return;
    const text = JSON.stringify(configured);
    if (text === this.#applied) return;
    this.#applied = text;
    for (const fault of Object.values(configured.faults)) this.#options.onTrouble(fault);
    await this.#forwarding.configure(configured).catch(() => {
      // The thread just died; it takes this up when it is started again.
    });
  }

  async #configuration(): Promise<Configured> {
    const { sync } = await this.#options.settings.get();
    const configured = await syncConfig(this.#options, sync, false);
    this.#on = SINKS.filter((sink) => configured[sink] !== null || configured.faults[sink] !== undefined);
    return configured;
  }

  #tellSoon(): void {
    if (this.#closed) return;
    this.#telling ??= setTimeout(() => {
      this.#telling = null;
      void this.status().then((data) => this.#options.events.emit({ event: "sync.changed", data }));
    }, TELL_MS);
  }
}

function missing(names: string): { ok: boolean; message: string } {
  return { ok: false, message: `${names} is not set in the environment or a .env file of the data folder.` };
}
