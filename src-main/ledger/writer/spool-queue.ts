import { createHash } from "node:crypto";
import { appendFileSync, existsSync, statSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { ensurePrivateDirectory, type LedgerPaths } from "../data-dir.ts";
import type { Entry, EntryResult } from "../entries.ts";
import { classifyTrouble } from "../sqlite-errors.ts";
import {
  isAbandoned,
  listSpool,
  release,
  removeSpoolFile,
  type SpoolFile,
  takeOver,
  touch,
} from "./spool-files.ts";
import { MOST_CHUNK_BYTES, readSpool, type SpoolLimit, spoolEntries } from "./spool-reader.ts";
import { SpoolWriter } from "./spool-writer.ts";
import type { Store } from "./store.ts";

const SLICE: SpoolLimit = { lines: 1_000, bytes: MOST_CHUNK_BYTES };
/** With its log it takes twice as much, at the cost of what is kept for deleting. */
const SMALL_SLICE: SpoolLimit = { lines: 1_000, bytes: 128 * 1024 };
/** Ids kept to know what a status report is about; past it such reports can't be decided until the spool is drained. */
const MAX_HELD_IDS = 1_000_000;

type Commit = (entries: readonly Entry[], alongside: () => void) => EntryResult[];

/** What the operator should know of records that could not be replayed. */
export type SpoolNote = { message: string; details: Record<string, unknown> };

/** The file was taken over, or a restored ledger knows another position, between our look and our lock. */
class ReplayRacedError extends Error {
  override readonly name = "ReplayRacedError";
}

/** Where to spool, the first that can be written: with the data folder itself out of reach, near the user's home. */
function spoolDirectories(paths: LedgerPaths): string[] {
  const name = createHash("sha256").update(paths.dataDir).digest("hex").slice(0, 16);
  const directories = [paths.spool];
  try {
    directories.push(join(homedir(), ".waybill-spool", name));
  } catch {
    // A user without a home, as in some containers.
  }
  return [...directories, join(tmpdir(), `waybill-spool-${process.getuid?.() ?? "user"}-${name}`)];
}

function fileSize(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

/** In a folder that everyone may write to, someone else could have put ours there. */
function belongsToOther(directory: string): boolean {
  const found = statSync(directory, { throwIfNoEntry: false });
  return found !== undefined && process.getuid !== undefined && found.uid !== process.getuid();
}

/** All that waits in spool files, of this writer and of those that died before theirs was replayed. */
export class SpoolQueue {
  readonly #owner: string;
  readonly #quarantine: string;
  readonly #writers: readonly SpoolWriter[];
  readonly #held = new Set<string>();
  #heldAll = true;
  /** What waits in each file of the backlog, by its key. */
  readonly #waiting = new Map<string, Waiting>();
  #backlog: SpoolFile[] = [];
  /** The damaged lines set aside last, so that a slice tried again does not set them aside twice. */
  #setAside = "";

  /** `owner` names the files of one logger; its next writer goes on with them when this one dies. */
  constructor(paths: LedgerPaths, owner: string) {
    this.#owner = owner;
    this.#quarantine = paths.quarantine;
    this.#writers = spoolDirectories(paths).map(
      (directory) => new SpoolWriter(directory, owner, directory === paths.spool),
    );
    this.discover();
  }

  hasBacklog(): boolean {
    return this.#backlog.length > 0;
  }

  /** Whether what is replayed next lies beside the database, and not in one of the last resorts. */
  isInDataFolder(): boolean {
    return this.#backlog[0]?.directory === this.#writers[0]?.directory;
  }

  /** Whether a message or session waits here; undefined where that is not known for certain. */
  holds(id: string): boolean | undefined {
    if (this.#held.has(id)) return true;
    return this.#heldAll ? false : undefined;
  }

  /** Throws the system's error when no folder takes the entries, or `ENOSPC` at once: another folder is no remedy. */
  append(entries: readonly Entry[]): void {
    let first: unknown;
    for (const [index, writer] of this.#writers.entries()) {
      try {
        if (index > 0 && belongsToOther(writer.directory)) continue;
        this.#appendTo(writer, entries);
        return;
      } catch (error) {
        first ??= error;
        if (classifyTrouble(error) === "full") throw error;
      }
    }
    throw first;
  }

  measure(): {
    spooled: number;
    spooledMessages: number;
    spoolFiles: number;
    spoolBytes: number;
    spoolDirectory: string;
  } {
    const waiting = [...this.#waiting.values()];
    const [first] = this.#backlog;
    return {
      spooled: waiting.reduce((sum, { entries }) => sum + entries, 0),
      spooledMessages: waiting.reduce((sum, { messages }) => sum + messages, 0),
      spoolFiles: this.#backlog.length,
      spoolBytes: this.#backlog.reduce((sum, { path }) => sum + fileSize(path), 0),
      spoolDirectory: first?.directory ?? this.#writers[0]?.directory ?? "",
    };
  }

  /** Looks for files that wait: our own, and abandoned ones, which become our own. True if there are any. */
  discover(): boolean {
    const backlog: SpoolFile[] = [];
    for (const { directory } of this.#writers) {
      for (const found of this.#list(directory)) {
        if (found.owner === this.#owner) backlog.push(touch(found));
        else if (isAbandoned(found)) {
          const taken = takeOver(found, this.#owner);
          if (taken !== null) backlog.push(taken);
        }
      }
    }
    this.#backlog = backlog.sort((a, b) => (a.key < b.key ? -1 : 1));
    const keys = new Set(backlog.map(({ key }) => key));
    for (const key of this.#waiting.keys()) if (!keys.has(key)) this.#waiting.delete(key);
    for (const file of backlog) if (!this.#waiting.has(file.key)) this.#learn(file);
    if (backlog.length === 0) {
      this.#held.clear();
      this.#heldAll = true;
    }
    return this.hasBacklog();
  }

  /**
   * Replays one slice of the oldest file. The file's position moves in the transaction that brings the rows,
   * so a crash repeats none. A slice is small where the disk is short of room. Gives what the operator is to be told; null where the file was taken over or away.
   * Throws SQLite's or the system's error.
   */
  replaySlice(store: Store, commit: Commit, isShortOfRoom: boolean): SpoolNote[] | null {
    const [file] = this.#backlog;
    if (file === undefined) return [];
    if (!existsSync(file.path)) {
      this.discover();
      return null;
    }
    const position = readPosition(store, file);
    const { entries, damaged, lost, isLostExact, next, end } = readSpool(
      file.path,
      position,
      isShortOfRoom ? SMALL_SLICE : SLICE,
    );
    if (damaged.length > 0 && this.#setAside !== `${file.key}:${position}`) {
      this.#keepAside(file, "damaged", damaged);
      this.#setAside = `${file.key}:${position}`;
    }
    let results: EntryResult[];
    try {
      results = commit(entries, () => {
        if (readPosition(store, file) !== position || !existsSync(file.path)) throw new ReplayRacedError();
        writePosition(store, file, next);
      });
    } catch (error) {
      if (!(error instanceof ReplayRacedError)) throw error;
      this.discover();
      return null;
    }
    this.#count(file, -(entries.length + lost), -countMessages(entries));
    const notes: SpoolNote[] = [];
    const about = isLostExact ? "" : "About ";
    if (lost > 0) notes.push(note(file, lost, "were damaged on the disk", about));
    const refused = entries.filter((_, index) => isRefusal(results[index]));
    if (refused.length > 0) {
      this.#keepAside(
        file,
        "refused",
        refused.map((entry) => JSON.stringify(entry)),
      );
      notes.push(note(file, refused.length, "have no place in the database"));
    }
    if (end) this.#finish(store, file);
    return notes;
  }

  /** What still waits is left to whoever opens the ledger next. */
  close(): void {
    for (const writer of this.#writers) writer.close();
    for (const file of this.#backlog) release(file);
  }

  #appendTo(writer: SpoolWriter, entries: readonly Entry[]): void {
    const before = writer.path;
    writer.append(entries);
    for (const entry of entries) this.#hold(entry);
    if (writer.path !== before) this.discover();
    else {
      const file = this.#backlog.find(({ path }) => path === writer.path);
      if (file !== undefined) this.#count(file, entries.length, countMessages(entries));
    }
  }

  /** Adds to what waits in a file. */
  #count(file: SpoolFile, entries: number, messages: number): void {
    const waiting = this.#waiting.get(file.key);
    this.#waiting.set(file.key, {
      entries: Math.max(0, (waiting?.entries ?? 0) + entries),
      messages: Math.max(0, (waiting?.messages ?? 0) + messages),
    });
  }

  /** Reads a file that was not known before: how much waits there, and about what. */
  #learn(file: SpoolFile): void {
    const waiting: Waiting = { entries: 0, messages: 0 };
    try {
      for (const entry of spoolEntries(file.path)) {
        this.#hold(entry);
        waiting.entries += 1;
        if (entry.op === "message") waiting.messages += 1;
      }
    } catch {
      // Out of reach now: what it holds can't be told.
      this.#heldAll = false;
    }
    this.#waiting.set(file.key, waiting);
  }

  #hold(entry: Entry): void {
    if (entry.op !== "message" && entry.op !== "session") return;
    if (this.#held.size >= MAX_HELD_IDS) {
      this.#heldAll = false;
      return;
    }
    if (entry.op === "session") this.#held.add(entry.session.session_id);
    else {
      this.#held.add(entry.message.message_uuid);
      if (entry.message.session_id !== null) this.#held.add(entry.message.session_id);
    }
  }

  #finish(store: Store, file: SpoolFile): void {
    for (const writer of this.#writers) {
      if (writer.path === file.path) writer.close();
    }
    removeSpoolFile(file.path);
    this.discover();
    // After the file, so that a position that is missing never means a file that was replayed.
    store.database.prepare("DELETE FROM spool_positions WHERE file = ?").run(file.key);
  }

  #keepAside(file: SpoolFile, why: "damaged" | "refused", lines: readonly string[]): void {
    ensurePrivateDirectory(this.#quarantine);
    const target = join(this.#quarantine, `spool-${file.key}.${why}`);
    appendFileSync(target, `${lines.join("\n")}\n`, { mode: 0o600, flush: true });
  }

  #list(directory: string): SpoolFile[] {
    try {
      return directory !== this.#writers[0]?.directory && belongsToOther(directory)
        ? []
        : listSpool(directory);
    } catch {
      // Out of reach now; it is looked at again with the next try.
      return this.#backlog.filter((file) => file.directory === directory);
    }
  }
}

type Waiting = { entries: number; messages: number };

function countMessages(entries: readonly Entry[]): number {
  return entries.filter(({ op }) => op === "message").length;
}

/** An entry that was accepted once but has no place in the ledger, such as a report about a message that is gone. */
function isRefusal(result: EntryResult | undefined): boolean {
  return result?.outcome === "refused" || result?.outcome === "unknown";
}

function readPosition(store: Store, file: SpoolFile): number {
  return Number(
    store.database.prepare("SELECT position FROM spool_positions WHERE file = ?").pluck().get(file.key) ?? 0,
  );
}

function writePosition(store: Store, file: SpoolFile, position: number): void {
  store.database
    .prepare("INSERT OR REPLACE INTO spool_positions (file, position) VALUES (?, ?)")
    .run(file.key, position);
}

function note(file: SpoolFile, records: number, what: string, about = ""): SpoolNote {
  return {
    message: `${about}${records} records in the spool ${what}; they were set aside in quarantine/.`,
    details: { file: file.key, records },
  };
}
