import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { WaybillError } from "../../src-shared/errors.ts";
import { HOUR_MS, MINUTE_MS } from "../../src-shared/time.ts";
import { ensurePrivateDirectory } from "../ledger/data-dir.ts";
import { isRetentionExport } from "../ledger/retention.ts";
import { errnoOf } from "./atomic-file.ts";

const KEPT_MS = HOUR_MS;
const SWEEP_MS = 10 * MINUTE_MS;

/**
 * Files that a browser fetches or brings: finished exports, and uploads on their way in. They
 * are copies of the ledger's content, so they are private and do not stay for more than an hour.
 */
export class ReportFiles {
  readonly directory: string;
  readonly #onTrouble: (sentence: string) => void;
  readonly #finished = new Map<string, { path: string; name: string }>();
  readonly #own = new Set<string>();
  #timer: NodeJS.Timeout | null = null;

  constructor(dataDir: string, onTrouble: (sentence: string) => void) {
    this.directory = join(dataDir, "exports");
    this.#onTrouble = onTrouble;
  }

  /** Removes what a host that was killed left, and goes on doing so. */
  async start(): Promise<void> {
    this.#timer = setInterval(() => void this.#sweep(), SWEEP_MS).unref();
    await this.#sweep();
  }

  /** Makes the folder where it is missing. Throws `cannot_accept`. */
  prepare(): void {
    try {
      ensurePrivateDirectory(this.directory);
    } catch (error) {
      throw new WaybillError(
        "cannot_accept",
        `${this.directory} can't be written (${errnoOf(error)}). Give the data folder write permission.`,
        { cause: error },
      );
    }
  }

  /** A path for a new file of this host. Throws as `prepare` does. */
  newPath(name: string): string {
    this.prepare();
    const path = join(this.directory, name);
    this.#own.add(path);
    return path;
  }

  /** Offers a finished file to be fetched once under the job's id. */
  offer(jobId: string, path: string, name: string): void {
    this.#finished.set(jobId, { path, name });
  }

  find(jobId: string): { path: string; name: string } | undefined {
    return this.#finished.get(jobId);
  }

  async remove(path: string): Promise<void> {
    // First, so that nobody finds what is about to go.
    for (const [jobId, file] of this.#finished) {
      if (file.path === path) this.#finished.delete(jobId);
    }
    await rm(path, { force: true });
    this.#own.delete(path);
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    for (const path of [...this.#own]) await this.#tryRemove(path);
  }

  /** Other hosts use the folder too: what is young may be theirs. */
  async #sweep(): Promise<void> {
    let names: string[];
    try {
      names = await readdir(this.directory);
    } catch (error) {
      if (errnoOf(error) !== "ENOENT" && errnoOf(error) !== "ENOTDIR") this.#tell(this.directory, error);
      return;
    }
    for (const name of names) {
      // What retention wrote before it deleted is the operator's to keep.
      if (isRetentionExport(name)) continue;
      const path = join(this.directory, name);
      const found = await stat(path).catch(() => null);
      if (found !== null && Date.now() - found.mtimeMs > KEPT_MS) await this.#tryRemove(path);
    }
  }

  async #tryRemove(path: string): Promise<void> {
    try {
      await this.remove(path);
    } catch (error) {
      this.#tell(path, error);
    }
  }

  #tell(path: string, error: unknown): void {
    this.#onTrouble(`${path} can't be cleaned up (${errnoOf(error) ?? String(error)}).`);
  }
}
