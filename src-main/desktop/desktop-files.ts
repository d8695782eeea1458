import { randomUUID } from "node:crypto";
import { copyFile, open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Job } from "../../src-shared/contract/upkeep.ts";
import type { BridgeImport, NamedFile } from "../../src-shared/desktop-bridge.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import { errnoOf } from "../api/atomic-file.ts";
import type { Core } from "../api/core.ts";
import { importTask } from "../api/import-job.ts";
import { parseMap } from "../transfer/column-map.ts";

/** Enough for a header and a few rows. */
const PREVIEW_BYTES = 256 * 1024;

export type FileDialogs = {
  /** Null where the user gave up. */
  askWhereToSave: (name: string) => Promise<string | null>;
  showInFolder: (path: string) => void;
};

/**
 * Files of the user's that Waybill was given or wrote. The page names them by a number: it can neither
 * write to a path of its own nor have one shown.
 */
export class DesktopFiles {
  readonly #core: Pick<Core, "ledger" | "files" | "jobs">;
  readonly #dialogs: FileDialogs;
  readonly #opened = new Map<string, string>();
  readonly #saved = new Map<string, string>();

  constructor(core: Pick<Core, "ledger" | "files" | "jobs">, dialogs: FileDialogs) {
    this.#core = core;
    this.#dialogs = dialogs;
  }

  /** Remembers a file that the user wants to import. */
  offer(path: string): NamedFile {
    return remember(this.#opened, path);
  }

  /** Remembers a file that Waybill wrote where the user said. */
  noteSaved(path: string): NamedFile {
    return remember(this.#saved, path);
  }

  /** Throws `not_found` for a path that leads to no file, `invalid` for a map that is none. */
  async importPath(path: string, { format, map, channel }: BridgeImport): Promise<Job> {
    const found = path === "" ? null : await stat(path).catch(() => null);
    if (found === null || !found.isFile()) {
      throw new WaybillError("not_found", `${basename(path) || "This"} is no file that can be read.`);
    }
    const task = importTask(this.#core, path, {
      name: basename(path),
      format,
      map: map === "" ? {} : parseMap(map),
      ...(channel === "" ? {} : { channel }),
    });
    return this.#core.jobs.start(task);
  }

  importOpened(fileId: string, options: BridgeImport): Promise<Job> {
    return this.importPath(known(this.#opened, fileId), options);
  }

  /** Throws `not_found` where it is not there any more. */
  async readOpened(fileId: string): Promise<Uint8Array> {
    const path = known(this.#opened, fileId);
    try {
      await using file = await open(path, "r");
      const { buffer, bytesRead } = await file.read(new Uint8Array(PREVIEW_BYTES), 0, PREVIEW_BYTES, 0);
      return buffer.slice(0, bytesRead);
    } catch (cause) {
      throw new WaybillError("not_found", `${basename(path)} can't be read (${errnoOf(cause)}).`, { cause });
    }
  }

  /** Null where the user gave up. Throws `not_found` and `cannot_accept`; the report can be asked for again then. */
  async saveJobFile(jobId: string): Promise<NamedFile | null> {
    const file = this.#core.files.find(jobId);
    if (file === undefined)
      throw new WaybillError("not_found", "This file was saved already or is too old. Export it again.");
    const target = await this.#dialogs.askWhereToSave(file.name);
    if (target === null) return null;
    await writeWhole(target, (path) => copyFile(file.path, path));
    await this.#core.files.remove(file.path);
    return this.noteSaved(target);
  }

  /** Throws `not_found` for what Waybill did not write. */
  showSaved(fileId: string): null {
    this.#dialogs.showInFolder(known(this.#saved, fileId));
    return null;
  }
}

/** Puts a file in place whole or not at all. Throws `cannot_accept`. */
export async function writeWhole(target: string, write: (path: string) => Promise<void>): Promise<void> {
  const temporary = join(dirname(target), `.${basename(target)}.${randomUUID()}.part`);
  try {
    await write(temporary);
    await rename(temporary, target);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw new WaybillError(
      "cannot_accept",
      `${target} can't be written (${errnoOf(cause)}). Choose another folder, or free some space.`,
      { cause },
    );
  }
}

function remember(files: Map<string, string>, path: string): NamedFile {
  const file_id = randomUUID();
  files.set(file_id, path);
  return { file_id, name: basename(path) };
}

function known(files: ReadonlyMap<string, string>, fileId: string): string {
  const path = files.get(fileId);
  if (path === undefined) throw new WaybillError("not_found", "This file is not known. Choose it again.");
  return path;
}
