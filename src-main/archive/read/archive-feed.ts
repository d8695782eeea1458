import pg from "pg";
import type { EventData } from "../../../src-shared/contract/index.ts";
import type { MessageRecord } from "../../../src-shared/record.ts";
import { SECOND_MS } from "../../../src-shared/time.ts";
import { type ArchiveDatabase, readingOptions } from "./archive-database.ts";
import { ArchiveChanges } from "./changes.ts";

const CHANNEL = "waybill_changes";
/** Looked at so often without being told too: a consumer may be set not to tell, and a pooler passes no notifications on. */
const POLL_MS = 5 * SECOND_MS;
/** A connection that ended is made again after so long. */
const RETRY_MS = 2 * SECOND_MS;

type Change = EventData<"message.changed">;
type Listener = (change: Change) => void;

/** Tells listeners of every change that consumers write, as the ledger's live feed does; looks only while someone listens. */
export class ArchiveFeed {
  readonly #database: ArchiveDatabase;
  readonly #options: pg.ClientConfig;
  readonly #listeners = new Set<Listener>();
  #following: Following | null = null;
  #changeId = 0;

  constructor(database: ArchiveDatabase, options: pg.ClientConfig) {
    this.#database = database;
    this.#options = options;
  }

  /** `onOpen` is told once all that the listener will not be told can be read. */
  subscribe(listener: Listener, onOpen?: () => void): () => void {
    // A function of its own, so that the same listener may subscribe twice.
    const heard: Listener = (change) => listener(change);
    this.#listeners.add(heard);
    this.#following ??= new Following(this.#database, this.#options, (message) => this.#tell(message));
    void this.#following.begun.then(() => {
      if (this.#listeners.has(heard)) onOpen?.();
    });
    return () => {
      this.#listeners.delete(heard);
      if (this.#listeners.size === 0) this.stop();
    };
  }

  stop(): void {
    this.#following?.stop();
    this.#following = null;
  }

  #tell(message: MessageRecord): void {
    this.#changeId += 1;
    for (const listener of this.#listeners) listener({ change_id: this.#changeId, message });
  }
}

/** One stretch of following, from the first listener to the last. */
class Following {
  readonly #changes: ArchiveChanges;
  readonly #options: pg.ClientConfig;
  readonly #tell: (message: MessageRecord) => void;
  readonly #begun = Promise.withResolvers<void>();
  #client: pg.Client | null = null;
  #poll: NodeJS.Timeout;
  #retry: NodeJS.Timeout | null = null;
  #looking = false;
  #again = false;
  #stopped = false;

  constructor(database: ArchiveDatabase, options: pg.ClientConfig, tell: (message: MessageRecord) => void) {
    this.#changes = new ArchiveChanges(database);
    this.#options = options;
    this.#tell = (message) => {
      if (!this.#stopped) tell(message);
    };
    this.#poll = setInterval(() => this.#nudge(), POLL_MS).unref();
    this.#nudge();
    this.#listen();
  }

  /** Settles once it knows what is there already. */
  get begun(): Promise<void> {
    return this.#begun.promise;
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#poll);
    if (this.#retry !== null) clearTimeout(this.#retry);
    // Nobody waits for its goodbye.
    this.#client?.end().catch(() => {});
  }

  #nudge(): void {
    if (this.#looking) this.#again = true;
    else void this.#look();
  }

  async #look(): Promise<void> {
    this.#looking = true;
    try {
      do {
        this.#again = false;
        while (!this.#stopped && (await this.#changes.next(this.#tell)));
        this.#begun.resolve();
      } while (this.#again && !this.#stopped);
    } catch {
      // The archive can't be read now; health says so, and the next look begins where this one stopped.
    }
    this.#looking = false;
  }

  #listen(): void {
    this.#retry = null;
    const client = new pg.Client({ ...readingOptions(this.#options), application_name: "waybill live" });
    this.#client = client;
    // Ended once, however many of these tell it.
    let isOver = false;
    const again = (): void => {
      if (isOver || this.#stopped) return;
      isOver = true;
      client.end().catch(() => {});
      this.#retry = setTimeout(() => this.#listen(), RETRY_MS).unref();
    };
    client.on("error", again);
    client.on("end", again);
    client.on("notification", () => this.#nudge());
    client
      .connect()
      .then(() => client.query(`LISTEN ${CHANNEL}`))
      // What came while nobody listened.
      .then(() => this.#nudge(), again);
  }
}
