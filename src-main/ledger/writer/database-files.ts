import { existsSync, renameSync } from "node:fs";
import { HEAD } from "./head-file.ts";

/** The files of one database; those beside it belong to it and move with it. */
export const COMPANIONS = ["", "-wal", "-shm", HEAD] as const;

/** `2026-01-31T09-30-00-000Z`: sorts by time and is a file name everywhere. */
export function fileNameTime(now = Date.now()): string {
  return new Date(now).toISOString().replaceAll(":", "-").replace(".", "-");
}

/** Renames a database with what belongs to it. Throws the system's error. */
export function moveDatabase(from: string, to: string): void {
  for (const companion of COMPANIONS) {
    if (existsSync(from + companion)) renameSync(from + companion, to + companion);
  }
}
