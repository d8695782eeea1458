import { mkdir, readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { WaybillError } from "../../src-shared/errors.ts";
import { errnoOf, replaceFile } from "../api/atomic-file.ts";
import type { SecretName, SecretStore } from "../sync/secrets.ts";

/** What is used of Electron's `safeStorage`, whose key is in the system's keychain. */
export type SafeStorage = {
  isEncryptionAvailable(): boolean;
  /** Only on Linux. */
  getSelectedStorageBackend?(): string;
  encryptString(text: string): Buffer;
  decryptString(encrypted: Buffer): string;
};

export type KeychainOptions = {
  /** Holds each secret encrypted. */
  path: string;
  storage: SafeStorage;
  /** Asked for what the keychain does not hold. */
  environment: Readonly<Record<string, string | undefined>>;
};

/** Secrets of the sinks, encrypted by a key of the OS keychain. Never in plain text: without a keychain, `set` rejects. */
export function keychainSecrets({ path, storage, environment }: KeychainOptions): SecretStore {
  let writing: Promise<void> = Promise.resolve();
  return {
    async get(name) {
      const encrypted = (await readSecrets(path))[name];
      if (encrypted === undefined) return environment[name] || null;
      try {
        return storage.decryptString(Buffer.from(encrypted, "base64"));
      } catch (cause) {
        throw new WaybillError(
          "unavailable",
          `${name} can't be read from the keychain. Unlock it and try again, or enter the secret anew.`,
          { cause },
        );
      }
    },
    set(name, value) {
      const written = writing.then(() => write(name, value));
      writing = written.catch(() => undefined);
      return written;
    },
  };

  async function write(name: SecretName, value: string | null): Promise<void> {
    if (value !== null) requireKeychain(storage);
    const secrets = { ...(await readSecrets(path)) };
    if (value === null) delete secrets[name];
    else secrets[name] = storage.encryptString(value).toString("base64");
    try {
      await mkdir(dirname(path), { recursive: true, mode: 0o700 });
      await replaceFile(path, `${JSON.stringify(secrets, null, 2)}\n`);
    } catch (cause) {
      throw new WaybillError(
        "cannot_accept",
        `The secret can't be kept in ${path} (${errnoOf(cause)}). Give its folder write permission and some space.`,
        { cause },
      );
    }
  }
}

/** Throws `unavailable`. Without a keyring Chromium would encrypt with a key that everyone knows. */
function requireKeychain(storage: SafeStorage): void {
  const isPlain = storage.getSelectedStorageBackend?.() === "basic_text";
  if (storage.isEncryptionAvailable() && !isPlain) return;
  throw new WaybillError(
    "unavailable",
    "This system has no keychain to keep the secret in. Install and unlock one (GNOME Keyring, KWallet), or set it in the environment or a .env file of the data folder.",
  );
}

async function readSecrets(path: string): Promise<Partial<Record<SecretName, string>>> {
  try {
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    return typeof value === "object" && value !== null ? value : {};
  } catch (error) {
    // None was ever set, or the file is damaged: the environment and entering it anew are the ways out.
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR" || error instanceof SyntaxError)
      return {};
    throw new WaybillError(
      "unavailable",
      `${path} can't be read (${errnoOf(error)}). Give it back its permissions.`,
      { cause: error },
    );
  }
}
