import { randomBytes } from "node:crypto";
import type { Receipt } from "../../src-shared/contract/messages.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import type { LedgerPaths } from "./data-dir.ts";
import type { Entry, EntryResult } from "./entries.ts";
import { packEntries, RUN_MESSAGES, SHORT_RUN_MESSAGES, URGENT_RECENTLY_MS } from "./message-run.ts";
import type { Progress, ThreadClient } from "./thread-port.ts";
import { startWriter } from "./threads.ts";
import type { Work } from "./writer/apply.ts";
import type { WriterMethods, WriterNotice } from "./writer/serve.ts";
import type { Settlement } from "./writer/submission-queue.ts";
import type { WriterState } from "./writer/writer.ts";

const MOST_ATTEMPTS = 3;
/** A parcel goes to the writer once it is this long or heavy, or at the end of the turn. */
const PARCEL_ENTRIES = 1_000;
const PARCEL_BYTES = 4 * 1024 * 1024;
/** More than this waits on our side, so that a burst fills the caller's memory and not the thread's. */
const UNDER_WAY_BYTES = 32 * 1024 * 1024;
/** More that were pushed in one turn are a flood themselves. */
const MOST_URGENT = 50;
/** What an entry takes besides its long texts. */
const ENTRY_BYTES = 512;
/** A thread that does not even start is started again after a pause that doubles up to the longest. */
const RESTART_MS = 100;
const LONGEST_RESTART_MS = 5_000;

/** What became of one entry, with the receipt of the commit it was in. */
export type Settled = { result: EntryResult; receipt: Receipt | null };
type Settle = { resolve: (settled: Settled) => void; reject: (error: unknown) => void };

/** Entries that cross to the writer in one message. */
type Parcel = {
  work: readonly Work[];
  bytes: number;
  /** Single records do not wait behind a flood of lists. */
  urgent: boolean;
  attempts: number;
  resolve: (settlement: Settlement) => void;
  reject: (error: unknown) => void;
};

type Listeners = { onState: (state: WriterState) => void; onDamage: (file: string) => void };

/**
 * The way to the writer's thread. Gathers what is logged in one turn into parcels, and if the
 * thread dies starts another and sends again, in order, what it had not answered: the same
 * message twice is one message, so nothing is lost and nothing doubled.
 */
export class WriterLink {
  readonly #paths: LedgerPaths;
  readonly #listeners: Listeners;
  /** Goes with every writer, so that the next one knows the spool files of the one that died. */
  readonly #owner = randomBytes(4).toString("hex");
  #client: ThreadClient<WriterMethods>;
  #restart: NodeJS.Timeout | null = null;
  #failedStarts = 0;
  #state: WriterState | null = null;
  #started: { resolve: () => void; reject: (error: Error) => void } | null = null;
  #gathered: { entries: Entry[]; settles: Settle[]; bytes: number } = gatherNothing();
  #scheduled = false;
  #lastUrgent = 0;
  #outbox: Parcel[] = [];
  readonly #underWay = new Set<Parcel>();
  #underWayBytes = 0;
  readonly #unsettled = new Set<Promise<unknown>>();
  #closed = false;
  #ending = false;

  constructor(paths: LedgerPaths, listeners: Listeners) {
    this.#paths = paths;
    this.#listeners = listeners;
    this.#client = this.#start();
  }

  /** Settles when the writer has opened the store, or knows why it can't. Rejects where its thread can't even start. */
  ready(): Promise<void> {
    if (this.#state !== null) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#started = { resolve, reject };
    });
  }

  state(): WriterState | null {
    return this.#state;
  }

  /** Queues one entry without waiting. The promise rejects with `cannot_accept`. */
  push(entry: Entry): Promise<Settled> {
    if (this.#closed) return Promise.reject(closedError());
    const accepted = new Promise<Settled>((resolve, reject) => {
      this.#gathered.entries.push(entry);
      this.#gathered.settles.push({ resolve, reject });
      this.#gathered.bytes += weigh(entry);
    });
    const { entries, bytes } = this.#gathered;
    if (entries.length >= PARCEL_ENTRIES || bytes >= PARCEL_BYTES) this.#send();
    else if (!this.#scheduled) {
      this.#scheduled = true;
      setImmediate(() => this.#send());
    }
    return accepted;
  }

  /** A list of entries, after all that was pushed before; `urgent` ahead of other lists. Rejects with `cannot_accept`. */
  async submit(entries: readonly Entry[], urgent = false): Promise<Settlement> {
    if (this.#closed) throw closedError();
    this.#send();
    const settled = await Promise.allSettled(
      inParcels(entries).map((parcel) => this.#deliver(parcel, urgent && isUrgent(entries))),
    );
    // All of them have settled before the first failure is told: nothing is under way then.
    const settlements = settled.map((result) => {
      if (result.status === "rejected") throw result.reason;
      return result.value;
    });
    return {
      results: settlements.flatMap(({ results }) => results),
      receipt: settlements.at(-1)?.receipt ?? null,
    };
  }

  /** Settles when everything pushed so far is accepted or refused. */
  async flush(): Promise<void> {
    this.#send();
    await Promise.allSettled(this.#unsettled);
  }

  /** Any other method of the writer. Rejects with its errors, or `unavailable` while there is no thread. */
  call<K extends keyof WriterMethods & string>(
    method: K,
    input: Parameters<WriterMethods[K]>[0],
    progress?: Progress,
  ): Promise<Awaited<ReturnType<WriterMethods[K]>>> {
    return this.#client.call(method, input, progress);
  }

  /** Asks the writer how it is; while its thread is started again, what it said last. */
  async refreshState(): Promise<WriterState | null> {
    const client = this.#client;
    try {
      this.#state = await client.call("state", undefined);
    } catch (error) {
      if (!client.ended || this.#closed) throw error;
    }
    return this.#state;
  }

  /** Refuses new entries, settles those under way, and ends the thread. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
    this.#ending = true;
    if (this.#restart !== null) clearTimeout(this.#restart);
    const client = this.#client;
    try {
      await client.call("close", undefined);
    } catch (error) {
      // A thread that died by itself has nothing left to close: all entries are settled.
      if (!client.ended) throw error;
    } finally {
      await client.terminate();
    }
  }

  #start(): ThreadClient<WriterMethods> {
    return startWriter(this.#paths, this.#owner, {
      onEnd: (error) => this.#recover(error),
      onNotice: (notice) => this.#hear(notice),
    });
  }

  /** The thread died: what it had not answered goes first to the next one. */
  #recover(cause: Error): void {
    const unanswered = [...this.#underWay];
    this.#underWay.clear();
    this.#underWayBytes = 0;
    const failed = unanswered.filter(({ attempts }) => attempts >= MOST_ATTEMPTS);
    for (const { reject } of failed) reject(threadError(cause));
    this.#outbox.unshift(...unanswered.filter(({ attempts }) => attempts < MOST_ATTEMPTS));
    if (this.#ending) return;
    this.#failedStarts += 1;
    if (this.#failedStarts >= MOST_ATTEMPTS) this.#giveUp(cause);
    const pause = this.#failedStarts === 1 ? 0 : RESTART_MS * 2 ** this.#failedStarts;
    this.#restart = setTimeout(
      () => {
        this.#restart = null;
        this.#client = this.#start();
        this.#pump();
      },
      Math.min(pause, LONGEST_RESTART_MS),
    );
  }

  /** Nothing waits for a thread that does not start; it is tried again all the same. */
  #giveUp(cause: Error): void {
    for (const { reject } of this.#outbox.splice(0)) reject(threadError(cause));
    this.#started?.reject(threadError(cause));
    this.#started = null;
  }

  #hear(notice: WriterNotice): void {
    if ("damaged" in notice) {
      this.#listeners.onDamage(notice.damaged);
      return;
    }
    this.#failedStarts = 0;
    this.#state = notice.state;
    this.#started?.resolve();
    this.#started = null;
    this.#listeners.onState(notice.state);
  }

  /** Hands over what was gathered by `push`. */
  #send(): void {
    this.#scheduled = false;
    const { entries, settles } = this.#gathered;
    if (entries.length === 0) return;
    const parcel = this.#gathered;
    this.#gathered = gatherNothing();
    this.#deliver(parcel, isUrgent(entries)).then(
      ({ results, receipt }) => {
        for (const [index, { resolve }] of settles.entries()) {
          const result = results[index];
          if (result !== undefined) resolve({ result, receipt });
        }
      },
      (error: unknown) => {
        for (const { reject } of settles) reject(error);
      },
    );
  }

  #deliver(
    { entries, bytes }: { entries: readonly Entry[]; bytes: number },
    urgent = false,
  ): Promise<Settlement> {
    const delivered = new Promise<Settlement>((resolve, reject) => {
      if (urgent) this.#lastUrgent = Date.now();
      const isBeside = Date.now() - this.#lastUrgent < URGENT_RECENTLY_MS;
      const work = packEntries(entries, isBeside ? SHORT_RUN_MESSAGES : RUN_MESSAGES);
      const parcel = { work, bytes, urgent, attempts: 0, resolve, reject };
      const place = urgent ? this.#outbox.findIndex((other) => !other.urgent) : -1;
      this.#outbox.splice(place === -1 ? this.#outbox.length : place, 0, parcel);
    });
    this.#unsettled.add(delivered);
    const settled = (): boolean => this.#unsettled.delete(delivered);
    delivered.then(settled, settled);
    this.#pump();
    return delivered;
  }

  /** Sends what fits, in order. */
  #pump(): void {
    for (let parcel = this.#outbox[0]; parcel !== undefined; parcel = this.#outbox[0]) {
      const fits = this.#underWayBytes === 0 || this.#underWayBytes + parcel.bytes <= UNDER_WAY_BYTES;
      if (!fits || this.#client.ended) return;
      this.#outbox.shift();
      void this.#carry(parcel);
    }
  }

  async #carry(parcel: Parcel): Promise<void> {
    const client = this.#client;
    parcel.attempts += 1;
    this.#underWay.add(parcel);
    this.#underWayBytes += parcel.bytes;
    try {
      parcel.resolve(await client.call("submit", { work: parcel.work, urgent: parcel.urgent }));
    } catch (error) {
      // With the thread gone the parcel went back to the outbox, or was rejected there.
      if (client.ended && !this.#ending) return;
      parcel.reject(error);
    }
    this.#underWay.delete(parcel);
    this.#underWayBytes -= parcel.bytes;
    this.#pump();
  }
}

/** Few, and none that is about what may still wait before it. */
function isUrgent(entries: readonly Entry[]): boolean {
  const isNew = ({ op }: Entry): boolean => op === "message" || op === "session" || op === "system_log";
  return entries.length <= MOST_URGENT && entries.every(isNew);
}

function gatherNothing(): { entries: Entry[]; settles: Settle[]; bytes: number } {
  return { entries: [], settles: [], bytes: 0 };
}

/** About what an entry takes in memory. */
function weigh(entry: Entry): number {
  switch (entry.op) {
    case "message": {
      const { message_data, message_metadata, destination_subject_ids, error_message } = entry.message;
      const texts = message_data.length + message_metadata.length + destination_subject_ids.length;
      return ENTRY_BYTES + texts + (error_message?.length ?? 0);
    }
    case "status":
      return ENTRY_BYTES + (entry.error_message?.length ?? 0);
    case "session":
      return ENTRY_BYTES + entry.session.metadata.length;
    case "system_log":
      return ENTRY_BYTES + entry.message.length + (entry.details?.length ?? 0);
    case "session_end":
    case "meta":
      return ENTRY_BYTES;
  }
}

function inParcels(entries: readonly Entry[]): { entries: Entry[]; bytes: number }[] {
  const parcels: { entries: Entry[]; bytes: number }[] = [];
  for (const entry of entries) {
    const bytes = weigh(entry);
    const last = parcels.at(-1);
    if (last !== undefined && last.entries.length < PARCEL_ENTRIES && last.bytes + bytes <= PARCEL_BYTES) {
      last.entries.push(entry);
      last.bytes += bytes;
    } else {
      parcels.push({ entries: [entry], bytes });
    }
  }
  return parcels;
}

function closedError(): WaybillError {
  return new WaybillError("cannot_accept", "The ledger is closed. Open it again to log.");
}

function threadError(cause: Error): WaybillError {
  const message = `The ledger's thread keeps stopping, so nothing was accepted: ${cause.message}`;
  return new WaybillError("cannot_accept", message, { cause });
}
