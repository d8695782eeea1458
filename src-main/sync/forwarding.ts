import type { ForwardingStatus, Queues } from "../../src-shared/contract/sync.ts";
import { SINK_TITLES, SINKS, type SinkName } from "../../src-shared/contract/sync-counts.ts";
import type { SyncSettings } from "../../src-shared/contract/sync-settings.ts";
import { toErrorBody, WaybillError } from "../../src-shared/errors.ts";
import type { MessageLogger } from "../ledger/message-logger.ts";
import { type Progress, ThreadClient } from "../ledger/thread-port.ts";
import type { Compared } from "./compare.ts";
import { describeSync } from "./describe.ts";
import type { ForwarderEvent, ForwarderState } from "./forwarder.ts";
import { reconcileLedger } from "./reconcile-ledger.ts";
import { startSyncThread } from "./start-thread.ts";
import type { ForwardingConfig, ForwardingMethods, ForwardingNotice, SaveAnswer } from "./thread.ts";

const RESTART_MS = 1_000;

type Listeners = {
  /** What is shown may have changed. */
  onChange: () => void;
  log: (level: "info" | "warning" | "error", message: string, details: Record<string, unknown>) => void;
};

/** What is configured: what to connect to, and what is wrong with it. */
export type Configured = ForwardingConfig & { faults: Partial<Record<SinkName, string>> };

/** Forwarding, to the host that runs it: a thread with a relay for each sink. */
export class Forwarding {
  readonly #ledger: MessageLogger;
  readonly #listeners: Listeners;
  /** Started with the first sink that is on. */
  #thread: ThreadClient<ForwardingMethods> | null = null;
  #configured: Configured = { rabbitmq: null, supabase: null, faults: {} };
  #state: ForwarderState = { leads: false, live: {} };
  #queues: Queues | null = null;
  #restart: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(ledger: MessageLogger, listeners: Listeners) {
    this.#ledger = ledger;
    this.#listeners = listeners;
  }

  /** Rejects with `unavailable` where the thread died; it is started again with the same. */
  async configure(configured: Configured): Promise<void> {
    this.#configured = configured;
    this.#state = { leads: this.#state.leads, live: {} };
    const { rabbitmq, supabase } = configured;
    if (rabbitmq !== null || supabase !== null) this.#thread ??= this.#start();
    await this.#thread?.call("configure", { rabbitmq, supabase });
    await this.#switchOff(SINKS.filter((sink) => configured[sink] === null));
    this.#listeners.onChange();
  }

  /** Tries sinks that wait for their next try at once. */
  async urge(sink: SinkName | null): Promise<void> {
    await this.#thread?.call("urge", { sink });
  }

  /** So that the ledger has what became of everything that was sent. Rejects with `unavailable` where the thread died. */
  async save(): Promise<void> {
    await this.#thread?.call("save", undefined);
  }

  /** Never rejects: what the ledger can't tell now is shown as of nothing. */
  async status(settings: SyncSettings): Promise<ForwardingStatus> {
    const facts = await this.#ledger.sync.facts().catch(() => null);
    const { leads, live } = this.#state;
    return describeSync({
      facts,
      live: leads ? live : {},
      queues: leads ? this.#queues : null,
      faults: this.#configured.faults,
      settings,
      now: Date.now(),
    });
  }

  /** See `reconcileLedger`. Rejects with `invalid` where Supabase is off. */
  async reconcile(progress: Progress): Promise<Compared> {
    const { supabase } = this.#configured;
    if (supabase === null)
      throw new WaybillError("invalid", "Supabase is not connected: there is nothing to compare with.");
    return reconcileLedger(this.#ledger, supabase, progress);
  }

  /** Ends what is on its way and lets another host go on. Never rejects. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#restart !== null) clearTimeout(this.#restart);
    try {
      const owner = await this.#thread?.call("close", undefined as never);
      if (owner !== undefined) await this.#ledger.sync.order({ order: "release", owner });
    } catch {
      // The lease runs out by itself; what was not saved is sent once more.
    }
    await this.#thread?.terminate();
  }

  /** Retention does not wait for a sink that was on and is no more. */
  async #switchOff(sinks: readonly SinkName[]): Promise<void> {
    const facts = await this.#ledger.sync.facts().catch(() => null);
    for (const { sink, enabled } of facts?.sinks ?? []) {
      if (!enabled || !sinks.includes(sink)) continue;
      // Where the ledger takes nothing now the next start tries it again; until then too much is kept, not too little.
      await this.#ledger.sync.order({ order: "off", sink }).catch(() => 0);
    }
  }

  #start(): ThreadClient<ForwardingMethods> {
    return new ThreadClient<ForwardingMethods>(startSyncThread("forwarding", this.#ledger), {
      onNotice: (notice) => this.#hear(notice as ForwardingNotice),
      onEnd: (error) => this.#revive(error),
    });
  }

  /** The thread died: its sinks are connected anew from where it was saved. */
  #revive(error: Error): void {
    if (this.#closed) return;
    this.#listeners.log("error", "The forwarding thread stopped; it is started again.", {
      error: error.message,
    });
    this.#state = { leads: false, live: {} };
    this.#restart = setTimeout(() => {
      this.#thread = this.#start();
      this.configure(this.#configured).catch(() => {
        // It ended again, and was noticed again.
      });
    }, RESTART_MS);
  }

  #hear(notice: ForwardingNotice): void {
    switch (notice.notice) {
      case "save":
        void this.#save(notice.id, notice.save);
        return;
      case "state":
        this.#state = notice.state;
        break;
      case "queues":
        this.#queues = notice.queues;
        break;
      case "event":
        this.#logEvent(notice.event);
        break;
    }
    this.#listeners.onChange();
  }

  async #save(id: number, save: Extract<ForwardingNotice, { notice: "save" }>["save"]): Promise<void> {
    let answer: SaveAnswer;
    try {
      answer = { id, leads: await this.#ledger.sync.save(save) };
    } catch (error) {
      answer = { id, error: toErrorBody(error) };
    }
    // A thread that ended meanwhile has nothing to be told.
    this.#thread?.call("saved", answer).catch(() => {});
    this.#listeners.onChange();
  }

  #logEvent({ sink, ...event }: ForwarderEvent): void {
    const title = SINK_TITLES[sink];
    if (event.event === "refused") {
      const message = `${title} refused a record that was sent once more; what it has of it stays.`;
      this.#listeners.log("warning", message, { id: event.id, reason: event.reason });
      return;
    }
    const { change } = event;
    if (change.kind === "began") {
      this.#listeners.log("warning", `${title} takes nothing now: ${change.message}`, { sink });
      return;
    }
    const seconds = Math.round((Date.now() - change.since) / 1000);
    this.#listeners.log("info", `${title} takes records again.`, { sink, seconds, tries: change.tries });
  }
}
