import { setImmediate as nextTurn } from "node:timers/promises";
import type { MessagePort } from "node:worker_threads";
import { WaybillError } from "../../../src-shared/errors.ts";
import type { LedgerPaths } from "../data-dir.ts";
import { FIRST_EVENTS } from "../message-run.ts";
import { inodeOf, type WritableDatabase } from "../open.ts";
import { lastChange } from "../reader/changes.ts";
import { classifyTrouble, type StoreTrouble, toCallerError, unavailableError } from "../sqlite-errors.ts";
import type { RelaySave, SyncOrder } from "../sync-save.ts";
import { assertGoingOn, type CallContext, notify, serveThread } from "../thread-port.ts";
import type { Work } from "./apply.ts";
import { bringBack } from "./bring-back.ts";
import {
  type CutKeys,
  freePages,
  mergeStep,
  type OldSessions,
  Pruner,
  pruneDeliveries,
  pruneSessions,
  pruneSystemLogs,
  removeProbe,
  type SessionPlace,
  vacuumStep,
} from "./prune.ts";
import { listUnfinished } from "./quarantine.ts";
import { recount } from "./rollups.ts";
import { swapDatabase } from "./swap.ts";
import { SyncTables } from "./sync-tables.ts";
import { Writer, type WriterState } from "./writer.ts";

/** Pages that a backup copies between two commit groups: about 4 MiB. */
const BACKUP_PAGES_PER_STEP = 1_000;
/** A backup that other writers keep restarting takes the rest in one go after so many steps beyond the file. */
const BACKUP_PATIENCE = 3;

export type WriterNotice = { state: WriterState } | { damaged: string };

/** The writer's methods; long ones pause after each step, so that records are committed between. */
export function writerMethods(writer: Writer, paths: LedgerPaths) {
  return {
    submit: ({ work, urgent }: { work: readonly Work[]; urgent: boolean }) => writer.submit(work, urgent),
    state: () => writer.state(),
    /** The position after all that is committed by now; null with no store open. */
    lastChange: () => (writer.store === null ? null : lastChange(writer.store.database)),
    /** Deletes the messages of a page; how many went. */
    prune: (input: CutKeys & { file: bigint | undefined }, { signal }: CallContext) =>
      tending(writer, () => prune(writer, paths, input, signal)),
    /** Whether it is gone; see `removeProbe`. */
    removeProbe: ({ message_uuid }: { message_uuid: string }) =>
      tending(writer, () => writer.beside(({ database }) => removeProbe(database, message_uuid))),
    /** What retention does once the messages are gone. */
    tidy: (input: TidyInput, { signal }: CallContext) => tending(writer, () => tidy(writer, input, signal)),
    vacuum: (_: null, context: CallContext) => tending(writer, () => vacuum(writer, context)),
    backup: ({ file }: { file: string }, context: CallContext) =>
      // Its own file may be out of reach, which says nothing about the ledger.
      tending(writer, () => backup(writer, file, context), ["corrupt"]),
    rebuild: () => tending(writer, () => rebuild(writer, listUnfinished(paths).length > 0), ["gone"]),
    /** Null where another file is there by now than the one that was found damaged. */
    setAside: (found: bigint | undefined) =>
      tending(
        writer,
        () => (found !== undefined && inodeOf(paths.database) !== found ? null : writer.replaceDamaged()),
        [],
      ),
    /** Databases that were set aside and whose rows are not all back. */
    unfinished: () => listUnfinished(paths),
    salvage: ({ file }: { file: string }, context: CallContext) => bringBack(writer, file, context),
    swap: ({ incoming, kept }: { incoming: string; kept: string }) =>
      tending(writer, () => swapDatabase(writer, paths, incoming, kept), []),
    /** False where another host forwards now. */
    saveSync: (save: RelaySave) =>
      tending(writer, () =>
        writer.beside(({ database }) => {
          // The positions are those of the file that they were read from.
          if (save.file !== null && inodeOf(paths.database) !== save.file)
            throw new WaybillError("conflict", "The ledger was replaced meanwhile.");
          return new SyncTables(database).save(save, Date.now());
        }),
      ),
    /** How many rows the order was about. */
    orderSync: (order: SyncOrder) =>
      tending(writer, () => writer.beside(({ database }) => new SyncTables(database).order(order))),
    close: () => writer.close(),
  };
}

export type WriterMethods = ReturnType<typeof writerMethods>;

export function serveWriter(port: MessagePort, paths: LedgerPaths, owner: string): void {
  const tell = (notice: WriterNotice): void => notify(port, notice);
  const writer = new Writer(paths, owner, {
    onState: (state) => tell({ state }),
    onDamage: (damaged) => tell({ damaged }),
  });
  serveThread(port, writerMethods(writer, paths));
  tell({ state: writer.start() });
}

/**
 * Runs work beside the records. What the store refuses becomes `unavailable` with what to do about it;
 * a store that is damaged or gone is dealt with as when records meet it.
 */
async function tending<T>(
  writer: Writer,
  work: () => T | Promise<T>,
  mended: readonly StoreTrouble[] = ["corrupt", "gone"],
): Promise<T> {
  const { store } = writer;
  try {
    return await work();
  } catch (error) {
    // A backup, say, ends with the handle that it read from.
    if (store !== null && store !== writer.store) throw unavailableError("gone", error);
    if (mended.includes(classifyTrouble(error))) writer.meetFailure(error);
    throw toCallerError(error);
  }
}

async function prune(
  writer: Writer,
  paths: LedgerPaths,
  { file, ...keys }: CutKeys & { file: bigint | undefined },
  signal: AbortSignal,
): Promise<number> {
  let deleted = 0;
  // Before the first step, which has to fit.
  if (writer.isShortOfRoom) writer.requireStore().database.pragma("wal_checkpoint(TRUNCATE)");
  for (let from = 0; from < keys.seqs.length; ) {
    assertGoingOn(signal);
    const { database } = writer.requireStore();
    // The positions are those of the file that they were read from.
    if (inodeOf(paths.database) !== file)
      throw new WaybillError("conflict", "The ledger was replaced meanwhile; the next run goes on with it.");
    const { next, removed } = new Pruner(database, keys).step(from, writer.isShortOfRoom);
    writer.tendLog();
    from = next;
    deleted += removed;
    await nextTurn();
  }
  return deleted;
}

export type TidyInput = { systemLogsBefore: number | null; sessions: readonly OldSessions[] };

/** Deletes old system logs and empty sessions, and gives the space of all that went back to the disk. */
async function tidy(
  writer: Writer,
  { systemLogsBefore, sessions }: TidyInput,
  signal: AbortSignal,
): Promise<{ systemLogs: number; freedBytes: number }> {
  let systemLogs = 0;
  for (let went = 1; systemLogsBefore !== null && went > 0; ) {
    assertGoingOn(signal);
    went = pruneSystemLogs(writer.requireStore().database, systemLogsBefore);
    systemLogs += went;
    await nextTurn();
  }
  for (const old of sessions) {
    for (let after: SessionPlace | null = { started_ts: Number.MIN_SAFE_INTEGER, session_id: "" }; after; ) {
      assertGoingOn(signal);
      after = pruneSessions(writer.requireStore().database, old, after);
      await nextTurn();
    }
  }
  pruneDeliveries(writer.requireStore().database);
  while (!writer.isShortOfRoom && !signal.aborted && mergeStep(writer.requireStore().database))
    await nextTurn();
  const { pages, pageBytes } = freePages(writer.requireStore().database);
  const left = await giveBack(writer, signal, () => {});
  return { systemLogs, freedBytes: Math.max(0, pages - left) * pageBytes };
}

/** The bytes that the file shrank by. */
async function vacuum(writer: Writer, { progress, signal }: CallContext): Promise<number> {
  const { database } = writer.requireStore();
  database.exec("INSERT INTO message_search (message_search, rank) VALUES ('merge', 500)");
  const { pages: total, pageBytes } = freePages(database);
  const left = await giveBack(writer, signal, (pages) => progress(Math.max(0, total - pages), total));
  assertGoingOn(signal);
  const store = writer.requireStore();
  store.database.pragma("optimize");
  store.database.pragma("wal_checkpoint(TRUNCATE)");
  return Math.max(0, total - left) * pageBytes;
}

/** Gives free pages back to the disk, step by step, until none is left or none goes; how many are left. */
async function giveBack(
  writer: Writer,
  signal: AbortSignal,
  onStep: (left: number) => void,
): Promise<number> {
  let { pages: left } = freePages(writer.requireStore().database);
  while (left > 0 && !signal.aborted) {
    const before = left;
    left = vacuumStep(writer.requireStore().database, writer.isShortOfRoom);
    // A database that was not made for it gives nothing back.
    if (left >= before) break;
    writer.tendLog();
    onStep(left);
    await nextTurn();
  }
  return left;
}

async function backup(writer: Writer, file: string, { progress, signal }: CallContext): Promise<void> {
  let steps = 0;
  const { totalPages: total } = await writer.requireStore().database.backup(file, {
    progress: ({ totalPages, remainingPages }) => {
      assertGoingOn(signal);
      progress(totalPages - remainingPages, totalPages);
      steps += 1;
      const restarted = steps > BACKUP_PATIENCE + (2 * totalPages) / BACKUP_PAGES_PER_STEP;
      return restarted ? totalPages : BACKUP_PAGES_PER_STEP;
    },
  });
  progress(total, total);
}

/** Gives messages the session and the first event that they lack, and drops the history of messages that are gone. */
function mendReferences(database: WritableDatabase, isIncomplete: boolean): void {
  database.exec(`
    INSERT INTO sessions (session_id, user_id, channel, template_id, template_name, started_ts)
      SELECT session_id, user_id, channel, template_id, template_name, min(origin_ts) FROM message_logs
      WHERE session_id IS NOT NULL AND session_id NOT IN (SELECT session_id FROM sessions) GROUP BY session_id;
    DELETE FROM message_events WHERE message_seq NOT IN (SELECT seq FROM message_logs);
  `);
  // Else it comes with the rows that are still brought back.
  if (isIncomplete) return;
  const missing = "NOT EXISTS (SELECT 1 FROM message_events WHERE message_seq = m.seq) ORDER BY seq";
  database.prepare(`${FIRST_EVENTS} AND ${missing}`).run(0, Number.MAX_SAFE_INTEGER);
}

function rebuild(writer: Writer, isIncomplete: boolean): void {
  const { database } = writer.requireStore();
  database.exec("REINDEX");
  database
    .transaction(() => {
      mendReferences(database, isIncomplete);
      recount(database);
    })
    .immediate();
  database.pragma("optimize");
  writer.resetSearchIndex();
}
