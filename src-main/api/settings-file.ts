import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { type Settings, settingsSchema } from "../../src-shared/contract/upkeep.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import { ensurePrivateDirectory } from "../ledger/data-dir.ts";
import { errnoOf, replaceFile } from "./atomic-file.ts";

type Contents = Record<string, unknown>;

/** What is left out, or undefined, stays as it is. */
export type SettingsChanges = { [K in keyof Settings]?: Settings[K] | undefined };

/**
 * `config.json`: settings without secrets. It is read whenever it is asked, so that a change by
 * another process or by hand counts; keys that this version does not know are kept.
 */
export class SettingsFile {
  readonly path: string;
  readonly #onTrouble: (sentence: string) => void;
  readonly #told = new Set<string>();
  #writing: Promise<unknown> = Promise.resolve();

  constructor(dataDir: string, onTrouble: (sentence: string) => void) {
    this.path = join(dataDir, "config.json");
    this.#onTrouble = onTrouble;
  }

  /** Never rejects: what can't be read has its default, and the trouble is told once. */
  async get(): Promise<Settings> {
    return this.#settingsIn(await this.#read());
  }

  /** Throws `cannot_accept` where the file can't be written; nothing has changed then. */
  set(changes: SettingsChanges): Promise<Settings> {
    const written = this.#writing.then(() => this.#write(changes));
    // One after the other, also after one that failed: its own caller gets to know.
    this.#writing = written.catch(() => undefined);
    return written;
  }

  async #write(changes: SettingsChanges): Promise<Settings> {
    const given = Object.entries(changes).filter(([, value]) => value !== undefined);
    const contents = { ...(await this.#read()), ...Object.fromEntries(given) };
    try {
      ensurePrivateDirectory(join(this.path, ".."));
      await replaceFile(this.path, `${JSON.stringify(contents, null, 2)}\n`);
    } catch (error) {
      throw new WaybillError(
        "cannot_accept",
        `The settings can't be written to ${this.path}. Give its folder write permission and some space, and try again.`,
        { cause: error },
      );
    }
    return this.#settingsIn(contents);
  }

  async #read(): Promise<Contents> {
    let text: string;
    try {
      text = await readFile(this.path, "utf8");
    } catch (error) {
      if (errnoOf(error) !== "ENOENT" && errnoOf(error) !== "ENOTDIR") {
        this.#tell(`${this.path} can't be read (${errnoOf(error)}): the defaults are used.`);
      }
      return {};
    }
    const contents = parseObject(text);
    return contents ?? (await this.#setAside());
  }

  async #setAside(): Promise<Contents> {
    const aside = `${this.path}.bad-${new Date().toISOString().replaceAll(":", "-")}`;
    try {
      await rename(this.path, aside);
      this.#tell(`${this.path} is not a JSON object. It was set aside as ${aside}; the defaults are used.`);
    } catch (error) {
      // Another process was quicker to set it aside.
      if (errnoOf(error) !== "ENOENT") {
        this.#tell(`${this.path} is not a JSON object and can't be set aside (${errnoOf(error)}).`);
      }
    }
    return {};
  }

  #settingsIn(contents: Contents): Settings {
    const settings: Contents = {};
    for (const [key, schema] of Object.entries(settingsSchema.shape)) {
      const parsed = schema.safeParse(contents[key]);
      if (parsed.success) settings[key] = parsed.data;
      else
        this.#tell(
          `${key} in ${this.path} is not valid: its default is used. Correct it with: waybill config set ${key}`,
        );
    }
    return settingsSchema.parse(settings);
  }

  #tell(sentence: string): void {
    if (this.#told.has(sentence)) return;
    this.#told.add(sentence);
    this.#onTrouble(sentence);
  }
}

function parseObject(text: string): Contents | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Contents) : null;
  } catch {
    return null;
  }
}
