import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { type Settings, settingsSchema } from "../../src-shared/contract/upkeep.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import { ensurePrivateDirectory } from "../ledger/data-dir.ts";
import { errnoOf, replaceFile } from "./atomic-file.ts";
import { withFileLock } from "./file-lock.ts";
import { daysOf, withDays } from "./retention-days.ts";

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
    return this.update(() => changes);
  }

  /** As `set`, with changes made from what is there. Throws what `make` throws, with nothing changed. */
  update(make: (settings: Settings) => SettingsChanges): Promise<Settings> {
    const written = this.#writing.then(() => this.#lockAndWrite(make));
    // One after the other, also after one that failed: its own caller gets to know.
    this.#writing = written.catch(() => undefined);
    return written;
  }

  async #lockAndWrite(make: (settings: Settings) => SettingsChanges): Promise<Settings> {
    try {
      ensurePrivateDirectory(join(this.path, ".."));
      // Other processes change the same file: none may write what it read before another one wrote.
      return await withFileLock(`${this.path}.lock`, async () => {
        const before = await this.#read();
        return this.#write(before, make(this.#settingsIn(before)));
      });
    } catch (error) {
      if (error instanceof WaybillError) throw error;
      throw this.#notWritten(error);
    }
  }

  #notWritten(cause: unknown): WaybillError {
    return new WaybillError(
      "cannot_accept",
      `The settings can't be written to ${this.path}. Give its folder write permission and some space, and try again.`,
      { cause },
    );
  }

  async #write(before: Contents, changes: SettingsChanges): Promise<Settings> {
    const { retention_days: days, ...others } = changes;
    const given = Object.entries(others).filter(([, value]) => value !== undefined);
    const contents: Contents = { ...before, ...Object.fromEntries(given) };
    if (days !== undefined || changes.retention !== undefined) {
      const retention = changes.retention ?? this.#settingsIn(before).retention;
      contents.retention = days === undefined ? retention : withDays(retention, days);
      // Once read as a rule; left here it would come back.
      delete contents.retention_days;
    }
    await replaceFile(this.path, `${JSON.stringify(contents, null, 2)}\n`);
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
    const { retention_days: days, ...parsed } = settingsSchema.parse(settings);
    // From before there were rules.
    const retention = days === null ? parsed.retention : withDays(parsed.retention, days);
    return { ...parsed, retention, retention_days: daysOf(retention) };
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
