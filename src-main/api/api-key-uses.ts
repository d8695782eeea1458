import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { formatTime, MINUTE_MS, SECOND_MS } from "../../src-shared/time.ts";
import { errnoOf, replaceFile } from "./atomic-file.ts";
import { withFileLock } from "./file-lock.ts";

/** The first use is seen soon, and what follows costs no more than one small file in a minute. */
const SOON_MS = SECOND_MS;
const EVERY_MS = MINUTE_MS;

const usesSchema = z.record(z.string(), z.string());
type Uses = z.infer<typeof usesSchema>;

/**
 * When each key was last used, by its id, in `api-keys-used.json`. Apart from the keys, so that no use is a write to
 * them; what a host that dies had not written yet is lost, and nothing else.
 */
export class ApiKeyUses {
  readonly #path: string;
  readonly #onTrouble: (sentence: string) => void;
  readonly #fresh = new Map<string, number>();
  #written = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | null = null;
  #troubled = false;

  constructor(dataDir: string, onTrouble: (sentence: string) => void) {
    this.#path = join(dataDir, "api-keys-used.json");
    this.#onTrouble = onTrouble;
  }

  note(id: string): void {
    const now = Date.now();
    this.#fresh.set(id, now);
    const wait = Math.max(SOON_MS, this.#written + EVERY_MS - now);
    this.#timer ??= setTimeout(() => void this.#write(), wait).unref();
  }

  /** What was written last. Never rejects: a file that is not right knows of no use. */
  async read(): Promise<Uses> {
    try {
      return usesSchema.parse(JSON.parse(await readFile(this.#path, "utf8")));
    } catch {
      return {};
    }
  }

  async close(): Promise<void> {
    if (this.#fresh.size > 0) await this.#write();
  }

  /** Never rejects: nothing depends on it. */
  async #write(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#written = Date.now();
    const fresh = [...this.#fresh];
    this.#fresh.clear();
    try {
      await withFileLock(`${this.#path}.lock`, async () => {
        const uses = await this.read();
        for (const [id, ms] of fresh) {
          const ts = formatTime(ms);
          if (ts > (uses[id] ?? "")) uses[id] = ts;
        }
        await replaceFile(this.#path, `${JSON.stringify(uses, null, 2)}\n`);
      });
    } catch (error) {
      if (!this.#troubled)
        this.#onTrouble(
          `When API keys were last used can't be written to ${this.#path} (${errnoOf(error)}).`,
        );
      this.#troubled = true;
    }
  }
}
