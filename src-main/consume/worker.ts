import type pg from "pg";
import { MINUTE_MS, SECOND_MS } from "../../src-shared/time.ts";
import { archiveErrorCode, isRefusal } from "../archive/connection.ts";
import type { Written } from "../archive/write-batch.ts";
import type { ArchiveRow } from "../archive/write-rows.ts";
import { pauseAfter, RECHECK_MS } from "../sync/back-off.ts";
import { type RabbitMqOptions, SinkFailure } from "../sync/sink.ts";
import { sleep } from "../sync/sleep.ts";
import { ArchiveLink } from "./archive-link.ts";
import { BatchGatherer, type BatchLimits } from "./batch-gatherer.ts";
import { ConfirmedPublisher } from "./confirmed-publisher.ts";
import { deadEnvelope, deadQueueOf } from "./dead-letter.ts";
import { type Delivery, readDelivery } from "./delivery.ts";
import { keepUp } from "./keep-up.ts";
import { QueueSession } from "./queue-session.ts";
import { type RefusedRow, storeAll } from "./store-all.ts";

export type WorkerOptions = {
  broker: RabbitMqOptions;
  archive: pg.ClientConfig;
  queues: readonly string[];
  prefetch: number;
  heldBytes: number;
  batch: BatchLimits;
};

/** A message that can't be stored, and why. */
type Dead = { delivery: Delivery; reason: string };

/** The two that a worker stands between. */
export type Side = "broker" | "archive";

/** What a worker tells as it goes on. */
export type WorkerListeners = {
  /** Out of reach, and why; null once it is well, also for the first time. Told once for each reason. */
  onTrouble: (side: Side, trouble: string | null) => void;
  /** What needs the operator some day, and hinders nothing now. */
  onWarning: (sentence: string) => void;
  /** A batch is in the archive; so many milliseconds it took. */
  onStored: (written: Written, ms: number) => void;
  /** A message was put among the dead of its queue. */
  onBuried: (queue: string, reason: string) => void;
};

/** An outage that lasts longer gives back what was taken: RabbitMQ ends a channel that owes a word for 30 minutes. */
const GIVE_BACK_MS = 10 * MINUTE_MS;
const IDLE_MS = 10 * SECOND_MS;
const SMALL_BODY = 16 * 1024;
/** So long after a batch the next one is expected. */
const BUSY_MS = SECOND_MS;
const NAME = "waybill consume";

/** Takes batches from the queues and writes them to the archive, until it is told to end. Many may do so at once. */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #listeners: WorkerListeners;
  readonly #giveBackMs: number;
  readonly #gatherer: BatchGatherer;
  readonly #publisher: ConfirmedPublisher;
  readonly #archive: ArchiveLink;
  readonly #trouble: Partial<Record<Side, string | null>> = {};
  #dead: Dead[] = [];
  #storedAt = Number.NEGATIVE_INFINITY;
  #buryAt = 0;
  #buryTries = 0;

  constructor(options: WorkerOptions, listeners: WorkerListeners, giveBackMs: number = GIVE_BACK_MS) {
    this.#options = options;
    this.#listeners = listeners;
    this.#giveBackMs = giveBackMs;
    // More than may be out at once would never come together.
    const most = options.prefetch * options.queues.length;
    this.#gatherer = new BatchGatherer({ ...options.batch, size: Math.min(options.batch.size, most) });
    this.#publisher = new ConfirmedPublisher(options.broker, NAME);
    this.#archive = new ArchiveLink(options.archive, NAME, listeners.onWarning);
  }

  /**
   * Makes or checks the archive, and then works until the signal is aborted: then the batch in hand is written, and
   * what is not goes back to its queue. Throws `SinkFailure` (stop) where only the operator can make it begin.
   */
  async run(signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    let keptUp: Promise<void> | null = null;
    try {
      await this.#persist("archive", signal, () => this.#archive.check(), true);
      keptUp = this.#keepUp(AbortSignal.any([signal, over.signal]));
      for (let isFirst = true; !signal.aborted; isFirst = false) {
        const session = await this.#persist(
          "broker",
          signal,
          () => QueueSession.open(this.#options, (delivery) => this.#take(delivery), signal),
          isFirst,
        );
        try {
          await this.#serve(session, signal);
        } finally {
          await session.close();
          this.#gatherer.clear();
          this.#dead = [];
          this.#buryAt = 0;
        }
        if ((await session.ended) !== null) await sleep(pauseAfter(0, Math.random), signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      over.abort();
      await keptUp;
      await this.#publisher.close();
      await this.#archive.close();
    }
  }

  /** A small one is read while PostgreSQL works on those before it; a large one would lie in memory several times over. */
  #take(delivery: Delivery): void {
    if (delivery.body.length <= SMALL_BODY) delivery.read = readDelivery(delivery, Date.now());
    this.#gatherer.add(delivery);
  }

  #keepUp(signal: AbortSignal): Promise<void> {
    const { archive } = this.#options;
    const { onWarning } = this.#listeners;
    const isBusy = (): boolean => performance.now() - this.#storedAt < BUSY_MS;
    return keepUp({ archive, isBusy, onWarning }, signal);
  }

  /** Batch by batch, as long as the session lasts. */
  async #serve(session: QueueSession, signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    void session.ended.then((failure) => {
      if (failure !== null) this.#tell("broker", failure.message);
      over.abort();
    });
    const until = AbortSignal.any([signal, over.signal]);
    for (;;) {
      const batch = await this.#gatherer.next(until, IDLE_MS);
      if (until.aborted) return;
      if (batch.length > 0) await this.#settle(batch, session, signal);
      else {
        await this.#buryDead(session);
        await this.#lookAfterArchive();
      }
    }
  }

  /** Stores a batch and acknowledges it, and buries what can't be stored. */
  async #settle(batch: readonly Delivery[], session: QueueSession, signal: AbortSignal): Promise<void> {
    const now = Date.now();
    const deliveries = new Map<ArchiveRow, Delivery>();
    const dead: Dead[] = [];
    for (const delivery of batch) {
      const read = delivery.read ?? readDelivery(delivery, now);
      if ("row" in read) deliveries.set(read.row, delivery);
      else dead.push({ delivery, reason: read.reason });
    }
    for (const { row, reason } of await this.#store([...deliveries.keys()], session, signal)) {
      const delivery = deliveries.get(row);
      if (delivery !== undefined) dead.push({ delivery, reason });
    }
    const stored = new Set(batch);
    for (const { delivery } of dead) stored.delete(delivery);
    session.acknowledge(batch, stored);
    this.#dead.push(...dead);
    await this.#buryDead(session);
  }

  /** What the broker does not take now stays unacknowledged, so that it is not lost, and all else goes on meanwhile. */
  async #buryDead(session: QueueSession): Promise<void> {
    if (Date.now() < this.#buryAt) return;
    // What has gone back to its queue comes again, and dies then.
    for (let [first] = this.#dead; first !== undefined && !session.isOver; [first] = this.#dead) {
      try {
        await this.#bury(first);
      } catch (error) {
        if (!(error instanceof SinkFailure)) throw error;
        this.#tell("broker", error.message);
        this.#buryAt = Date.now() + pauseAfter(this.#buryTries, Math.random);
        this.#buryTries += 1;
        return;
      }
      session.acknowledge([first.delivery], new Set([first.delivery]));
      this.#dead.shift();
      this.#buryTries = 0;
      this.#tell("broker", null);
    }
  }

  async #bury({ delivery, reason }: Dead): Promise<void> {
    const { queue } = delivery;
    await this.#publisher.makeQueue(deadQueueOf(queue));
    await this.#publisher.publish(deadEnvelope(delivery, reason, Date.now()), delivery.body);
    this.#listeners.onBuried(queue, reason);
  }

  /** Settles once all but the refused rows are committed, however long the archive is out of reach. */
  #store(rows: readonly ArchiveRow[], session: QueueSession, signal: AbortSignal): Promise<RefusedRow[]> {
    const write = (part: readonly ArchiveRow[]): Promise<void> =>
      this.#persist("archive", signal, () => this.#write(part), false, session);
    return storeAll(rows, write, (error) =>
      isRefusal(error)
        ? `PostgreSQL refuses it: ${(error as Error).message} (${archiveErrorCode(error)})`
        : null,
    );
  }

  async #write(rows: readonly ArchiveRow[]): Promise<void> {
    const began = performance.now();
    const written = await this.#archive.write(rows);
    this.#storedAt = performance.now();
    this.#listeners.onStored(written, this.#storedAt - began);
  }

  /** Where nothing comes, nothing else tells how it stands. */
  async #lookAfterArchive(): Promise<void> {
    try {
      await this.#archive.check();
      this.#tell("archive", null);
    } catch (error) {
      this.#tell("archive", this.#archive.fail(error).message);
    }
  }

  /**
   * Tries until it is done, with a growing pause. Throws a refusal, what the signal ended, and at first what only the
   * operator can mend.
   */
  async #persist<T>(
    side: Side,
    signal: AbortSignal,
    work: () => Promise<T>,
    isFirst: boolean,
    session: QueueSession | null = null,
  ): Promise<T> {
    const began = Date.now();
    for (let tries = 0; ; tries += 1) {
      try {
        const done = await work();
        this.#tell(side, null);
        return done;
      } catch (error) {
        if (isRefusal(error)) throw error;
        const failure = side === "archive" ? this.#archive.fail(error) : asFailure(error);
        if (signal.aborted || (isFirst && failure.kind === "stop")) throw failure;
        this.#tell(side, failure.message);
        if (session !== null && Date.now() - began > this.#giveBackMs) await session.close();
        await sleep(failure.kind === "stop" ? RECHECK_MS : pauseAfter(tries, Math.random), signal);
        if (signal.aborted) throw failure;
      }
    }
  }

  #tell(side: Side, trouble: string | null): void {
    if (this.#trouble[side] === trouble) return;
    this.#trouble[side] = trouble;
    this.#listeners.onTrouble(side, trouble);
  }
}

function asFailure(error: unknown): SinkFailure {
  if (error instanceof SinkFailure) return error;
  throw error;
}
