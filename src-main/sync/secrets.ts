/** What is secret of the sinks, by the name of its environment variable. */
export type SecretName = "RABBITMQ_PASSWORD" | "SUPABASE_KEY";

/** Where secrets are kept: the environment on a headless host, the keychain in the desktop app. */
export type SecretStore = {
  /** Null where there is none. Rejects where the store can't be read; the message says what to do. */
  get: (name: SecretName) => Promise<string | null>;
  /** Null where secrets can't be set from here. */
  set: ((name: SecretName, value: string | null) => Promise<void>) | null;
};

/** Reads the environment, which holds what `.env` gave. */
export function environmentSecrets(environment: Readonly<Record<string, string | undefined>>): SecretStore {
  return { get: async (name) => environment[name] || null, set: null };
}
