import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import {
  type PreferenceChanges,
  type Preferences,
  preferencesSchema,
} from "../../src-shared/desktop-bridge.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import { errnoOf, replaceFile } from "../api/atomic-file.ts";

const placeSchema = z.object({
  x: z.int(),
  y: z.int(),
  width: z.int().positive(),
  height: z.int().positive(),
  maximized: z.boolean(),
});
/** Where the window was when it closed. */
export type LastPlace = z.infer<typeof placeSchema>;

const deferralSchema = z.object({ version: z.string(), until_ts: z.iso.datetime() });
/** An update that the operator does not want to hear of for a while. */
export type Deferral = z.infer<typeof deferralSchema>;

const contentsSchema = z.object({
  ...preferencesSchema.shape,
  window: placeSchema.nullable().default(null),
  deferred_update: deferralSchema.nullable().default(null),
});
type Contents = z.infer<typeof contentsSchema>;

/** `desktop/preferences.json`. What can't be read has its default: a window must come up whatever is in it. */
export class PreferencesFile {
  readonly #path: string;
  #contents: Contents;
  #writing: Promise<void> = Promise.resolve();

  private constructor(path: string, contents: Contents) {
    this.#path = path;
    this.#contents = contents;
  }

  static async open(path: string): Promise<PreferencesFile> {
    return new PreferencesFile(path, readContents(await readFile(path, "utf8").catch(() => "{}")));
  }

  get preferences(): Preferences {
    return preferencesSchema.parse(this.#contents);
  }

  get lastPlace(): LastPlace | null {
    return this.#contents.window;
  }

  get deferral(): Deferral | null {
    return this.#contents.deferred_update;
  }

  /** They hold from now on; rejects with `cannot_accept` where they can't be kept for the next start. */
  async set(changes: PreferenceChanges): Promise<Preferences> {
    const given = Object.entries(changes).filter(([, value]) => value !== undefined);
    this.#contents = { ...this.#contents, ...Object.fromEntries(given) };
    await this.#write();
    return this.preferences;
  }

  /** Rejects as `set` does. */
  async setLastPlace(window: LastPlace): Promise<void> {
    this.#contents = { ...this.#contents, window };
    await this.#write();
  }

  /** Rejects as `set` does. */
  async setDeferral(deferred_update: Deferral): Promise<void> {
    this.#contents = { ...this.#contents, deferred_update };
    await this.#write();
  }

  #write(): Promise<void> {
    // One after the other; one that failed was told to its own caller.
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#writeNow());
    return this.#writing;
  }

  async #writeNow(): Promise<void> {
    try {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
      await replaceFile(this.#path, `${JSON.stringify(this.#contents, null, 2)}\n`);
    } catch (cause) {
      throw new WaybillError(
        "cannot_accept",
        `The preferences can't be kept in ${this.#path} (${errnoOf(cause)}): they hold until Waybill quits.`,
        { cause },
      );
    }
  }
}

function readContents(text: string): Contents {
  const contents: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(contentsSchema.shape)) {
    const parsed = schema.safeParse(fieldsOf(text)[key]);
    if (parsed.success) contents[key] = parsed.data;
  }
  return contentsSchema.parse(contents);
}

function fieldsOf(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
