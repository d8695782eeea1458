import type { SinkName } from "../../src-shared/contract/sync-counts.ts";
import type { SyncSettings } from "../../src-shared/contract/sync-settings.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import type { Configured } from "../sync/forwarding.ts";
import { rabbitmqOptions } from "../sync/rabbitmq/config.ts";
import type { SecretStore } from "../sync/secrets.ts";
import type { RabbitMqOptions } from "../sync/sink.ts";
import { supabaseOptions } from "../sync/supabase/config.ts";

/** Where addresses and secrets come from besides the settings; the environment comes first. */
export type SyncSources = {
  secrets: SecretStore;
  environment: Readonly<Record<string, string | undefined>>;
};

/** What to connect to, and what is wrong with that. `always`: also a sink that is switched off, to try its connection. Never rejects. */
export async function syncConfig(
  { secrets, environment }: SyncSources,
  { rabbitmq, supabase }: SyncSettings,
  always: boolean,
): Promise<Configured> {
  const faults: Configured["faults"] = {};
  const attempt = async <T>(
    sink: SinkName,
    isOn: boolean,
    make: () => Promise<T | null>,
  ): Promise<T | null> => {
    if (!isOn && !always) return null;
    try {
      return await make();
    } catch (error) {
      faults[sink] = error instanceof WaybillError ? error.message : String(error);
      return null;
    }
  };
  return {
    rabbitmq: await attempt("rabbitmq", rabbitmq.enabled, async () =>
      rabbitmqOptions(environment, rabbitmq, await secrets.get("RABBITMQ_PASSWORD")),
    ),
    supabase: await attempt("supabase", supabase.enabled, async () =>
      supabaseOptions(environment, supabase, await secrets.get("SUPABASE_KEY")),
    ),
    faults,
  };
}

/** The broker that this host is to use; null where it is off. Throws `invalid` where it is not configured rightly. */
export async function rabbitmqOf(
  sources: SyncSources,
  settings: SyncSettings,
): Promise<RabbitMqOptions | null> {
  const { rabbitmq, faults } = await syncConfig(sources, settings, false);
  if (faults.rabbitmq !== undefined) throw new WaybillError("invalid", faults.rabbitmq);
  return rabbitmq;
}
