import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { WaybillError } from "../../src-shared/errors.ts";
import { ensurePrivateDirectory } from "../ledger/data-dir.ts";
import { createFile, errnoOf, replaceFile } from "./atomic-file.ts";
import { fileStamp } from "./file-stamp.ts";

const TOKEN_BYTES = 32;

export function randomSecret(): string {
  return randomBytes(TOKEN_BYTES).toString("base64url");
}

/** Compares in a time that tells nothing about where they differ, nor of their lengths. */
export function secretsEqual(left: string, right: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}

/** The API token of a data directory, shared by every host on it. */
export class TokenFile {
  readonly path: string;
  #token: string;
  #stamp: string;

  private constructor(path: string, token: string, stamp: string) {
    this.path = path;
    this.#token = token;
    this.#stamp = stamp;
  }

  /**
   * Reads the token, or makes it: two hosts that start at once end with the same one. Where the
   * folder can't be written the token lives in memory only, and `onTrouble` gets a sentence.
   */
  static async open(dataDir: string, onTrouble: (sentence: string) => void): Promise<TokenFile> {
    const path = join(dataDir, "token");
    try {
      ensurePrivateDirectory(dataDir);
      const found = await readToken(path);
      if (found === null) await makeToken(path);
      const token = found ?? (await readToken(path));
      if (token !== null) return new TokenFile(path, token, fileStamp(path));
      onTrouble(
        `${path} is empty or was taken away: this host has a token of its own until it is restarted.`,
      );
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      onTrouble(
        `The API token can't be kept in ${path} (${reason}): this host has one of its own until it stops.`,
      );
    }
    return new TokenFile(path, randomSecret(), "");
  }

  /** The token as it is now: another host on the same folder may have rotated it. */
  async current(): Promise<string> {
    const stamp = fileStamp(this.path);
    if (stamp !== "" && stamp !== this.#stamp) {
      const token = await readToken(this.path).catch(() => null);
      if (token !== null) {
        this.#token = token;
        this.#stamp = stamp;
      }
    }
    return this.#token;
  }

  async matches(candidate: string): Promise<boolean> {
    return secretsEqual(candidate, await this.current());
  }

  /** Throws `cannot_accept` where the new token can't be kept; the old one then stays. */
  async rotate(): Promise<string> {
    const token = randomSecret();
    try {
      await replaceFile(this.path, `${token}\n`);
    } catch (error) {
      throw new WaybillError(
        "cannot_accept",
        `The new token can't be written to ${this.path}. Give its folder write permission and try again; the old token stays.`,
        { cause: error },
      );
    }
    this.#token = token;
    this.#stamp = fileStamp(this.path);
    return token;
  }
}

async function readToken(path: string): Promise<string | null> {
  try {
    return (await readFile(path, "utf8")).trim() || null;
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null;
    throw error;
  }
}

async function makeToken(path: string): Promise<void> {
  try {
    await createFile(path, `${randomSecret()}\n`);
  } catch (error) {
    if (errnoOf(error) !== "EEXIST") throw error;
  }
}
