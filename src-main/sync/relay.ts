import type { SinkName } from "../../src-shared/contract/sync-counts.ts";
import type { ParkedRow } from "../ledger/reader/sync.ts";
import type { RetryProgress, SinkSave, Stream } from "../ledger/sync-save.ts";
import { pauseAfter, RECHECK_MS } from "./back-off.ts";
import { FloodWatch } from "./flood-watch.ts";
import type { LiveState } from "./live-state.ts";
import { type OutageChange, Outages } from "./outages.ts";
import { Rate } from "./rate.ts";
import { ReadAhead, readPage, type Span } from "./read-ahead.ts";
import type { Look, RelayLedger, Resend } from "./relay-ledger.ts";
import {
  type MessageChange,
  type Outcome,
  type SessionChange,
  type Sink,
  SinkFailure,
  type SinkListeners,
  type TextChange,
} from "./sink.ts";
import { type Change, type LiveChanges, Standing } from "./standing.ts";
import { Unsaved } from "./unsaved.ts";

/** Small batches are gathered for so long, so that a trickle does not cost a round trip and a save each. */
const GATHER_MS = 20;
const FEW = 100;
const LEDGER_RETRY_MS = 500;
const RETRIES_AT_ONCE = 500;
/** What goes out in a flood of what comes in: little, but never nothing. */
const TRICKLE = { batch: 100, pauseMs: 500 };
const IN_FLOOD = "More comes in than can go out: it is let in first, and sent after.";

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
  | ({ kind: "live" } & LiveChanges)
  | { kind: "resend"; stream: Stream; changes: readonly Change[]; resend: Resend; upTo: number }
  | { kind: "retry"; stream: Stream; changes: readonly Change[]; rows: readonly ParkedRow[] };

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
  readonly #flood = new FloodWatch();
  readonly #pages: ReadAhead;
  #look: Look | null = null;
  #generation = -1;
  readonly #standing = new Standing();
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
    this.#pages = new ReadAhead(options.ledger);
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
    if (look !== null) {
      if (look.generation !== this.#look?.generation) this.#flood.reset();
      this.#flood.note(look.last.message, Date.now());
    }
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
      // An outage whose end nobody has seen goes on with the first try, and is not followed by another.
      if (this.#look !== null) this.#loadPositions(this.#look);
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
      if (this.#tries === 0 && this.#blocked === null)
        this.#tell("delivering", this.#flood.isFlood() ? IN_FLOOD : "Records go out.");
      const delivery = deliver(sink, work, signal);
      this.#prepareNext(sink, work);
      const outcome = await delivery;
      this.#settle(work, outcome);
      if (outcome.failure !== null) throw outcome.failure;
      if (work.changes.length > 0) this.#recovered();
      if (this.#flood.isFlood()) await pause(TRICKLE.pauseMs);
      else if (work.changes.length < FEW) await pause(GATHER_MS);
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
    const saved = this.#options.ledger.saved(this.name);
    if (saved.outage !== null) this.#outages.resume(saved.outage);
    this.#unsaved.drop();
    this.#pages.drop();
    this.#standing.load(saved);
    this.#generation = generation;
  }

  #nextLive(sink: Sink, look: Look): Work | null {
    const streams: readonly Stream[] = sink.folds ? ["session", "message"] : ["message"];
    for (const stream of streams) {
      const after = this.#standing.position(stream);
      if (after >= look.last[stream]) continue;
      const { changes: all, positions, upTo } = this.#pages.read(this.#span(sink, look, stream, after), sink);
      const changes = this.#standing.unsettled(stream, all, !sink.folds);
      return { kind: "live", stream, changes, all, positions, upTo };
    }
    return null;
  }

  #span({ batch }: Sink, { last }: Look, stream: Stream, after: number): Span {
    const limit = this.#flood.isFlood() ? Math.min(batch, TRICKLE.batch) : batch;
    return { stream, after, until: last[stream], limit };
  }

  /** While the sink is busy: a place that waits for what is next would stand idle for as long as that is read. */
  #prepareNext(sink: Sink, work: Work): void {
    if (work.kind !== "live" || this.#look === null) return;
    this.#pages.prepare(this.#span(sink, this.#look, work.stream, work.upTo), sink);
  }

  #nextResend(sink: Sink, resends: readonly Resend[]): Work | null {
    for (const given of resends) {
      const resend = { ...given, next: Math.max(given.next, this.#unsaved.resendAt(given.resend_id)) };
      if (resend.next > resend.last) continue;
      const { ledger } = this.#options;
      const after = resend.next - 1;
      const page = readPage(
        ledger,
        { stream: resend.stream, after, until: resend.last, limit: sink.batch },
        sink,
      );
      // With what came of them since: whoever reads the queue ends with the newest.
      const since =
        resend.stream === "message" && !sink.folds
          ? ledger.laterTexts(
              new Set(page.changes.map(({ id }) => id)),
              resend.last,
              this.#standing.position("message"),
            )
          : [];
      const changes = [...page.changes, ...since];
      return { kind: "resend", stream: resend.stream, changes, resend, upTo: page.upTo };
    }
    return null;
  }

  /**
   * Those of one stream, of each message the first, so that they go in order; null where all of them were
   * tried and only wait to be saved.
   */
  #nextRetry(sink: Sink): Work | null {
    const changes: Change[] = [];
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
        this.#standing.settle(work.stream, change, verdict);
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
    const progress = work.kind === "live" ? this.#standing.advance(work) : null;
    if (progress !== null) this.#unsaved.advance(work.stream, progress);
    if (work.kind === "resend" && isAllSettled) this.#unsaved.resend(work.resend.resend_id, work.upTo + 1);
    this.#options.onChange();
  }

  #retried(row: ParkedRow, outcome: RetryProgress["outcome"]): void {
    this.#unsaved.retry({ stream: row.stream, position: row.position, outcome });
    if (outcome.kind !== "parked") this.#standing.unpark(row.stream, row.id);
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
  const isMessages = work.stream === "message";
  if (!sink.folds) {
    if (isMessages) return sink.deliver(work.changes as readonly TextChange[], signal);
    return { verdicts: [], failure: null };
  }
  if (isMessages) return sink.deliver(work.changes as readonly MessageChange[], signal);
  return sink.deliverSessions(work.changes as readonly SessionChange[], signal);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
