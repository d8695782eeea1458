import type pg from "pg";
import { newId } from "../../src-shared/new-id.ts";
import { normalizeMessage } from "../../src-shared/record.ts";
import { HOUR_MS, MINUTE_MS } from "../../src-shared/time.ts";
import { archiveErrorCode, archiveFailure, isRefusal, openArchive } from "../archive/connection.ts";
import { migrateArchive } from "../archive/migrate.ts";
import { makePartitions } from "../archive/partitions.ts";
import { probeArchive, type Written, writeBatch } from "../archive/write-batch.ts";
import type { ArchiveRow } from "../archive/write-rows.ts";
import { pauseAfter, RECHECK_MS } from "../sync/back-off.ts";
import { type RabbitMqOptions, SinkFailure } from "../sync/sink.ts";
import { BatchGatherer, type BatchLimits } from "./batch-gatherer.ts";
import { ConfirmedPublisher } from "./confirmed-publisher.ts";
import { deadEnvelope, deadQueueOf } from "./dead-letter.ts";
import { type Delivery, readDelivery } from "./delivery.ts";
import { QueueSession } from "./queue-session.ts";
import { sleep } from "./sleep.ts";
import { type RefusedRow, storeAll } from "./store-all.ts";

export type WorkerOptions = {
  broker: RabbitMqOptions;
  archive: pg.ClientConfig;
  queues: readonly string[];
  prefetch: number;
  batch: BatchLimits;
};

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
const PARTITIONS_MS = 6 * HOUR_MS;
const NAME = "waybill consume";

/** Takes batches from the queues and writes them to the archive, until it is told to end. Many may do so at once. */
export class Worker {
  readonly #options: WorkerOptions;
  readonly #listeners: WorkerListeners;
  readonly #giveBackMs: number;
  readonly #gatherer: BatchGatherer;
  readonly #publisher: ConfirmedPublisher;
  readonly #trouble: Partial<Record<Side, string | null>> = {};
  #archive: pg.Client | null = null;
  #lookedAt = 0;

  constructor(options: WorkerOptions, listeners: WorkerListeners, giveBackMs: number = GIVE_BACK_MS) {
    this.#options = options;
    this.#listeners = listeners;
    this.#giveBackMs = giveBackMs;
    // More than may be out at once would never come together.
    const most = options.prefetch * options.queues.length;
    this.#gatherer = new BatchGatherer({ ...options.batch, size: Math.min(options.batch.size, most) });
    this.#publisher = new ConfirmedPublisher(options.broker, NAME);
  }

  /**
   * Makes or checks the archive, and then works until the signal is aborted: then the batch in hand is written, and
   * what is not goes back to its queue. Throws `SinkFailure` (stop) where only the operator can make it begin.
   */
  async run(signal: AbortSignal): Promise<void> {
    try {
      await this.#persist("archive", signal, () => this.#openArchive(), true);
      for (let isFirst = true; !signal.aborted; isFirst = false) {
        const session = await this.#persist(
          "broker",
          signal,
          () => QueueSession.open(this.#options, (delivery) => this.#gatherer.add(delivery), signal),
          isFirst,
        );
        try {
          await this.#serve(session, signal);
        } finally {
          await session.close();
          this.#gatherer.clear();
        }
        if ((await session.ended) !== null) await sleep(pauseAfter(0, Math.random), signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      await this.#publisher.close();
      await this.#archive?.end().catch(() => {});
    }
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
      const batch = await this.#gatherer.next(until);
      if (batch.length === 0) return;
      await this.#settle(batch, session, signal);
    }
  }

  /** Stores a batch, buries what can't be, and acknowledges both. */
  async #settle(batch: readonly Delivery[], session: QueueSession, signal: AbortSignal): Promise<void> {
    const settled = new Set(batch);
    const bury = async (delivery: Delivery, reason: string): Promise<void> => {
      // What has gone back to its queue comes again, and dies then.
      if (session.isOver || !(await this.#bury(delivery, reason))) settled.delete(delivery);
    };
    const now = Date.now();
    const deliveries = new Map<ArchiveRow, Delivery>();
    for (const delivery of batch) {
      const read = readDelivery(delivery, now);
      if ("row" in read) deliveries.set(read.row, delivery);
      else await bury(delivery, read.reason);
    }
    const refused = await this.#store([...deliveries.keys()], session, signal);
    for (const { row, reason } of refused) {
      const delivery = deliveries.get(row);
      if (delivery !== undefined) await bury(delivery, reason);
    }
    session.acknowledge(batch, settled);
    if (settled.size === batch.length || session.isOver) return;
    // What could not be buried comes again, and is tried again, after a pause.
    await session.close();
    await sleep(pauseAfter(0, Math.random), signal);
  }

  /** False where the broker does not take it now. */
  async #bury(delivery: Delivery, reason: string): Promise<boolean> {
    const { queue } = delivery;
    try {
      await this.#publisher.makeQueue(deadQueueOf(queue));
      await this.#publisher.publish(deadEnvelope(delivery, reason, Date.now()), delivery.body);
      this.#listeners.onBuried(queue, reason);
      return true;
    } catch (error) {
      if (!(error instanceof SinkFailure)) throw error;
      this.#tell("broker", error.message);
      return false;
    }
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
    const client = await this.#openArchive();
    const began = performance.now();
    try {
      this.#listeners.onStored(await writeBatch(client, rows), performance.now() - began);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      // One row alone tells nothing of itself where the tables take no row at all.
      if (rows.length === 1) await this.#probe(client);
      throw error;
    }
  }

  async #probe(client: pg.Client): Promise<void> {
    try {
      await probeArchive(client, plainRow());
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const said = (error as Error).message;
      throw new SinkFailure("stop", `The archive takes nothing, not even a plain message: ${said}`);
    }
  }

  /** The connection there is, or a new one to an archive that is as it must be. Throws `SinkFailure`. */
  async #openArchive(): Promise<pg.Client> {
    if (this.#archive === null) {
      const client = await openArchive(this.#options.archive, NAME);
      try {
        await migrateArchive(client);
      } catch (error) {
        void client.end().catch(() => {});
        throw error;
      }
      // An idle connection that ends fails nobody's query.
      client.on("end", () => this.#forget(client));
      this.#archive = client;
    }
    await this.#lookAhead(this.#archive);
    return this.#archive;
  }

  /** What is missing of them lies in the default partition meanwhile, so it is told and no trouble. */
  async #lookAhead(client: pg.Client): Promise<void> {
    if (Date.now() - this.#lookedAt < PARTITIONS_MS) return;
    this.#lookedAt = Date.now();
    try {
      await makePartitions(client);
    } catch (error) {
      this.#listeners.onWarning(`Partitions can't be made ahead: ${archiveFailure(error, client).message}`);
    }
  }

  #forget(client: pg.Client): void {
    if (this.#archive === client) this.#archive = null;
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
        const failure = this.#explain(side, error);
        if (signal.aborted || (isFirst && failure.kind === "stop")) throw failure;
        this.#tell(side, failure.message);
        if (session !== null && Date.now() - began > this.#giveBackMs) await session.close();
        await sleep(failure.kind === "stop" ? RECHECK_MS : pauseAfter(tries, Math.random), signal);
        if (signal.aborted) throw failure;
      }
    }
  }

  /** After a failure of the archive its connection is made anew: what state it is in is not known. */
  #explain(side: Side, error: unknown): SinkFailure {
    // A mistake in the program is no outage.
    if (error instanceof TypeError || error instanceof RangeError) throw error;
    const client = this.#archive;
    if (side === "archive" && client !== null) {
      this.#archive = null;
      void client.end().catch(() => {});
      return archiveFailure(error, client);
    }
    if (error instanceof SinkFailure) return error;
    throw error;
  }

  #tell(side: Side, trouble: string | null): void {
    if (this.#trouble[side] === trouble) return;
    this.#trouble[side] = trouble;
    this.#listeners.onTrouble(side, trouble);
  }
}

/** A message that nothing in it can be refused of. */
function plainRow(): ArchiveRow {
  const now = Date.now();
  const plain = normalizeMessage({ message_uuid: newId(), user_id: "waybill" }, now);
  if (!plain.ok) throw new Error(plain.error);
  return { message: plain.message, ts: now };
}
