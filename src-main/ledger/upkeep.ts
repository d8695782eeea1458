import { existsSync, statSync } from "node:fs";
import { copyFile, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Backup, BackupSettings } from "../../src-shared/contract/upkeep.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import { formatTime, MINUTE_MS } from "../../src-shared/time.ts";
import { backupsToDelete, scheduledBackups, scheduledName } from "./backup-rotation.ts";
import { ensurePrivateDirectory, type LedgerPaths } from "./data-dir.ts";
import { assertRoomFor } from "./disk-room.ts";
import type { Entry, MetaKey } from "./entries.ts";
import { inodeOf } from "./open.ts";
import { Retention, type RetentionResult } from "./retention.ts";
import { keepDays, type RetentionPolicy } from "./retention-plan.ts";
import { toCallerError, troubleOf } from "./sqlite-errors.ts";
import { syncDirectory } from "./sync-directory.ts";
import type { PlannedCut } from "./task/retention.ts";
import { type Findings, isSound } from "./task/verify.ts";
import type { TaskThreads } from "./task-threads.ts";
import type { Progress } from "./thread-port.ts";
import { COMPANIONS, fileStamp, listUnfinished } from "./writer/store.ts";
import { swapFiles } from "./writer/swap.ts";
import type { WriterLink } from "./writer-link.ts";

/** A row that only its reader finds damaged is met with each read: not each is worth a check of everything. */
const CHECK_AGAIN_MS = MINUTE_MS;

/** What keeps a ledger well: checks, backups, restore, repair. Each says in the system log what it did. */
export class Upkeep {
  readonly #paths: LedgerPaths;
  readonly #writer: WriterLink;
  readonly #tasks: TaskThreads;
  readonly #retention: Retention;
  /** When a check that a reader's damage called for found none. */
  #soundAt = 0;
  /** What the ledger was told last; undefined before it was. */
  #backupEveryHours: number | null | undefined = undefined;

  constructor(paths: LedgerPaths, writer: WriterLink, tasks: TaskThreads) {
    this.#paths = paths;
    this.#writer = writer;
    this.#tasks = tasks;
    this.#retention = new Retention(paths, writer, tasks);
  }

  /** The full integrity check; its outcome is kept for health. Rejects with `unavailable` or `cancelled`. */
  async check({ signal }: Progress): Promise<Findings> {
    const file = this.#paths.database;
    const findings = await this.#tasks.run(
      (task) => task.call("check", { file, isIncomplete: listUnfinished(this.#paths).length > 0 }),
      signal,
    );
    const sound = isSound(findings);
    const now = String(Date.now());
    await this.#record({ last_check_ts: now, last_check_ok: sound ? "1" : "0" });
    const { chain } = findings;
    if (chain !== null) {
      const broken = chain.broken === null ? "" : JSON.stringify(chain.broken);
      await this.#record({ last_chain_ts: now, last_chain_broken: broken });
    }
    if (!sound)
      await this.#log("error", "The full integrity check found damage. Run a repair.", { ...findings });
    else if (chain?.broken)
      await this.#log("error", `The chain of records does not hold: ${chain.broken.message}.`, { ...chain });
    else await this.#log("info", "The full integrity check found nothing wrong.", { ...chain });
    return findings;
  }

  /**
   * Copies the ledger while it is in use, to a temporary name, proves the copy and only then
   * gives it its name. Rejects with `conflict` if there is such a file, `not_found` if there is no such
   * folder, `unavailable`, or `cancelled`.
   */
  async backup(out: string | undefined, progress: Progress): Promise<{ file: string; size_bytes: number }> {
    const file = resolve(out ?? join(this.#paths.backups, `ledger-${fileStamp()}.db`));
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
    await this.#record({ last_backup_ts: String(Date.now()) });
    await this.#log("info", "A backup was made and verified.", { file, size_bytes: size });
    return { file, size_bytes: size };
  }

  /**
   * A backup as the settings say; with it made and verified, those that the schedule made before and that need not be
   * kept are deleted. Rejects as `backup` does; why is kept for health.
   */
  async backupOnSchedule(
    settings: BackupSettings,
    progress: Progress,
  ): Promise<{ file: string; size_bytes: number; deleted: number }> {
    const directory = settings.directory ?? this.#paths.backups;
    try {
      // A folder elsewhere is not made: it may be a disk that is not mounted now.
      if (settings.directory === null) ensurePrivateDirectory(directory);
      const out = join(directory, scheduledName(this.#paths.dataDir, Date.now()));
      const made = await this.backup(out, progress);
      const { dataDir } = this.#paths;
      const backups = scheduledBackups(dataDir, await readdir(directory));
      const old = backupsToDelete(backups, settings, Date.now());
      for (const name of old) await rm(join(directory, name), { force: true });
      await this.#record({ last_backup_error: "" });
      return { ...made, deleted: old.length };
    } catch (error) {
      const told = explain(error, "No backup was made");
      if (told instanceof WaybillError && told.code === "cancelled") throw told;
      const message = told instanceof Error ? told.message : String(told);
      await this.#logDone({
        facts: { last_backup_error: message },
        log: { level: "error", message: `The backup failed. ${message}`, details: { directory } },
      });
      throw told;
    }
  }

  async lastScheduledBackup(directory: string | null): Promise<number | null> {
    const folder = directory ?? this.#paths.backups;
    if (!existsSync(folder)) return null;
    const stamps = scheduledBackups(this.#paths.dataDir, await readdir(folder)).map(({ ts }) => ts);
    return stamps.length === 0 ? null : Math.max(...stamps);
  }

  async noteBackupSchedule(everyHours: number | null): Promise<void> {
    if (this.#backupEveryHours === everyHours) return;
    await this.#record({ backup_every_hours: everyHours === null ? "" : String(everyHours) });
    this.#backupEveryHours = everyHours;
  }

  /** The verified backups in the data folder and in another one, newest first. */
  async listBackups(directory: string | null): Promise<Backup[]> {
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
    const { incoming, kept } = swapFiles(this.#paths, fileStamp());
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
    await this.#log("info", "A backup was restored; the ledger before it was kept.", { file: source, kept });
    return { message: `Restored ${source}. The ledger as it was before is kept in ${kept}.`, kept };
  }

  /**
   * Mends what can be mended in place; else sets the damaged file aside and brings every readable row into a
   * new one, and those that an earlier repair left. Rejects with `unavailable` or `cancelled`.
   */
  async repair(progress: Progress): Promise<{ message: string }> {
    const found = inodeOf(this.#paths.database);
    const before = await this.check(progress);
    const messages: string[] = [];
    if (await this.#mendInPlace(before, progress)) {
      const after = await this.check(progress);
      const message = `${mended(before, after)}; indexes, statistics and the search index were made anew.`;
      await this.#log(isSound(after) ? "info" : "error", message, { before, after });
      messages.push(message);
    } else {
      // Whoever met the damage as well may have set it aside: what is there then is sound, and takes the rows back.
      await this.#writer.call("setAside", found);
    }
    const files = await this.#writer.call("unfinished", undefined);
    for (const file of files) messages.push(await this.salvage(file, progress));
    if (files.length > 0) await this.check(progress);
    return { message: messages.join(" ") };
  }

  /** Someone met damage while reading: where a full check finds it too, it is repaired. Rejects as `repair` does. */
  async repairIfDamaged(): Promise<void> {
    if (Date.now() - this.#soundAt < CHECK_AGAIN_MS) return;
    const { damage } = await this.check({});
    if (damage.length > 0) await this.repair({});
    else this.#soundAt = Date.now();
  }

  /**
   * Brings every readable row of a database that was set aside into the ledger; again where it was not
   * finished. Rejects with `unavailable` or `cancelled`: the rest comes with the next start.
   */
  async salvage(file: string, progress: Progress): Promise<string> {
    const counts = await this.#writer.call("salvage", { file }, progress);
    if (counts === null) {
      const message = `Nothing could be read from the damaged database; it is kept in ${file}.`;
      await this.#log("error", message, { file });
      return message;
    }
    const message =
      `${counts.messages} messages, ${counts.events} status changes, ${counts.sessions} sessions and ` +
      `${counts.systemLogs} system logs came back; ${counts.unreadable} rows could not be read. ` +
      `The damaged file is kept in ${file}.`;
    await this.#log(counts.unreadable === 0 ? "info" : "warning", message, { file, ...counts });
    return message;
  }

  async vacuum(progress: Progress): Promise<{ freed_bytes: number }> {
    const freed = await this.#writer.call("vacuum", null, progress);
    await this.#record({ last_vacuum_ts: String(Date.now()) });
    await this.#log("info", "Free space was given back to the disk.", { freed_bytes: freed });
    return { freed_bytes: freed };
  }

  /** Deletes messages, sessions and system logs that are older. Rejects with `unavailable`, `conflict` or `cancelled`. */
  async prune(days: number, delete_unsent: boolean, progress: Progress): Promise<number> {
    const { deleted } = await this.#retention.apply({ ...keepDays(days), delete_unsent }, progress);
    const message = `${deleted} messages older than ${days} days were deleted.`;
    await this.#logDone({ log: { message, details: { deleted, days } } });
    return deleted;
  }

  /** What `retain` would delete now. Rejects with `unavailable` or `cancelled`. */
  planRetention(policy: RetentionPolicy, progress: Progress): Promise<PlannedCut[]> {
    return this.#retention.plan(policy, progress);
  }

  /** Deletes what a policy does not keep; its outcome is kept for health. Rejects with `unavailable`, `conflict` or `cancelled`. */
  async retain(policy: RetentionPolicy, progress: Progress): Promise<RetentionResult> {
    try {
      const result = await this.#retention.apply(policy, progress);
      await this.#logDone({
        facts: { last_retention_ts: String(Date.now()), last_retention_error: "" },
        log: { message: `Retention deleted ${result.deleted} messages.`, details: { ...result } },
      });
      return result;
    } catch (error) {
      if (error instanceof WaybillError && error.code === "cancelled") throw error;
      const message = error instanceof WaybillError ? error.message : String(error);
      await this.#logDone({
        facts: { last_retention_error: message },
        log: { level: "error", message: `Retention failed. ${message}`, details: { error: String(error) } },
      });
      throw error;
    }
  }

  /** Bytes of the database, about what a copy takes. */
  #size(): number {
    return statSync(this.#paths.database, { throwIfNoEntry: false })?.size ?? 0;
  }

  /** Whether new indexes and statistics are all that it takes. A rebuild that meets a damaged page is an answer too. */
  async #mendInPlace(before: Findings, { signal }: Progress): Promise<boolean> {
    try {
      await this.#writer.call("rebuild", undefined);
    } catch (error) {
      if (before.damage.length === 0 || !isDamage(error)) throw error;
      return false;
    }
    if (before.damage.length === 0) return true;
    const file = this.#paths.database;
    const after = await this.#tasks.run(
      (task) => task.call("check", { file, isIncomplete: listUnfinished(this.#paths).length > 0 }),
      signal,
    );
    return after.damage.length === 0;
  }

  async #record(facts: Partial<Record<MetaKey, string>>): Promise<void> {
    const entries = Object.entries(facts).map(
      ([key, value]): Entry => ({ op: "meta", at: Date.now(), key: key as MetaKey, value }),
    );
    await this.#writer.submit(entries);
  }

  /** What was done stays done where there is no room left to write it down; health tells of that. */
  async #logDone({
    facts = {},
    log: { level = "info", message, details },
  }: {
    facts?: Partial<Record<MetaKey, string>>;
    log: { level?: "info" | "error"; message: string; details: Record<string, unknown> };
  }): Promise<void> {
    await Promise.allSettled([this.#record(facts), this.#log(level, message, details)]);
  }

  async #log(
    level: "info" | "warning" | "error",
    message: string,
    details: Record<string, unknown>,
  ): Promise<void> {
    const entry: Entry = {
      op: "system_log",
      at: Date.now(),
      level,
      component: "ledger",
      message,
      details: JSON.stringify(details),
    };
    await this.#writer.submit([entry]);
  }
}

function mended(before: Findings, after: Findings): string {
  if (!isSound(after)) return "Not all could be mended, see the full check's findings";
  return isSound(before) ? "No damage was found" : "What was wrong is mended";
}

/** Whether a rebuild failed because of what it found, and not because it could not be done now. */
function isDamage(error: unknown): boolean {
  return !(error instanceof WaybillError) || troubleOf(error) === "corrupt";
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
