import { type SyncSettings, syncSettingsSchema } from "../../../src-shared/contract/sync-settings.ts";

/** The settings as they are typed: empty for what the environment gives. */
export type SyncDraft = {
  rabbitmq: boolean;
  host: string;
  port: string;
  user: string;
  vhost: string;
  tls: boolean;
  ca_file: string;
  cert_file: string;
  key_file: string;
  queue_type: "quorum" | "classic";
  supabase: boolean;
  url: string;
  supabase_ca_file: string;
  reconcile_nightly: boolean;
  behind_warning: string;
  delete_unsent: boolean;
};

export function toSyncDraft({ rabbitmq, supabase, behind_warning, delete_unsent }: SyncSettings): SyncDraft {
  return {
    rabbitmq: rabbitmq.enabled,
    host: rabbitmq.host ?? "",
    port: rabbitmq.port === null ? "" : String(rabbitmq.port),
    user: rabbitmq.user ?? "",
    vhost: rabbitmq.vhost ?? "",
    tls: rabbitmq.tls,
    ca_file: rabbitmq.ca_file ?? "",
    cert_file: rabbitmq.cert_file ?? "",
    key_file: rabbitmq.key_file ?? "",
    queue_type: rabbitmq.queue_type,
    supabase: supabase.enabled,
    url: supabase.url ?? "",
    supabase_ca_file: supabase.ca_file ?? "",
    reconcile_nightly: supabase.reconcile_nightly,
    behind_warning: String(behind_warning),
    delete_unsent,
  };
}

export type SyncErrors = Partial<Record<keyof SyncDraft, string>>;

/** The settings, or what is wrong with which field. */
export function readSyncDraft(draft: SyncDraft): { sync: SyncSettings | null; errors: SyncErrors } {
  const errors: SyncErrors = {};
  const port = draft.port.trim() === "" ? null : Number(draft.port);
  if (port !== null && !(Number.isInteger(port) && port >= 1 && port <= 65_535))
    errors.port = "A whole number from 1 to 65535, or empty.";
  const behind = Number(draft.behind_warning);
  if (!Number.isInteger(behind) || behind < 1) errors.behind_warning = "A whole number above 0.";
  if (draft.url.trim() !== "" && !/^https?:\/\/\S+$/.test(draft.url.trim()))
    errors.url = "An address like https://project.supabase.co, or empty.";
  if (Object.keys(errors).length > 0) return { sync: null, errors };
  const text = (value: string): string | null => value.trim() || null;
  const parsed = syncSettingsSchema.safeParse({
    rabbitmq: {
      enabled: draft.rabbitmq,
      host: text(draft.host),
      port,
      user: text(draft.user),
      vhost: text(draft.vhost),
      tls: draft.tls,
      ca_file: text(draft.ca_file),
      cert_file: text(draft.cert_file),
      key_file: text(draft.key_file),
      queue_type: draft.queue_type,
    },
    supabase: {
      enabled: draft.supabase,
      url: text(draft.url),
      ca_file: text(draft.supabase_ca_file),
      reconcile_nightly: draft.reconcile_nightly,
    },
    behind_warning: behind,
    delete_unsent: draft.delete_unsent,
  });
  if (parsed.success) return { sync: parsed.data, errors };
  return { sync: null, errors: { url: parsed.error.issues[0]?.message ?? "It is not valid." } };
}
