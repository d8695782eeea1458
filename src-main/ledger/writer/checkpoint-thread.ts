import type { MessagePort } from "node:worker_threads";
import Database from "better-sqlite3";
import type { LedgerPaths } from "../data-dir.ts";
import { assertLogNotAway } from "./wal-file.ts";

/** The connection of the thread is open while this is 1; whoever moves or closes the database waits until it is not. */
export const IDLE = 0;
export const AT_WORK = 1;

export type CheckpointRequest = { busy: Int32Array };

/** Moves the write-ahead log into the database on a thread of its own: its syncs hold up no commit. */
export function serveCheckpoints(port: MessagePort, paths: LedgerPaths): void {
  port.on("message", ({ busy }: CheckpointRequest) => {
    try {
      checkpoint(paths.database);
    } catch {
      // The writer meets it as well: with its next commit, or once it has to move the log itself.
    }
    Atomics.store(busy, 0, IDLE);
    Atomics.notify(busy, 0);
    port.postMessage(null);
  });
}

function checkpoint(file: string): void {
  assertLogNotAway(file);
  const database = new Database(file, { fileMustExist: true, timeout: 0 });
  try {
    database.pragma("synchronous = FULL");
    database.pragma("checkpoint_fullfsync = ON");
    database.pragma("wal_checkpoint(PASSIVE)");
  } finally {
    database.close();
  }
}
