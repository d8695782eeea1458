import { ledgerPaths } from "../../src-main/ledger/data-dir.ts";
import type { Entry, EntryResult } from "../../src-main/ledger/entries.ts";
import { packEntries } from "../../src-main/ledger/message-run.ts";
import { inodeOf, openReadable, type ReadableDatabase } from "../../src-main/ledger/open.ts";
import { registerSearchFunctions } from "../../src-main/ledger/query-sql.ts";
import { planRetention, walkCuts } from "../../src-main/ledger/task/retention.ts";
import { writerMethods } from "../../src-main/ledger/writer/serve.ts";
import { Writer, type WriterState } from "../../src-main/ledger/writer/writer.ts";
import { type MessageInput, normalizeMessage, type StoredMessage } from "../../src-shared/record.ts";
import type { Status } from "../../src-shared/status.ts";
import { cleanUp, databaseOf, temporaryDirectory } from "./ledger.ts";

export type OpenWriter = {
  writer: Writer;
  dataDir: string;
  states: WriterState[];
  damaged: string[];
  submit: (...entries: Entry[]) => Promise<EntryResult[]>;
};

let owners = 0;

/** As entries come from the thread of whoever logs. */
export async function submit(writer: Writer, entries: readonly Entry[]): Promise<EntryResult[]> {
  return (await writer.submit(packEntries(entries))).results;
}

/** A writer on this very thread, closed after the test. */
export function openWriter(dataDir = temporaryDirectory(), owner = nextOwner()): OpenWriter {
  const states: WriterState[] = [];
  const damaged: string[] = [];
  const writer = new Writer(ledgerPaths(dataDir), owner, {
    onState: (state) => states.push(state),
    onDamage: (file) => damaged.push(file),
  });
  states.push(writer.start());
  cleanUp(() => writer.close());
  return { writer, dataDir, states, damaged, submit: (...entries) => submit(writer, entries) };
}

export function nextOwner(): string {
  owners += 1;
  return owners.toString(16).padStart(8, "0");
}

export function stored(fields: MessageInput = {}, now = Date.now()): StoredMessage {
  const normalized = normalizeMessage(fields, now);
  if (!normalized.ok) throw new Error(normalized.error);
  return normalized.message;
}

export function messageEntry(fields: MessageInput = {}, at = Date.now()): Extract<Entry, { op: "message" }> {
  return { op: "message", at, message: stored(fields, at) };
}

export function statusEntry(
  message_uuid: string,
  status: Status,
  {
    ts = Date.now(),
    at = Date.now(),
    error_message = null,
    external_id = null,
  }: { ts?: number; at?: number; error_message?: string | null; external_id?: string | null } = {},
): Entry {
  return { op: "status", at, message_uuid, status, ts, error_message, external_id };
}

/** A reading connection, as the reader's thread has it, closed after the test. */
export function openReader(dataDir: string): ReadableDatabase {
  const database = openReadable(databaseOf(dataDir));
  registerSearchFunctions(database);
  cleanUp(() => {
    database.close();
  });
  return database;
}

/** Deletes what began before, as retention does. */
export async function pruneBefore(
  { writer, dataDir }: Pick<OpenWriter, "writer" | "dataDir">,
  before: number,
) {
  const paths = ledgerPaths(dataDir);
  const methods = writerMethods(writer, paths);
  const context = { progress: () => {}, signal: new AbortController().signal };
  const { database } = writer.requireStore();
  const rule = { channel: null, status: null, max_age_days: 0, max_records: null };
  const cuts = planRetention(database, { rules: [rule] }, before).map(({ cut }) => cut);
  let deleted = 0;
  for (const page of walkCuts(database, cuts, false))
    deleted += await methods.prune({ ...page, file: inodeOf(paths.database) }, context);
  await methods.tidy(
    { systemLogsBefore: before, sessions: [{ channel: null, before, delete_unsent: 0 }] },
    context,
  );
  return deleted;
}
