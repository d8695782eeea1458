import { setImmediate as nextTurn } from "node:timers/promises";
import type { MessagePort } from "node:worker_threads";
import type { Output, ParsedInput, ProcedureName } from "../../../src-shared/contract/index.ts";
import { WaybillError } from "../../../src-shared/errors.ts";
import type { LedgerPaths } from "../data-dir.ts";
import { assertSameFile, type FileIdentity, identify, openReadable, type ReadableDatabase } from "../open.ts";
import { registerSearchFunctions } from "../query-sql.ts";
import { toCallerError } from "../sqlite-errors.ts";
import type { ParkedKey, Stream } from "../sync-save.ts";
import { assertGoingOn, type CallContext, serveThread } from "../thread-port.ts";
import { changesAfter, lastChange } from "./changes.ts";
import { databaseFacts } from "./facts.ts";
import { fingerprints } from "./fingerprints.ts";
import { messageHistogram } from "./histogram.ts";
import { messageTypes } from "./message-types.ts";
import {
  countMessages,
  getMessage,
  messagesBySubject,
  searchMessages,
  vocabulary,
  windowMessages,
} from "./messages.ts";
import { getSession, listSessions, undelivered } from "./sessions.ts";
import { analyticsReport, overview, quickStats } from "./statistics.ts";
import { isSteps, type Steps } from "./steps.ts";
import { listOutages, listParked, messageDeliveries, parkedAt, positionsBetween, syncFacts } from "./sync.ts";
import { listSystemLogs } from "./system-logs.ts";

/** The procedures of the contract that only read, each a function of the connection. */
const READS = {
  "messages.get": getMessage,
  "messages.search": searchMessages,
  "messages.bySubject": messagesBySubject,
  "messages.window": windowMessages,
  "messages.count": countMessages,
  "messages.histogram": messageHistogram,
  "messages.vocabulary": vocabulary,
  "messages.types": messageTypes,
  "sessions.list": listSessions,
  "sessions.get": getSession,
  "sessions.undelivered": undelivered,
  "stats.quick": quickStats,
  "stats.overview": overview,
  "stats.report": analyticsReport,
  "stats.fingerprints": fingerprints,
  "systemLogs.list": listSystemLogs,
  "sync.outages": listOutages,
  "sync.parked": listParked,
  "sync.deliveries": messageDeliveries,
} as const satisfies {
  [N in ProcedureName]?: (database: ReadableDatabase, input: ParsedInput<N>) => Output<N> | Steps<Output<N>>;
};

export type ReadName = keyof typeof READS;

/** Holds the one read-only connection, and opens it anew when another file has taken the ledger's place. */
export class ReadingHandle {
  readonly #file: string;
  #open: { database: ReadableDatabase; identity: FileIdentity } | null = null;
  /** Rises with each file that was opened. */
  generation = 0;

  constructor(file: string) {
    this.#file = file;
  }

  /** Runs a read. Throws its WaybillError, or `unavailable` with a sentence about the database. */
  run<T>(read: (database: ReadableDatabase) => T): T {
    try {
      return read(this.#current());
    } catch (error) {
      const told = toCallerError(error);
      // The handle may be what failed.
      if (told !== error) this.close();
      throw told;
    }
  }

  close(): void {
    this.#open?.database.close();
    this.#open = null;
  }

  #current(): ReadableDatabase {
    if (this.#open !== null) {
      try {
        assertSameFile(this.#open.identity);
        return this.#open.database;
      } catch {
        this.close();
      }
    }
    // Before it is opened: should another file take its place in between, the next read opens that one.
    const identity = identify(this.#file);
    const database = openReadable(this.#file);
    registerSearchFunctions(database);
    this.#open = { database, identity };
    this.generation += 1;
    return database;
  }
}

/** Serves others between the steps of a long read. Throws as `ReadingHandle.run`, and `cancelled`. */
async function takeSteps<T>(handle: ReadingHandle, steps: Steps<T>, signal: AbortSignal): Promise<T> {
  const begun = handle.generation;
  for (;;) {
    const step = handle.run(() => {
      if (handle.generation !== begun)
        throw new WaybillError("unavailable", "Another ledger took this one's place. Ask again.");
      return steps.next();
    });
    if (step.done) return step.value;
    await nextTurn();
    assertGoingOn(signal);
  }
}

function readerMethods(handle: ReadingHandle) {
  return {
    read: <N extends ReadName>(
      { name, input }: { name: N; input: ParsedInput<N> },
      { signal }: CallContext,
    ): Output<N> | Promise<Output<N>> => {
      const read = READS[name] as unknown as (
        database: ReadableDatabase,
        input: ParsedInput<N>,
      ) => Output<N> | Steps<Output<N>>;
      const result = handle.run((database) => read(database, input));
      return isSteps(result) ? takeSteps(handle, result, signal) : result;
    },
    facts: () => handle.run(databaseFacts),
    syncFacts: () => handle.run(syncFacts),
    parkedAt: (key: ParkedKey) => handle.run((database) => parkedAt(database, key)),
    positionsBetween: ({ stream, from, to }: { stream: Stream; from: number; to: number }) =>
      handle.run((database) => positionsBetween(database, stream, from, to)),
    lastChange: () => handle.run(lastChange),
    changesAfter: (position: number) => handle.run((database) => changesAfter(database, position)),
    close: () => handle.close(),
  };
}

export type ReaderMethods = ReturnType<typeof readerMethods>;

export function serveReader(port: MessagePort, paths: LedgerPaths): void {
  serveThread(port, readerMethods(new ReadingHandle(paths.database)));
}
