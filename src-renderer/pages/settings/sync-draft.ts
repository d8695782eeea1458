import type { SyncSettings } from "../../../src-shared/contract/sync-settings.ts";

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

const FILES = ["ca_file", "cert_file", "key_file", "supabase_ca_file"] as const;
const MAX_PORT = 65_535;

/** What the draft stands for, or a sentence for each field that is wrong. */
export function readSyncDraft(
  draft: SyncDraft,
): { sync: SyncSettings; errors: null } | { sync: null; errors: SyncErrors } {
  const errors = findErrors(draft);
  if (Object.keys(errors).length > 0) return { sync: null, errors };
  return {
    sync: {
      rabbitmq: {
        enabled: draft.rabbitmq,
        host: text(draft.host),
        port: number(draft.port),
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
      behind_warning: number(draft.behind_warning) ?? 1,
      delete_unsent: draft.delete_unsent,
    },
    errors: null,
  };
}

function findErrors(draft: SyncDraft): SyncErrors {
  const errors: SyncErrors = {};
  if (/[/@\s]/.test(draft.host.trim())) {
    errors.host = "Write a name or an address alone, without amqp:// and without a user.";
  }
  if (!isWhole(draft.port, MAX_PORT) && draft.port.trim() !== "") {
    errors.port = `Write a port from 1 to ${MAX_PORT}, or leave it empty.`;
  }
  if (!isWhole(draft.behind_warning, Number.MAX_SAFE_INTEGER)) {
    errors.behind_warning = "Write a whole number of changes of at least 1.";
  }
  if (draft.url.trim() !== "" && !isProjectAddress(draft.url.trim())) {
    errors.url = "Write an address like https://project.supabase.co, without a key in it.";
  }
  for (const field of FILES) {
    const file = draft[field].trim();
    if (file !== "" && !/^(\/|\\\\|[A-Za-z]:[\\/])/.test(file)) {
      errors[field] = "Write the whole path, from its root on, or leave it empty.";
    }
  }
  if ((draft.cert_file.trim() === "") !== (draft.key_file.trim() === "")) {
    const missing = draft.cert_file.trim() === "" ? "cert_file" : "key_file";
    errors[missing] ??= "The client's certificate and its key go together: give both, or neither.";
  }
  return errors;
}

function isProjectAddress(address: string): boolean {
  const url = URL.parse(address);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "";
}

function isWhole(typed: string, most: number): boolean {
  const digits = typed.trim().replaceAll(",", "");
  return /^\d+$/.test(digits) && Number(digits) >= 1 && Number(digits) <= most;
}

function number(typed: string): number | null {
  const digits = typed.trim().replaceAll(",", "");
  return digits === "" ? null : Number(digits);
}

function text(typed: string): string | null {
  return typed.trim() || null;
}
