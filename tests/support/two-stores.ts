import type { HostStore } from "../../src-main/api/store.ts";
import { ArchiveStore } from "../../src-main/archive/archive-store.ts";
import { ArchiveDatabase } from "../../src-main/archive/read/archive-database.ts";
import { sumCounts } from "../../src-main/archive/sum-counts.ts";
import { wordMessages } from "../../src-main/archive/word-messages.ts";
import { writeBatch } from "../../src-main/archive/write-batch.ts";
import { type StoredMessage, toRecord } from "../../src-shared/record.ts";
import { createArchive } from "./archive.ts";
import { cleanUp, openLogger, temporaryDirectory } from "./ledger.ts";
import type { Postgres } from "./postgres.ts";

/** A ledger that has accepted these messages. */
export async function ledgerOf(messages: readonly StoredMessage[]): Promise<HostStore> {
  const ledger = await openLogger();
  const { rejected } = await ledger.logMessages(messages.map(toRecord));
  if (rejected.length > 0) throw new Error(JSON.stringify(rejected));
  return ledger;
}

export type OpenArchive = {
  store: ArchiveStore;
  database: ArchiveDatabase;
  url: string;
  /** As a consumer does, in one transaction. */
  write: (messages: readonly StoredMessage[]) => Promise<void>;
  /** As a consumer does beside: until every message is in the index of words. */
  word: () => Promise<void>;
  /** As a consumer does beside: so many rows of what batches noted are added up. */
  sum: (rows: number) => Promise<number>;
};

/** An archive that a consumer has written these messages to, in batches. */
export async function archiveOf(
  postgres: Postgres,
  messages: readonly StoredMessage[],
): Promise<OpenArchive> {
  const { client, url } = await createArchive(postgres);
  cleanUp(() => client.end());
  const write = async (batch: readonly StoredMessage[]): Promise<void> => {
    await writeBatch(
      client,
      batch.map((message) => ({ message, ts: message.origin_ts })),
    );
  };
  for (let start = 0; start < messages.length; start += 500) await write(messages.slice(start, start + 500));
  const options = { connectionString: url };
  const store = new ArchiveStore(options, temporaryDirectory());
  const database = new ArchiveDatabase(options);
  cleanUp(async () => {
    await store.close();
    await database.close();
  });
  const word = async (): Promise<void> => {
    while ((await wordMessages(client, 100)) > 0);
  };
  const sum = (rows: number): Promise<number> => sumCounts(client, rows);
  return { store, database, url, write, word, sum };
}
