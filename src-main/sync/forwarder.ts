import { networkInterfaces } from "node:os";
import { performance } from "node:perf_hooks";
import type { Queues } from "../../src-shared/contract/sync.ts";
import type { SinkName } from "../../src-shared/contract/sync-counts.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import { SECOND_MS } from "../../src-shared/time.ts";
import { newLeaseOwner } from "../ledger/lease-owner.ts";
import type { RelaySave, SinkSave } from "../ledger/sync-save.ts";
import type { LiveState, SavedLive } from "./live-state.ts";
import type { OutageChange } from "./outages.ts";
import { Relay } from "./relay.ts";
import { type Look, RelayLedger } from "./relay-ledger.ts";
import type { Sink, SinkListeners } from "./sink.ts";

/** How often it looks for what is new. */
const LOOK_MS = 50;
/** What was sent since the last save is sent again should the host be killed: often enough, and no load. */
const SAVE_MS = 250;
/**
 * A host that does not renew its lease for so long is dead, and another forwards; one that was killed on this machine is
 * known to be at once.
 */
const LEASE_MS = 15 * SECOND_MS;
const RENEW_MS = 4 * SECOND_MS;
const NETWORK_MS = 2 * SECOND_MS;
/** A timer that comes so late was asleep with the machine. */
const SLEPT_MS = 10 * SECOND_MS;

/** A sink that is on: how to connect to it, and what to call its place. */
export type ActiveSink = {
  name: SinkName;
  target: string;
  connect: (listeners: SinkListeners) => Sink;
};

export type ForwarderEvent =
  | { event: "outage"; sink: SinkName; change: OutageChange }
  | { event: "refused"; sink: SinkName; id: string; reason: string };

/** What is shown of the sinks that are on, besides what the ledger keeps. */
export type ForwarderState = { leads: boolean; live: Partial<Record<SinkName, LiveState>> };

type Options = {
  database: string;
  /** False where another host forwards. Rejects with `conflict`, or `unavailable` while the ledger takes nothing. */
  save: (save: RelaySave) => Promise<boolean>;
  queues: () => Queues | null;
  onState: (state: ForwarderState) => void;
  onEvent: (event: ForwarderEvent) => void;
};

/**
 * One relay for each sink that is on, as long as this host is the one that forwards. Looks at the ledger for
 * what is new, whoever wrote it, and saves where the relays stand.
 */
export class Forwarder {
  readonly #options: Options;
  readonly #owner = newLeaseOwner();
  readonly #ledger: RelayLedger;
  readonly #relays = new Map<SinkName, { relay: Relay; sink: ActiveSink }>();
  #leads = false;
  #renewed = Number.NEGATIVE_INFINITY;
  #saving: Promise<void> | null = null;
  readonly #timers: NodeJS.Timeout[];
  #lastTick = Date.now();
  #network = networkSignature();
  #closed = false;

  constructor(options: Options) {
    this.#options = options;
    this.#ledger = new RelayLedger(options.database);
    this.#timers = [
      setInterval(() => this.#lookAround(), LOOK_MS),
      setInterval(() => void this.save(), SAVE_MS),
      setInterval(() => this.#noticeNetwork(), NETWORK_MS),
    ];
  }

  /** The sinks that are on from now on; those whose place or settings changed are connected anew. */
  async configure(sinks: readonly ActiveSink[]): Promise<void> {
    await Promise.all([...this.#relays.values()].map(({ relay }) => relay.stop()));
    // What the relays did last is saved before others go on from there.
    await this.save();
    this.#relays.clear();
    if (this.#closed) return;
    for (const sink of sinks) {
      const { name } = sink;
      const relay = new Relay({
        name,
        connect: sink.connect,
        ledger: this.#ledger,
        onChange: () => this.#tellState(),
        onOutage: (change) => this.#options.onEvent({ event: "outage", sink: name, change }),
        onRefused: (id, reason) => this.#options.onEvent({ event: "refused", sink: name, id, reason }),
      });
      this.#relays.set(name, { relay, sink });
    }
    this.#renewed = Number.NEGATIVE_INFINITY;
    await this.save();
    this.#lookAround();
  }

  /** Tries the sinks that wait for their next try at once. */
  urge(sink: SinkName | null): void {
    for (const [name, { relay }] of this.#relays) if (sink === null || sink === name) relay.urge();
  }

  /** Ends what is on its way, saves where it stands, and lets another host go on. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const timer of this.#timers) clearInterval(timer);
    await this.configure([]);
    this.#ledger.close();
  }

  get owner(): string {
    return this.#owner;
  }

  #lookAround(): void {
    let look: Look | null = null;
    if (this.#relays.size > 0) {
      try {
        look = this.#ledger.look();
      } catch (error) {
        // The ledger can't be read now; health says so, and the next look may succeed.
        if (!(error instanceof WaybillError)) throw error;
      }
    }
    for (const { relay } of this.#relays.values()) relay.see(look, this.#leads);
  }

  /** Saves what is new, and renews the lease in time. Never rejects. */
  async save(): Promise<void> {
    while (this.#saving !== null) await this.#saving;
    this.#saving = this.#saveNow();
    await this.#saving;
    this.#saving = null;
  }

  async #saveNow(): Promise<void> {
    const isDue = performance.now() - this.#renewed > RENEW_MS;
    if (this.#relays.size === 0) return;
    const saves = [...this.#relays.values()].map(({ relay, sink }) => ({
      relay,
      sink,
      save: relay.takeSave(),
    }));
    if (!isDue && saves.every(({ save }) => save.isEmpty)) return;
    const queues = this.#options.queues();
    const sinks = saves.map(({ relay, sink, save: { isEmpty: _, ...save } }): SinkSave => {
      const live: SavedLive = { relay: relay.live, queues: sink.name === "rabbitmq" ? queues : null };
      return { sink: sink.name, target: sink.target, live: JSON.stringify(live), ...save };
    });
    let outcome: "kept" | "failed" | "moved" = "failed";
    try {
      this.#setLeads(
        await this.#options.save({
          owner: this.#owner,
          leaseMs: LEASE_MS,
          file: this.#ledger.identity(),
          sinks,
        }),
      );
      outcome = this.#leads ? "kept" : "moved";
      this.#renewed = performance.now();
    } catch (error) {
      if (error instanceof WaybillError && error.code === "conflict") outcome = "moved";
    }
    for (const { relay } of saves) relay.saved(outcome);
  }

  #setLeads(leads: boolean): void {
    if (this.#leads === leads) return;
    this.#leads = leads;
    this.#lookAround();
    this.#tellState();
  }

  #tellState(): void {
    const live = Object.fromEntries([...this.#relays].map(([name, { relay }]) => [name, relay.live]));
    this.#options.onState({ leads: this.#leads, live });
  }

  /** Coming online, or out of sleep, does not wait for the next try. */
  #noticeNetwork(): void {
    const now = Date.now();
    const network = networkSignature();
    const slept = now - this.#lastTick > SLEPT_MS;
    if (slept || network !== this.#network) this.urge(null);
    this.#lastTick = now;
    this.#network = network;
  }
}

function networkSignature(): string {
  return Object.entries(networkInterfaces())
    .flatMap(([name, addresses]) => (addresses ?? []).map(({ address }) => `${name} ${address}`))
    .sort()
    .join(" ");
}
