import type { SinkName } from "../../src-shared/contract/sync-counts.ts";
import type { MessageRecord } from "../../src-shared/record.ts";
import type { SessionFacts } from "../ledger/reader/outbox.ts";
import type { ParkedRow } from "../ledger/reader/sync.ts";
import type { RetryProgress, SinkSave, Stream } from "../ledger/sync-save.ts";
import { pauseAfter, RECHECK_MS } from "./back-off.ts";
import type { LiveState } from "./live-state.ts";
import { type OutageChange, Outages } from "./outages.ts";
import { Rate } from "./rate.ts";
import type { Look, RelayLedger, Resend } from "./relay-ledger.ts";
import {
  type MessageChange,
  type Outcome,
  type SessionChange,
  type Sink,
  SinkFailure,
  type SinkListeners,
  type Verdict,
} from "./sink.ts";
import { Unsaved } from "./unsaved.ts";

/** Small batches are gathered for so long, so that a trickle does not cost a round trip and a save each. */
const GATHER_MS = 20;
const FEW = 100;
const LEDGER_RETRY_MS = 500;
const RETRIES_AT_ONCE = 500;
const HELD = "An earlier change of this message is parked. Retry that one: they go in order.";

type RelayOptions = {
  name: SinkName;
  /** A new connection. */
  connect: (listeners: SinkListeners) => Sink;
  ledger: RelayLedger;
  /** Told when what is shown of the relay has changed. */
  onChange: () => void;
  /** One outage is one event, however many tries it has. */
  onOutage: (change: OutageChange) => void;
  /** A change that was to be sent once more and is refused now; its delivery before stands. */
  onRefused: (id: string, reason: string) => void;
};

/** Positions that one delivery settles. */
type Work =
  | {
      kind: "live";
      stream: Stream;
      changes: Changes;
      /** With those that are settled already. */
      all: Changes;
      positions: readonly number[];
      upTo: number;
    }
  | { kind: "resend"; stream: Stream; changes: Changes; resend: Resend; upTo: number }
  | { kind: "retry"; stream: Stream; changes: Changes; rows: readonly ParkedRow[] };
type Changes = readonly { positions: readonly number[]; id: string; record: MessageRecord | SessionFacts }[];

/**
 * Forwards to one sink: from the ledger's history in order, from where it stood, in batches. What fails is sent
 * again after a pause, what the sink will never take is parked alone, and all of it is remembered by position.
 */
export class Relay {
  readonly name: SinkName;
  readonly #options: RelayOptions;
  readonly #rate = new Rate();
  readonly #outages: Outages;
  readonly #unsaved = new Unsaved();
  #look: Look | null = null;
  #generation = -1;
  #positions: Record<Stream, number> = { message: 0, session: 0 };
  /** Settled ahead of the position, where a failure left a gap before them. */
  #ahead: Record<Stream, Map<number, Verdict>> = { message: new Map(), session: new Map() };
  /** How many changes of each message are parked: what follows them waits. */
  #parked = new Map<string, number>();
  #live: LiveState;
  #blocked: string | null = null;
  #lost: SinkFailure | null = null;
  #tries = 0;
  #turn = 0;
  #leads = false;
  #stopped = false;
  #wake: (() => void) | null = null;
  #urged = false;
  #delivering: AbortController | null = null;
  readonly #ended: Promise<void>;

  constructor(options: RelayOptions) {
    this.name = options.name;
    this.#options = options;
    this.#outages = new Outages(options.onOutage);
    this.#live = {
      state: "connecting",
      message: "Connecting.",
      since: Date.now(),
      lastDelivered: null,
      lastError: null,
      nextTry: null,
      rate: 0,
    };
    this.#ended = this.#run();
  }

  get live(): LiveState {
    return { ...this.#live, rate: this.#rate.perSecond(Date.now()) };
  }

  /** What is new in the ledger, and whether this host is the one that forwards. */
  see(look: Look | null, leads: boolean): void {
    const wasFree = this.#isFree();
    this.#look = look;
    this.#leads = leads;
    if (wasFree && !this.#isFree()) this.#delivering?.abort();
    this.#wake?.();
  }

  /** Tries at once where it waits for the next try. */
  urge(): void {
    this.#urged = true;
    this.#wake?.();
  }

  /** What is to be saved since the last time; to be followed by `saved`. */
  takeSave(): Pick<SinkSave, "progress" | "retries" | "resends" | "outages"> & { isEmpty: boolean } {
    return this.#unsaved.take(this.#outages.take());
  }

  /** `kept`: it is on the disk. `failed`: it is taken again next time. `moved`: the positions are read anew. */
  saved(outcome: "kept" | "failed" | "moved"): void {
    if (outcome === "kept") this.#unsaved.kept();
    else if (outcome === "failed") this.#outages.giveBack(this.#unsaved.giveBack());
    else {
      this.#unsaved.drop();
      this.#generation = -1;
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#delivering?.abort();
    this.#wake?.();
    await this.#ended;
  }

  #isFree(): boolean {
    return !this.#stopped && this.#leads && this.#look !== null && !this.#look.orders[this.name].isPaused;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      if (!this.#isFree()) {
        this.#tell("connecting", "Waiting to begin.");
        await this.#wait(null);
        continue;
      }
      const failure = await this.#connection();
      if (failure !== null) await this.#meet(failure);
    }
  }

  /** One connection from its opening to its end; why it failed, or null where it was not to go on. */
  async #connection(): Promise<SinkFailure | null> {
    this.#lost = null;
    this.#blocked = null;
    let sink: Sink | null = null;
    const ending = new AbortController();
    this.#delivering = ending;
    this.#live.nextTry = null;
    try {
      if (this.#tries === 0) this.#tell("connecting", "Connecting.");
      sink = this.#options.connect({
        onBlocked: (reason) => this.#block(reason),
        onLost: (failure) => {
          this.#lost = failure;
          this.#wake?.();
        },
      });
      await sink.open(ending.signal);
      await this.#forward(sink, ending.signal);
      return null;
    } catch (error) {
      if (ending.signal.aborted) return null;
      if (error instanceof SinkFailure) return error;
      // The ledger can't be read now, which is no outage of the sink: health tells of it.
      this.#tell("retrying", describe(error));
      await pause(LEDGER_RETRY_MS);
      return null;
    } finally {
      this.#delivering = null;
      await sink?.close().catch(() => {});
    }
  }

  /** Throws `SinkFailure`, or the ledger's error. */
  async #forward(sink: Sink, signal: AbortSignal): Promise<void> {
    while (this.#isFree() && !signal.aborted) {
      if (this.#lost !== null) throw this.#lost;
      const work = this.#nextWork(sink);
      if (work === null) {
        this.#recovered();
        this.#tell("up_to_date", "Everything has arrived.");
        await this.#wait(null);
        continue;
      }
      if (this.#tries === 0 && this.#blocked === null) this.#tell("delivering", "Records go out.");
      const outcome = await deliver(sink, work, signal);
      this.#settle(work, outcome);
      if (outcome.failure !== null) throw outcome.failure;
      if (work.changes.length > 0) this.#recovered();
      if (work.changes.length < FEW) await pause(GATHER_MS);
    }
  }

  #nextWork(sink: Sink): Work | null {
    const look = this.#look;
    if (look === null) return null;
    this.#loadPositions(look);
    const { retrying, resends } = look.orders[this.name];
    if (retrying > 0) {
      const retry = this.#nextRetry(sink);
      if (retry !== null) return retry;
    }
    // What is sent once more does not hold up what is new, nor the other way round.
    this.#turn += 1;
    const again = (): Work | null => this.#nextResend(sink, resends);
    const live = (): Work | null => this.#nextLive(sink, look);
    return this.#turn % 2 === 0 ? (again() ?? live()) : (live() ?? again());
  }

  #loadPositions({ generation }: Look): void {
    if (generation === this.#generation) return;
    const { positions, parkedMessages, outage } = this.#options.ledger.saved(this.name);
    if (outage !== null) this.#outages.resume(outage);
    this.#unsaved.drop();
    this.#positions = positions;
    this.#ahead = { message: new Map(), session: new Map() };
    this.#parked = parkedMessages;
    this.#generation = generation;
  }

  #nextLive(sink: Sink, look: Look): Work | null {
    const streams: readonly Stream[] = sink.deliverSessions === null ? ["message"] : ["session", "message"];
    for (const stream of streams) {
      const after = this.#positions[stream];
      if (after >= look.last[stream]) continue;
      const { ledger } = this.#options;
      const page =
        stream === "session"
          ? ledger.sessions(after, look.last.session, sink.batch)
          : ledger.messages(after, look.last.message, sink.batch, sink.folds);
      const ahead = this.#ahead[stream];
      const all: Changes = page.changes;
      const changes = all.filter(({ positions, id }) => {
        if (positions.every((position) => ahead.has(position))) return false;
        if (stream === "session" || sink.folds || !this.#parked.has(id)) return true;
        for (const position of positions) ahead.set(position, { kind: "parked", reason: HELD });
        this.#count(id, positions.length);
        return false;
      });
      const { positions, upTo } = page;
      return { kind: "live", stream, changes, all, positions, upTo };
    }
    return null;
  }

  #nextResend(sink: Sink, resends: readonly Resend[]): Work | null {
    for (const given of resends) {
      const resend = { ...given, next: Math.max(given.next, this.#unsaved.resendAt(given.resend_id)) };
      if (resend.next > resend.last) continue;
      const { ledger } = this.#options;
      const after = resend.next - 1;
      const page =
        resend.stream === "session"
          ? ledger.sessions(after, resend.last, sink.batch)
          : ledger.messages(after, resend.last, sink.batch, sink.folds);
      return { kind: "resend", stream: resend.stream, changes: page.changes, resend, upTo: page.upTo };
    }
    return null;
  }

  /**
   * Those of one stream, of each message the first, so that they go in order; null where all of them were
   * tried and only wait to be saved.
   */
  #nextRetry(sink: Sink): Work | null {
    const changes: { positions: number[]; id: string; record: MessageRecord | SessionFacts }[] = [];
    const sent: ParkedRow[] = [];
    const taken = new Set<string>();
    for (const { row, record } of this.#options.ledger.retries(this.name, RETRIES_AT_ONCE, sink.folds)) {
      const outcome = this.#unsaved.retried(row);
      if (outcome?.kind === "parked") taken.add(row.id);
      if (outcome !== null || taken.has(row.id) || (sent[0] ?? row).stream !== row.stream) continue;
      if (record === null) {
        this.#retried(row, { kind: "removed" });
        continue;
      }
      taken.add(row.id);
      changes.push({ positions: [row.position], id: row.id, record });
      sent.push(row);
    }
    const stream = sent[0]?.stream;
    return stream === undefined ? null : { kind: "retry", stream, changes, rows: sent };
  }

  #settle(work: Work, { verdicts }: Outcome): void {
    let delivered = 0;
    for (const [index, change] of work.changes.entries()) {
      const verdict = verdicts[index] ?? { kind: "unsettled" };
      if (verdict.kind === "delivered") delivered += 1;
      if (work.kind === "retry") {
        const row = work.rows[index];
        if (row !== undefined && verdict.kind !== "unsettled") this.#retried(row, verdict);
      } else if (work.kind === "live") {
        if (verdict.kind === "unsettled") continue;
        for (const position of change.positions) this.#ahead[work.stream].set(position, verdict);
        if (verdict.kind === "parked" && work.stream === "message")
          this.#count(change.id, change.positions.length);
      } else if (verdict.kind === "parked") {
        this.#options.onRefused(change.id, verdict.reason);
      }
    }
    const now = Date.now();
    if (delivered > 0) {
      this.#rate.add(delivered, now);
      this.#live.lastDelivered = now;
    }
    const isAllSettled = verdicts.every(({ kind }) => kind !== "unsettled");
    if (work.kind === "live") this.#advance(work);
    if (work.kind === "resend" && isAllSettled) this.#unsaved.resend(work.resend.resend_id, work.upTo + 1);
    this.#options.onChange();
  }

  #retried(row: ParkedRow, outcome: RetryProgress["outcome"]): void {
    this.#unsaved.retry({ stream: row.stream, position: row.position, outcome });
    if (outcome.kind !== "parked" && row.stream === "message") this.#count(row.id, -1);
  }

  #count(id: string, parked: number): void {
    const count = (this.#parked.get(id) ?? 0) + parked;
    if (count > 0) this.#parked.set(id, count);
    else this.#parked.delete(id);
  }

  /** Moves the position over all that is settled without a gap. */
  #advance(work: Extract<Work, { kind: "live" }>): void {
    const { stream, positions, upTo } = work;
    const ahead = this.#ahead[stream];
    const toSend = new Map<number, (typeof work.changes)[number]>();
    for (const change of work.all) for (const position of change.positions) toSend.set(position, change);
    const from = this.#positions[stream];
    let delivered = 0;
    let passed = 0;
    let reached = from;
    const parked: { position: number; id: string; revision: number; reason: string }[] = [];
    let isWhole = true;
    for (const position of positions) {
      const change = toSend.get(position);
      const verdict = change === undefined ? undefined : ahead.get(position);
      if (change !== undefined && verdict === undefined) {
        isWhole = false;
        break;
      }
      if (change !== undefined && verdict?.kind === "parked") {
        const { id, record } = change;
        parked.push({ position, id, revision: record.revision, reason: verdict.reason });
      } else delivered += 1;
      ahead.delete(position);
      passed += 1;
      reached = position;
    }
    if (isWhole) reached = upTo;
    if (reached === from) return;
    // The ledger no longer has the positions in between.
    const removed = reached - from - passed;
    this.#positions[stream] = reached;
    this.#unsaved.advance(stream, { from, position: reached, delivered, removed, parked });
  }

  #recovered(): void {
    this.#tries = 0;
    this.#urged = false;
    this.#live.nextTry = null;
    this.#outages.end(Date.now());
  }

  async #meet(failure: SinkFailure): Promise<void> {
    const now = Date.now();
    this.#tries += 1;
    this.#live.lastError = { ts: now, message: failure.message };
    this.#outages.meet(failure.message, now);
    const wait =
      failure.kind === "stop"
        ? RECHECK_MS
        : Math.max(failure.retryAfterMs ?? 0, pauseAfter(this.#tries, Math.random));
    this.#live.nextTry = now + wait;
    this.#tell(failure.kind === "stop" ? "stopped" : "retrying", failure.message);
    this.#options.onChange();
    const until = now + wait;
    while (this.#isFree() && !this.#urged && Date.now() < until) await this.#wait(until - Date.now());
    this.#urged = false;
  }

  #block(reason: string | null): void {
    this.#blocked = reason;
    if (reason === null) this.#tell("delivering", "Records go out.");
    else this.#tell("blocked", reason);
  }

  #tell(state: LiveState["state"], message: string): void {
    if (this.#live.state === state && this.#live.message === message) return;
    const since = this.#live.state === state ? this.#live.since : Date.now();
    this.#live = { ...this.#live, state, message, since };
    this.#options.onChange();
  }

  /** Until something wakes it, or so long. */
  #wait(ms: number | null): Promise<void> {
    if (this.#stopped) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = ms === null ? null : setTimeout(() => this.#wake?.(), ms);
      this.#wake = () => {
        this.#wake = null;
        if (timer !== null) clearTimeout(timer);
        resolve();
      };
    });
  }
}

function deliver(sink: Sink, work: Work, signal: AbortSignal): Promise<Outcome> | Outcome {
  if (work.changes.length === 0) return { verdicts: [], failure: null };
  if (work.stream === "message") return sink.deliver(work.changes as readonly MessageChange[], signal);
  if (sink.deliverSessions === null) return { verdicts: [], failure: null };
  return sink.deliverSessions(work.changes as readonly SessionChange[], signal);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
