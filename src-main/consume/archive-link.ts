import type pg from "pg";
import { newId } from "../../src-shared/new-id.ts";
import { normalizeMessage } from "../../src-shared/record.ts";
import { HOUR_MS } from "../../src-shared/time.ts";
import { archiveFailure, isRefusal, openArchive } from "../archive/connection.ts";
import { migrateArchive } from "../archive/migrate.ts";
import { makePartitions } from "../archive/partitions.ts";
import { probeArchive, type Written, writeBatch } from "../archive/write-batch.ts";
import type { ArchiveRow } from "../archive/write-rows.ts";
import { SinkFailure } from "../sync/sink.ts";

const PARTITIONS_MS = 6 * HOUR_MS;

/** A worker's way to the archive: a connection that is made when it is needed, to tables that are as they must be. */
export class ArchiveLink {
  readonly #options: pg.ClientConfig;
  readonly #name: string;
  readonly #onWarning: (sentence: string) => void;
  #client: pg.Client | null = null;
  #hasEnded = false;
  #lookedAt = 0;

  /** `name` is what operators see of it at the server. */
  constructor(options: pg.ClientConfig, name: string, onWarning: (sentence: string) => void) {
    this.#options = options;
    this.#name = name;
    this.#onWarning = onWarning;
  }

  /** Settles once the rows are committed. Throws what PostgreSQL threw: a refusal is then about these rows. */
  async write(rows: readonly ArchiveRow[]): Promise<Written> {
    const client = await this.#open();
    try {
      return await writeBatch(client, rows);
    } catch (error) {
      // One row alone tells nothing of itself where the tables take no row at all.
      if (isRefusal(error) && rows.length === 1) await probe(client);
      throw error;
    }
  }

  /** Whether it is within reach and as it must be. Throws what hinders it. */
  async check(): Promise<void> {
    const client = await this.#open();
    await client.query("select 1");
  }

  /** What an error of the archive means. Its connection is made anew: what state it is in is not known. */
  fail(error: unknown): SinkFailure {
    const client = this.#client;
    this.#client = null;
    void client?.end().catch(() => {});
    if (error instanceof SinkFailure) return error;
    // A mistake in the program is no outage.
    if (client === null || error instanceof TypeError || error instanceof RangeError) throw error;
    return archiveFailure(error, client);
  }

  async close(): Promise<void> {
    await this.#client?.end().catch(() => {});
  }

  async #open(): Promise<pg.Client> {
    if (this.#client === null || this.#hasEnded) {
      const client = await openArchive(this.#options, this.#name);
      try {
        await migrateArchive(client);
      } catch (error) {
        void client.end().catch(() => {});
        throw error;
      }
      // An idle connection that ends fails nobody's query.
      client.on("end", () => {
        if (this.#client === client) this.#hasEnded = true;
      });
      this.#client = client;
      this.#hasEnded = false;
    }
    await this.#lookAhead(this.#client);
    return this.#client;
  }

  /** What is missing of them lies in the default partition meanwhile, so it is told and no trouble. */
  async #lookAhead(client: pg.Client): Promise<void> {
    if (Date.now() - this.#lookedAt < PARTITIONS_MS) return;
    this.#lookedAt = Date.now();
    try {
      await makePartitions(client);
    } catch (error) {
      this.#onWarning(`Partitions can't be made ahead: ${archiveFailure(error, client).message}`);
    }
  }
}

async function probe(client: pg.Client): Promise<void> {
  try {
    await probeArchive(client, plainRow());
  } catch (error) {
    if (!isRefusal(error)) throw error;
    const said = (error as Error).message;
    throw new SinkFailure("stop", `The archive takes nothing, not even a plain message: ${said}`);
  }
}

/** A message that nothing in it can be refused of. */
function plainRow(): ArchiveRow {
  const now = Date.now();
  const plain = normalizeMessage({ message_uuid: newId(), user_id: "waybill" }, now);
  if (!plain.ok) throw new Error(plain.error);
  return { message: plain.message, ts: now };
}
