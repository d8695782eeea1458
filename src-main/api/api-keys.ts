import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { WaybillError } from "../../src-shared/errors.ts";
import { formatOptionalTime, formatTime } from "../../src-shared/time.ts";
import { ensurePrivateDirectory } from "../ledger/data-dir.ts";
import { ApiKeyUses } from "./api-key-uses.ts";
import { errnoOf, replaceFile } from "./atomic-file.ts";
import { withFileLock } from "./file-lock.ts";
import { fileStamp } from "./file-stamp.ts";
import { SCOPES } from "./scopes.ts";
import { randomSecret } from "./token-file.ts";

const ID_BYTES = 6;
const KEY = /^wb_([0-9a-f]{12})_([\w-]{43})$/;

export const MAX_KEY_NAME = 80;
export const MAX_RATE = 1_000_000;

const name = z
  .string()
  .trim()
  .min(1, "give the key a name")
  .max(MAX_KEY_NAME, `a name has at most ${MAX_KEY_NAME} characters`)
  .regex(/^[^\p{Cc}\p{Cf}]*$/u, "has characters that can't be shown");

const apiKeySchema = z.object({
  id: z.string(),
  name,
  scopes: z.array(z.enum(SCOPES)).min(1, "name at least one scope"),
  /**
   * Of the secret, in hex. Not bcrypt or its like, which make guessing a password slow: 256 random bits can't be
   * guessed, and every request would pay for it.
   */
  secret_sha256: z.string().regex(/^[0-9a-f]{64}$/),
  created_ts: z.string(),
  expires_ts: z.string().nullable(),
  rate_per_minute: z.int().min(1).max(MAX_RATE).nullable(),
});
const fileSchema = z.object({ keys: z.array(apiKeySchema) });

export type ApiKey = z.infer<typeof apiKeySchema>;
/** What may be shown of a key: its secret, which nobody has but its owner, not even by its hash. */
export type ShownKey = Omit<ApiKey, "secret_sha256"> & { last_used_ts: string | null };

export type KeyInput = {
  name: string;
  scopes: ApiKey["scopes"];
  /** Milliseconds since 1970; null for a key that stays good. */
  expires: number | null;
  rate_per_minute: number | null;
};

export type KeyVerdict =
  | { state: "good"; key: ApiKey }
  | { state: "expired"; key: ApiKey }
  | { state: "unknown" };

/** Whether a text has the form of a key, which no token has: that is shorter. */
export function isKey(secret: string): boolean {
  return KEY.test(secret);
}

export function hasExpired({ expires_ts }: Pick<ApiKey, "expires_ts">): boolean {
  return expires_ts !== null && Date.parse(expires_ts) <= Date.now();
}

function hash(secret: string): Buffer {
  return createHash("sha256").update(secret).digest();
}

function sameName(left: string, right: string): boolean {
  return left.toLowerCase() === right.toLowerCase();
}

/**
 * The API keys of a data directory, in `api-keys.json`: hashes only. Every host and command on it sees a key that
 * another one made or revoked with its next request.
 */
export class ApiKeys {
  readonly path: string;
  readonly #onTrouble: (sentence: string) => void;
  readonly #uses: ApiKeyUses;
  #keys = new Map<string, ApiKey>();
  #stamp = "";
  /** The file that trouble was told of. */
  #told = "";

  constructor(dataDir: string, onTrouble: (sentence: string) => void) {
    this.path = join(dataDir, "api-keys.json");
    this.#onTrouble = onTrouble;
    this.#uses = new ApiKeyUses(dataDir, onTrouble);
  }

  /** Whose key this is, and whether it is still good. Notes its use. Never rejects. */
  async check(candidate: string): Promise<KeyVerdict> {
    const [, id = "", secret = ""] = KEY.exec(candidate) ?? [];
    const key = await this.find(id);
    if (key === null || !timingSafeEqual(hash(secret), Buffer.from(key.secret_sha256, "hex")))
      return { state: "unknown" };
    if (hasExpired(key)) return { state: "expired", key };
    this.#uses.note(key.id);
    return { state: "good", key };
  }

  /** As it is now; null where there is none of this id. A file that is not right has no keys, and is told. */
  async find(id: string): Promise<ApiKey | null> {
    const stamp = fileStamp(this.path);
    if (stamp !== this.#stamp) {
      try {
        this.#keys = new Map((await this.#read()).map((key) => [key.id, key]));
        this.#stamp = stamp;
      } catch (error) {
        // A key of before may be one that was revoked since. The next request tries again.
        this.#keys = new Map();
        if (stamp !== this.#told) this.#onTrouble(`No API key is taken: ${(error as Error).message}`);
        this.#told = stamp;
      }
    }
    return this.#keys.get(id) ?? null;
  }

  /** Oldest first. Throws `unavailable` where the file can't be read. */
  async list(): Promise<ShownKey[]> {
    const uses = await this.#uses.read();
    return (await this.#read()).map(({ secret_sha256: _hash, ...key }) => ({
      ...key,
      last_used_ts: uses[key.id] ?? null,
    }));
  }

  /**
   * Makes a key; `secret` is told this once. Throws `invalid` for fields that are not right, `conflict` where the name
   * is taken, `unavailable` and `cannot_accept` where the file can't be read or written.
   */
  async create({ expires, ...input }: KeyInput): Promise<{ secret: string; key: ApiKey }> {
    const random = randomSecret();
    const made = apiKeySchema.safeParse({
      ...input,
      id: randomBytes(ID_BYTES).toString("hex"),
      secret_sha256: hash(random).toString("hex"),
      created_ts: formatTime(Date.now()),
      expires_ts: formatOptionalTime(expires),
    });
    if (!made.success) {
      const [issue] = made.error.issues;
      throw new WaybillError(
        "invalid",
        `${issue?.path.join(".") ?? "The key"}: ${issue?.message ?? "is not valid"}.`,
      );
    }
    const key = made.data;
    await this.#change((keys) => {
      if (keys.some((each) => sameName(each.name, key.name))) {
        throw new WaybillError(
          "conflict",
          `There is a key "${key.name}" already. Choose another name, or revoke that one first: waybill keys revoke "${key.name}"`,
        );
      }
      return { keys: [...keys, key], concerned: key };
    });
    return { secret: `wb_${key.id}_${random}`, key };
  }

  /** Ends a key at once, and gives what it was. Throws `not_found`, and as `create`. */
  revoke(wanted: string): Promise<ApiKey> {
    return this.#change((keys) => {
      const concerned = keys.find((key) => sameName(key.name, wanted.trim()));
      if (concerned === undefined)
        throw new WaybillError("not_found", `There is no key "${wanted}". List them with: waybill keys list`);
      return { keys: keys.filter((key) => key !== concerned), concerned };
    });
  }

  /** Writes down the last uses. */
  close(): Promise<void> {
    return this.#uses.close();
  }

  /** Throws what `make` throws, with nothing changed. */
  async #change(
    make: (keys: readonly ApiKey[]) => { keys: readonly ApiKey[]; concerned: ApiKey },
  ): Promise<ApiKey> {
    try {
      ensurePrivateDirectory(join(this.path, ".."));
      return await withFileLock(`${this.path}.lock`, async () => {
        const { keys, concerned } = make(await this.#read());
        await replaceFile(this.path, `${JSON.stringify({ keys }, null, 2)}\n`);
        return concerned;
      });
    } catch (error) {
      if (error instanceof WaybillError) throw error;
      throw new WaybillError(
        "cannot_accept",
        `The keys can't be written to ${this.path}. Give its folder write permission and some space, and try again; nothing has changed.`,
        { cause: error },
      );
    }
  }

  /** Throws `unavailable` for a file that can't be read or is none of ours: it is never written over. */
  async #read(): Promise<ApiKey[]> {
    let text: string;
    try {
      text = await readFile(this.path, "utf8");
    } catch (error) {
      if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return [];
      throw new WaybillError("unavailable", `${this.path} can't be read (${errnoOf(error)}).`, {
        cause: error,
      });
    }
    try {
      return fileSchema.parse(JSON.parse(text)).keys;
    } catch (error) {
      throw new WaybillError(
        "unavailable",
        `${this.path} is damaged. Correct it, or delete it and create the keys anew.`,
        { cause: error },
      );
    }
  }
}
