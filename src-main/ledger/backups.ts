import { existsSync, statSync } from "node:fs";
import { copyFile, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Backup, BackupSettings } from "../../src-shared/contract/upkeep.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import { formatTime } from "../../src-shared/time.ts";
import { backupsToDelete, scheduledBackups, scheduledName } from "./backup-rotation.ts";
import { ensurePrivateDirectory, type LedgerPaths } from "./data-dir.ts";
import { assertRoomFor } from "./disk-room.ts";
import { toCallerError, troubleOf } from "./sqlite-errors.ts";
import { syncDirectory } from "./sync-directory.ts";
import type { TaskThreads } from "./task-threads.ts";
import type { Progress } from "./thread-port.ts";
import type { UpkeepNotes } from "./upkeep-notes.ts";
import { COMPANIONS, fileNameTime } from "./writer/database-files.ts";
import { swapFiles } from "./writer/swap.ts";
import type { WriterLink } from "./writer-link.ts";

/** Makes backups of the ledger, lists them, and puts one back in its place. */
export class Backups {
  readonly #paths: LedgerPaths;
  readonly #writer: WriterLink;
  readonly #tasks: TaskThreads;
  readonly #notes: UpkeepNotes;
  /** What the ledger was told last; undefined before it was. */
  #everyHours: number | null | undefined = undefined;

  constructor(paths: LedgerPaths, writer: WriterLink, tasks: TaskThreads, notes: UpkeepNotes) {
    this.#paths = paths;
    this.#writer = writer;
    this.#tasks = tasks;
    this.#notes = notes;
  }

  /**
   * Copies the ledger while it is in use, to a temporary name, proves the copy and only then
   * gives it its name. Rejects with `conflict` if there is such a file, `not_found` if there is no such
   * folder, `unavailable`, or `cancelled`.
   */
  async make(out: string | undefined, progress: Progress): Promise<{ file: string; size_bytes: number }> {
    const file = resolve(out ?? join(this.#paths.backups, `ledger-${fileNameTime()}.db`));
    if (existsSync(file))
      throw new WaybillError("conflict", `${file} is there already: choose another name.`);
    const directory = dirname(file);
    const partial = join(directory, `.${basename(file)}.partial`);
    try {
      if (out === undefined) ensurePrivateDirectory(directory);
      if (!existsSync(directory))
        throw new WaybillError("not_found", `There is no folder ${directory}: make it first.`);
      assertRoomFor(directory, this.#size());
      await this.#writer.call("backup", { file: partial }, progress);
      await this.#tasks.run((task) => task.call("seal", { file: partial }), progress.signal);
      await rename(partial, file);
      await syncDirectory(directory);
      // The folder itself may be new.
      if (out === undefined) await syncDirectory(dirname(directory));
    } catch (error) {
      await removeDatabase(partial);
      throw explain(error, "No backup was made");
    }
    const { size } = await stat(file);
    await this.#notes.keep({ last_backup_ts: String(Date.now()) });
    await this.#notes.log("info", "A backup was made and verified.", { file, size_bytes: size });
    return { file, size_bytes: size };
  }

  /**
   * A backup as the settings say; with it made and verified, those that the schedule made before and that need not be
   * kept are deleted. Rejects as `make` does; why is kept for health.
   */
  async makeOnSchedule(
    settings: BackupSettings,
    progress: Progress,
  ): Promise<{ file: string; size_bytes: number; deleted: number }> {
    const directory = settings.directory ?? this.#paths.backups;
    try {
      // A folder elsewhere is not made: it may be a disk that is not mounted now.
      if (settings.directory === null) ensurePrivateDirectory(directory);
      const out = join(directory, scheduledName(this.#paths.dataDir, Date.now()));
      const made = await this.make(out, progress);
      const { dataDir } = this.#paths;
      const backups = scheduledBackups(dataDir, await readdir(directory));
      const old = backupsToDelete(backups, settings, Date.now());
      for (const name of old) await rm(join(directory, name), { force: true });
      await this.#notes.keep({ last_backup_error: "" });
      return { ...made, deleted: old.length };
    } catch (error) {
      const told = explain(error, "No backup was made");
      if (told instanceof WaybillError && told.code === "cancelled") throw told;
      const message = told instanceof Error ? told.message : String(told);
      await this.#notes.logDone({
        facts: { last_backup_error: message },
        log: { level: "error", message: `The backup failed. ${message}`, details: { directory } },
      });
      throw told;
    }
  }

  /** See `MessageLogger.lastScheduledBackup`. */
  async lastScheduled(directory: string | null): Promise<number | null> {
    const folder = directory ?? this.#paths.backups;
    if (!existsSync(folder)) return null;
    const stamps = scheduledBackups(this.#paths.dataDir, await readdir(folder)).map(({ ts }) => ts);
    return stamps.length === 0 ? null : Math.max(...stamps);
  }

  /** See `MessageLogger.noteBackupSchedule`. */
  async noteSchedule(everyHours: number | null): Promise<void> {
    if (this.#everyHours === everyHours) return;
    await this.#notes.keep({ backup_every_hours: everyHours === null ? "" : String(everyHours) });
    this.#everyHours = everyHours;
  }

  /** The verified backups in the data folder and in another one, newest first. */
  async list(directory: string | null): Promise<Backup[]> {
    const backups: Backup[] = [];
    const { dataDir } = this.#paths;
    for (const folder of new Set([this.#paths.backups, directory ?? this.#paths.backups])) {
      if (!existsSync(folder)) continue;
      const names = await readdir(folder);
      // A folder elsewhere may hold anything.
      const listed =
        folder === this.#paths.backups
          ? names.filter((name) => name.endsWith(".db") && !name.startsWith("."))
          : scheduledBackups(dataDir, names).map(({ name }) => name);
      for (const name of listed) {
        const file = join(folder, name);
        // Gone since, by the rotation of a host beside us.
        const found = await stat(file).catch(() => null);
        if (found === null) continue;
        backups.push({ file, created_ts: formatTime(Math.trunc(found.mtimeMs)), size_bytes: found.size });
      }
    }
    return backups.sort((a, b) => (a.created_ts < b.created_ts ? 1 : -1));
  }

  /**
   * Puts a backup in the ledger's place; the ledger as it was is kept among the backups.
   * Rejects with `not_found`, `invalid` (damaged or no ledger), `newer_ledger`; nothing is changed then.
   */
  async restore(file: string, { signal }: Progress): Promise<{ message: string; kept: string }> {
    const source = resolve(file);
    if (!existsSync(source)) throw new WaybillError("not_found", `There is no file ${source}.`);
    if (source === this.#paths.database)
      throw new WaybillError("invalid", "That is the ledger itself: choose a backup of it.");
    const { incoming, kept } = swapFiles(this.#paths, fileNameTime());
    try {
      ensurePrivateDirectory(this.#paths.backups);
      await copyDatabase(source, incoming);
      await this.#tasks.run((task) => task.call("prepareRestore", { file: incoming }), signal);
      await this.#writer.call("swap", { incoming, kept });
      await syncDirectory(this.#paths.dataDir);
    } catch (error) {
      throw explain(error, "Nothing was restored");
    } finally {
      await removeDatabase(incoming);
    }
    // Only tidies the kept file up; where it is damaged, or still open elsewhere, it stays as it was.
    await this.#tasks.run((task) => task.call("seal", { file: kept })).catch(() => {});
    await this.#notes.log("info", "A backup was restored; the ledger before it was kept.", {
      file: source,
      kept,
    });
    return { message: `Restored ${source}. The ledger as it was before is kept in ${kept}.`, kept };
  }

  /** Bytes of the database, about what a copy takes. */
  #size(): number {
    return statSync(this.#paths.database, { throwIfNoEntry: false })?.size ?? 0;
  }
}

/** What the store or the system refused, with what came of it; see `toCallerError`. */
function explain(error: unknown, outcome: string): unknown {
  const told = toCallerError(error);
  if (!(told instanceof WaybillError) || troubleOf(told) === undefined) return told;
  return new WaybillError(told.code, `${outcome}. ${told.message}`, { details: told.details, cause: error });
}

/** A database that nobody has open, with the commits that are not yet in its main file. */
async function copyDatabase(from: string, to: string): Promise<void> {
  for (const companion of ["", "-wal"]) {
    if (existsSync(from + companion)) await copyFile(from + companion, to + companion);
  }
}

async function removeDatabase(file: string): Promise<void> {
  for (const companion of [...COMPANIONS, "-journal"]) await rm(file + companion, { force: true });
}
