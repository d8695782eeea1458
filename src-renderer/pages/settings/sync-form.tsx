import { useQueryClient } from "@tanstack/react-query";
import { type ComponentProps, type FormEvent, useId, useState } from "react";
import type { SyncSettings } from "../../../src-shared/contract/sync-settings.ts";
import { procedureKey, useInvalidate, useMutationProcedure } from "../../api/hooks.ts";
import { Button } from "../../ui/button.tsx";
import { Select } from "../../ui/select.tsx";
import { Switch } from "../../ui/switch.tsx";
import { FieldError, TextField } from "../../ui/text-field.tsx";
import { useToast } from "../../ui/toast.tsx";
import styles from "./retention-form.module.css";
import { readSyncDraft, type SyncDraft, toSyncDraft } from "./sync-draft.ts";

const QUEUE_TYPES = [
  { value: "quorum", label: "Quorum: kept on several nodes" },
  { value: "classic", label: "Classic" },
];

type TextKey = {
  [K in keyof SyncDraft]: SyncDraft[K] extends string ? (string extends SyncDraft[K] ? K : never) : never;
}[keyof SyncDraft];

/** `saved` is what the host keeps to. */
export function SyncForm({ saved }: { saved: SyncSettings }) {
  const id = useId();
  const [edited, setEdited] = useState<SyncDraft | null>(null);
  const toast = useToast();
  const queries = useQueryClient();
  const invalidate = useInvalidate();
  const save = useMutationProcedure("settings.set", {
    onSuccess: (settings) => {
      queries.setQueryData(procedureKey("settings.get", {}), settings);
      invalidate("sync.status");
      setEdited(null);
      toast.show({ title: "Forwarding saved", tone: "success" });
    },
  });
  const draft = edited ?? toSyncDraft(saved);
  const { sync, errors } = readSyncDraft(draft);
  const isChanged = JSON.stringify(draft) !== JSON.stringify(toSyncDraft(saved));
  const change = (patch: Partial<SyncDraft>) => {
    save.reset();
    setEdited({ ...draft, ...patch });
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (sync !== null) save.mutate({ sync });
  };
  const text = (field: TextKey, label: string, placeholder = ""): ComponentProps<typeof TextField> => ({
    label,
    placeholder,
    error: errors[field],
    value: draft[field],
    onChange: (event) => change({ [field]: event.target.value }),
  });
  return (
    <form className={styles.form} noValidate onSubmit={submit}>
      <Switch
        checked={draft.rabbitmq}
        label="Forward to RabbitMQ"
        hint="Once its address is known, from here or as RABBITMQ_URL."
        onCheckedChange={(rabbitmq) => change({ rabbitmq })}
      />
      {draft.rabbitmq && (
        <>
          <div className={styles.limits}>
            <TextField {...text("host", "Host", "from the environment")} />
            <TextField {...text("port", "Port", draft.tls ? "5671" : "5672")} inputMode="numeric" />
            <TextField {...text("user", "User", "guest")} />
            <TextField {...text("vhost", "Virtual host", "/")} />
          </div>
          <Switch checked={draft.tls} label="Encrypt with TLS" onCheckedChange={(tls) => change({ tls })} />
          {draft.tls && (
            <div className={styles.limits}>
              <TextField {...text("ca_file", "Authority (PEM file)", "the system's")} />
              <TextField {...text("cert_file", "Client certificate (PEM file)")} />
              <TextField {...text("key_file", "Client key (PEM file)")} />
            </div>
          )}
          <Select
            label="Type of the queues"
            value={draft.queue_type}
            options={QUEUE_TYPES}
            onValueChange={(value) => change({ queue_type: value === "classic" ? "classic" : "quorum" })}
          />
        </>
      )}
      <Switch
        checked={draft.supabase}
        label="Forward to Supabase"
        hint="Once SUPABASE_KEY is in the environment, and the address there or here."
        onCheckedChange={(supabase) => change({ supabase })}
      />
      {draft.supabase && (
        <>
          <div className={styles.limits}>
            <TextField {...text("url", "Project address", "from the environment")} type="url" />
            <TextField {...text("supabase_ca_file", "Authority (PEM file)", "the system's")} />
          </div>
          <Switch
            checked={draft.reconcile_nightly}
            label="Compare with the ledger each night"
            onCheckedChange={(reconcile_nightly) => change({ reconcile_nightly })}
          />
        </>
      )}
      <TextField
        {...text("behind_warning", "Warn when a sink is further behind than")}
        after={<span className="muted">changes</span>}
        inputMode="numeric"
      />
      <Switch
        checked={draft.delete_unsent}
        label="Let retention delete what a sink has not had"
        hint="Off: such messages are kept until they are sent, however old they are."
        onCheckedChange={(delete_unsent) => change({ delete_unsent })}
      />
      <FieldError error={save.error?.message} id={`${id}-error`} />
      <div className={styles.actions}>
        <Button busy={save.isPending} disabled={!isChanged || sync === null} type="submit" variant="primary">
          Save
        </Button>
        {isChanged && <Button onClick={() => setEdited(null)}>Discard</Button>}
      </div>
    </form>
  );
}
